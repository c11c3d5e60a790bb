//! A finished chunk as plain data: both streams, their digests, roots, ranges and the witness. Made by `da/seal.rs`.

use super::witness::ChunkWitness;
use crate::primitives::{Address, Fr};

/// A payment on L1 before its token's address is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Token index.
    pub token: u16,
    /// Amount in the token's smallest unit.
    pub amount: u128,
    /// Who is paid.
    pub recipient: Address,
}

/// A sealed chunk.
#[derive(Clone, Debug)]
pub struct SealedChunk {
    /// Transaction stream, header included.
    pub transactions: Vec<u8>,
    /// Operation stream.
    pub operations: Vec<u8>,
    /// Digest chain of the transaction stream after this chunk.
    pub tx_c: Fr,
    /// Digest chain of the operation stream after this chunk.
    pub op_c: Fr,
    /// Root before.
    pub old_root: Fr,
    /// Root after.
    pub new_root: Fr,
    /// Root of the batch's id tree after this chunk.
    pub id_root: Fr,
    /// First sequence number.
    pub first_sequence: u64,
    /// End of the sequence numbers, exclusive.
    pub end_sequence: u64,
    /// First queue entry.
    pub first_queue: u64,
    /// End of the queue entries, exclusive.
    pub end_queue: u64,
    /// Payments on L1, in stream order.
    pub payments: Vec<Payment>,
    /// Everything the prover needs but z.
    pub witness: ChunkWitness,
    /// Items.
    pub items: u32,
}
