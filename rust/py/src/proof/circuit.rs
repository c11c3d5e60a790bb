//! The one circuit of this package: compiled on first use, then shared by keys, checks and verification.
//!
//! What it is not: a key. A verifier needs only this and the bytes of a verifying key.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use l2rollup_core::batch::{Capacity, ChunkWitness};
use l2rollup_core::circuit::builder::Labels;
use l2rollup_core::circuit::transcript::TRANSCRIPTS;
use l2rollup_core::circuit::{self, Assigned, CircuitError, Finished};
use l2rollup_core::primitives::Fr;
use plonk::{FixedTrace, Relation, VerifyingKey};

use crate::errors::Failure;

/// Relation, fixed trace and names of the leaf circuit.
pub struct Circuit {
    pub capacity: Capacity,
    pub relation: Relation,
    pub fixed: FixedTrace,
    pub labels: Labels,
    pub digest: [u8; 32],
    /// Label, rows, cells of each part.
    pub parts: Vec<(String, usize, usize)>,
}

impl Circuit {
    fn compile() -> Result<Self, CircuitError> {
        let capacity = Capacity::leaf();
        let compiled = circuit::compile(&capacity)?;
        let parts = compiled.parts().into_iter().map(|part| (part.label, part.rows, part.cells)).collect();
        let Finished { relation, fixed, labels, digest, .. } = compiled;
        Ok(Self { capacity, relation, fixed, labels, digest, parts })
    }

    /// The compiled circuit.
    pub fn get() -> Result<&'static Self, Failure> {
        static CIRCUIT: OnceLock<Result<Circuit, CircuitError>> = OnceLock::new();
        CIRCUIT.get_or_init(Self::compile).as_ref().map_err(|error| error.clone().into())
    }

    /// Cells of a chunk, from the bytes of its witness.
    pub fn assign(&self, witness: &[u8], z: Fr) -> Result<Assigned, Failure> {
        let witness = ChunkWitness::from_bytes(witness)?;
        Ok(circuit::assign_cells(&self.capacity, &witness, z)?)
    }

    /// The verifying key of these bytes; the last one is kept, because a verifier asks for the same one again.
    pub fn verifying_key(&self, bytes: &[u8]) -> Result<Arc<VerifyingKey>, Failure> {
        static LAST: Mutex<Option<(Vec<u8>, Arc<VerifyingKey>)>> = Mutex::new(None);
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, key)) = last.as_ref() {
            if known == bytes {
                return Ok(Arc::clone(key));
            }
        }
        let key = Arc::new(VerifyingKey::from_bytes_with(&self.relation, &TRANSCRIPTS, bytes)?);
        *last = Some((bytes.to_vec(), Arc::clone(&key)));
        Ok(key)
    }
}
