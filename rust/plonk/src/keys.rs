//! Proving and verifying keys. A key's digest covers the shape, the compiled identities, every fixed commitment and the ceremony.

use std::sync::{Arc, OnceLock};

use ark_bn254::{Fr, G1Affine, G2Affine};
use ark_ff::{FftField, Field, PrimeField};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use rayon::prelude::*;
use sha3::{Digest, Keccak256};

use crate::arithmetization::expr::Leaf;
use crate::arithmetization::periodic::PeriodicForm;
use crate::arithmetization::program::Program;
use crate::arithmetization::relation::Relation;
use crate::arithmetization::trace::FixedTrace;
use crate::error::PlonkError;
use crate::fft::{Direction, Transform};
use crate::msm::{msm, Bases};
use crate::schema::Schema;
use crate::srs::Srs;
use crate::transcript::{point_bytes, scalar_bytes, TranscriptHash};

/// What a verifier needs.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    /// The relation (columns, periodic values, identities).
    pub relation: Relation,
    /// The compiled identities.
    pub program: Program,
    /// Message order.
    pub schema: Schema,
    /// Periodic columns, ready for evaluation.
    pub periodic: Vec<PeriodicForm>,
    /// Commitments to the fixed columns.
    pub fixed: Vec<G1Affine>,
    /// Commitments to the permutation columns.
    pub sigma: Vec<G1Affine>,
    /// G2 generator and tau G2.
    pub g2: [G2Affine; 2],
    /// EIP-197 words of both.
    pub g2_words: [[u8; 32]; 8],
    /// Name of the ceremony.
    pub setup: String,
    /// The hash that draws the challenges.
    pub transcript: TranscriptHash,
    /// Keccak digest of all of the above.
    pub digest: [u8; 32],
}

/// What a prover needs.
#[derive(Clone, Debug)]
pub struct ProvingKey {
    /// The verifying key.
    pub vk: VerifyingKey,
    /// Fixed columns and copies.
    pub trace: FixedTrace,
    /// Values of the permutation columns.
    pub sigma_values: Vec<Vec<Fr>>,
    /// Coefficients of the fixed columns.
    pub fixed_polys: Vec<Vec<Fr>>,
    /// Coefficients of the permutation columns.
    pub sigma_polys: Vec<Vec<Fr>>,
    /// Powers of tau, n of them.
    pub powers: Vec<G1Affine>,
    /// Commitments to the Lagrange polynomials.
    pub lagrange: Vec<G1Affine>,
    /// What every proof evaluates anew unless it is kept.
    pub(crate) cosets: FixedCosets,
}

/// Values of the fixed and the permutation columns on the cosets of the quotient, made by the first proof and kept by the key; of keys
/// whose values take more than 256 MiB nothing is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct FixedCosets(Arc<OnceLock<Vec<Vec<Vec<Fr>>>>>);

impl FixedCosets {
    const MOST_BYTES: usize = 256 << 20;

    /// By coset, the values of the columns given by their coefficients; `evaluate` makes those of one coset.
    pub(crate) fn get(
        &self,
        columns: &[&[Fr]],
        cosets: usize,
        evaluate: impl Fn(usize, &[&[Fr]]) -> Result<Vec<Vec<Fr>>, PlonkError>,
    ) -> Result<Option<&[Vec<Vec<Fr>>]>, PlonkError> {
        let elements: usize = columns.iter().map(|c| c.len()).sum();
        if elements * cosets * size_of::<Fr>() > Self::MOST_BYTES {
            return Ok(None);
        }
        if self.0.get().is_none() {
            let made = (0..cosets).map(|k| evaluate(k, columns)).collect::<Result<Vec<_>, _>>()?;
            self.0.get_or_init(|| made);
        }
        Ok(self.0.get().map(Vec::as_slice))
    }
}

/// What the bytes of a verifying key hold; the rest is derived from the relation.
#[derive(CanonicalSerialize, CanonicalDeserialize)]
struct StoredVerifying {
    digest: [u8; 32],
    fixed: Vec<G1Affine>,
    sigma: Vec<G1Affine>,
    g2: Vec<G2Affine>,
}

/// Everything a key cache stores; the rest is derived.
#[derive(CanonicalSerialize, CanonicalDeserialize)]
struct Stored {
    digest: Vec<u8>,
    fixed: Vec<G1Affine>,
    sigma: Vec<G1Affine>,
    lagrange: Vec<G1Affine>,
}

/// Permutation values: cell (column i, row j) holds k_i' omega^j' of the next cell of its cycle (ePrint 2019/953, section 5.2).
fn sigma_values(relation: &Relation, trace: &FixedTrace) -> Result<Vec<Vec<Fr>>, PlonkError> {
    let n = relation.n();
    let columns = &relation.copy_columns;
    let index = |cell: (usize, usize)| -> Result<usize, PlonkError> {
        let c = columns.iter().position(|c| *c == cell.0);
        match c {
            Some(c) if cell.1 < n => Ok(c * n + cell.1),
            _ => Err(PlonkError::shape("copied cell", "a row of a copy column", format!("{cell:?}"))),
        }
    };
    let mut next: Vec<usize> = (0..columns.len() * n).collect();
    let mut root: Vec<usize> = next.clone();
    fn find(root: &mut [usize], mut x: usize) -> usize {
        while root[x] != x {
            root[x] = root[root[x]];
            x = root[x];
        }
        x
    }
    for (a, b) in &trace.copies {
        let (a, b) = (index(*a)?, index(*b)?);
        let (ra, rb) = (find(&mut root, a), find(&mut root, b));
        if ra != rb {
            root[ra] = rb;
            next.swap(a, b);
        }
    }
    let domain = domain(n)?;
    let omegas: Vec<Fr> = domain.elements().collect();
    let shifts: Vec<Fr> = (0..columns.len()).map(Relation::coset_shift).collect();
    Ok((0..columns.len())
        .map(|c| (0..n).map(|j| next[c * n + j]).map(|t| shifts[t / n] * omegas[t % n]).collect())
        .collect())
}

pub(crate) fn domain(n: usize) -> Result<Radix2EvaluationDomain<Fr>, PlonkError> {
    Radix2EvaluationDomain::new(n).ok_or_else(|| PlonkError::shape("rows", "a power of two up to 2^28", n))
}

fn commit_all(bases: &[G1Affine], columns: &[Vec<Fr>]) -> Vec<G1Affine> {
    let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
    Bases::new(bases).msm_columns(&columns).into_iter().map(Into::into).collect()
}

fn interpolate(n: usize, columns: &[Vec<Fr>]) -> Result<Vec<Vec<Fr>>, PlonkError> {
    Ok(Transform::cached(n, Direction::Inverse)?.apply_all(columns))
}

/// Makes the keys of a relation.
///
/// # Errors
/// `PlonkError` when the relation, the trace or the setup does not fit.
pub fn keygen(relation: &Relation, trace: &FixedTrace, srs: &Srs) -> Result<ProvingKey, PlonkError> {
    keygen_over(relation, trace, srs, srs.lagrange(relation.n())?)
}

/// The same with `lagrange` as [`Srs::lagrange`] gave it for this number of rows before: it takes the most time of a key.
///
/// # Errors
/// As [`keygen`]; a basis of another size is `PlonkError::Shape`, one of another setup gives keys that prove nothing.
pub fn keygen_over(
    relation: &Relation,
    trace: &FixedTrace,
    srs: &Srs,
    lagrange: Vec<G1Affine>,
) -> Result<ProvingKey, PlonkError> {
    if lagrange.len() != relation.n() {
        return Err(PlonkError::shape("Lagrange basis", relation.n(), lagrange.len()));
    }
    assemble(relation, trace, srs, lagrange, None)
}

fn assemble(
    relation: &Relation,
    trace: &FixedTrace,
    srs: &Srs,
    lagrange: Vec<G1Affine>,
    commitments: Option<(Vec<G1Affine>, Vec<G1Affine>)>,
) -> Result<ProvingKey, PlonkError> {
    relation.validate()?;
    let n = relation.n();
    if trace.fixed.len() != relation.fixed || trace.fixed.iter().any(|c| c.len() != n) {
        return Err(PlonkError::shape("fixed columns", format!("{} x {n}", relation.fixed), trace.fixed.len()));
    }
    if srs.powers.len() < n {
        return Err(PlonkError::srs("powers", format!("at least {n}"), srs.powers.len()));
    }
    let sigma_values = sigma_values(relation, trace)?;
    let (fixed, sigma) = match commitments {
        Some(c) => c,
        None => (commit_all(&lagrange, &trace.fixed), commit_all(&lagrange, &sigma_values)),
    };
    check_selectors(relation, trace)?;
    let vk = VerifyingKey::assemble(relation, fixed, sigma, [srs.h, srs.beta_h])?;
    Ok(ProvingKey {
        fixed_polys: interpolate(n, &trace.fixed)?,
        sigma_polys: interpolate(n, &sigma_values)?,
        vk,
        trace: trace.clone(),
        sigma_values,
        powers: srs.powers[..n].to_vec(),
        lagrange,
        cosets: FixedCosets::default(),
    })
}

/// Selectors of one helper are 0 or 1 and no two are 1 on the same row: only then do its identities fix the helper everywhere.
fn check_selectors(relation: &Relation, trace: &FixedTrace) -> Result<(), PlonkError> {
    for helper in &relation.helpers {
        let program = Program::compile_exprs(helper.groups.iter().map(|g| &g.selector));
        let bad = (0..relation.n()).into_par_iter().find_map_first(|row| {
            let values = program.values(|leaf| match leaf {
                Leaf::Fixed(c) => trace.fixed[c][row],
                Leaf::Periodic(c) => relation.periodic[c][row % relation.periodic[c].len()],
                _ => Fr::from(0u64),
            });
            let on: Vec<Fr> = program.outputs.iter().map(|o| values[*o as usize]).collect();
            let boolean = |x: &Fr| *x == Fr::from(0u64) || *x == Fr::ONE;
            let first = on.iter().position(|x| !boolean(x));
            let total: Fr = on.iter().sum();
            first
                .or_else(|| if boolean(&total) { None } else { on.iter().rposition(|x| *x == Fr::ONE) })
                .map(|g| (g, row))
        });
        if let Some((group, row)) = bad {
            let what = format!("selector of {}", helper.groups[group].label);
            return Err(PlonkError::relation(
                &what,
                "0 or 1, disjoint within its helper",
                format!("not so on row {row}"),
            ));
        }
    }
    Ok(())
}

impl VerifyingKey {
    fn assemble(
        relation: &Relation,
        fixed: Vec<G1Affine>,
        sigma: Vec<G1Affine>,
        g2: [G2Affine; 2],
    ) -> Result<Self, PlonkError> {
        let program = Program::compile(&relation.identities());
        let schema = Schema::new(relation, &program);
        let mut vk = Self {
            relation: relation.clone(),
            program,
            schema,
            periodic: relation.periodic.iter().map(|p| PeriodicForm::of(p)).collect::<Result<_, _>>()?,
            fixed,
            sigma,
            g2,
            g2_words: crate::srs::words_of(&g2),
            setup: crate::srs::ceremony(&g2[1]),
            transcript: TranscriptHash::Keccak,
            digest: [0; 32],
        };
        vk.digest = vk.compute_digest();
        Ok(vk)
    }

    /// Bytes of the key: digest, fixed and permutation commitments, G2 elements. The relation is code, not data, and is not in them.
    ///
    /// # Errors
    /// `PlonkError::Shape` when serialisation fails.
    pub fn to_bytes(&self) -> Result<Vec<u8>, PlonkError> {
        let stored = StoredVerifying {
            digest: self.digest,
            fixed: self.fixed.clone(),
            sigma: self.sigma.clone(),
            g2: self.g2.to_vec(),
        };
        let mut out = Vec::new();
        stored.serialize_compressed(&mut out).map_err(|e| PlonkError::shape("verifying key", "writable", e))?;
        Ok(out)
    }

    /// Rebuilds the key of `relation`; every point is checked, and the digest must be the stored one.
    ///
    /// # Errors
    /// `PlonkError::Shape` when the bytes are damaged, not canonical, or of another relation.
    pub fn from_bytes(relation: &Relation, bytes: &[u8]) -> Result<Self, PlonkError> {
        Self::from_bytes_with(relation, &[TranscriptHash::Keccak], bytes)
    }

    /// [`VerifyingKey::from_bytes`] for a key whose challenges one of these hashes draws: that with which it has its digest.
    ///
    /// # Errors
    /// As `from_bytes`; a key of another transcript has another digest.
    pub fn from_bytes_with(relation: &Relation, known: &[TranscriptHash], bytes: &[u8]) -> Result<Self, PlonkError> {
        relation.validate()?;
        let stored = StoredVerifying::deserialize_compressed(bytes)
            .map_err(|e| PlonkError::shape("verifying key", "a stored key", e))?;
        let sizes = (stored.fixed.len(), stored.sigma.len(), stored.g2.len());
        let expected = (relation.fixed, relation.copy_columns.len(), 2);
        if sizes != expected {
            return Err(PlonkError::shape("verifying key", format!("{expected:?} points"), format!("{sizes:?}")));
        }
        let vk = Self::assemble(relation, stored.fixed, stored.sigma, [stored.g2[0], stored.g2[1]])?;
        let vk = vk.with_transcript_of(known, &stored.digest)?;
        if vk.to_bytes()? != bytes {
            return Err(PlonkError::shape("verifying key", "its canonical bytes", "others"));
        }
        Ok(vk)
    }

    /// Digest of shape, identities, periodic values, fixed commitments and ceremony. The first thing a transcript absorbs.
    #[must_use]
    pub fn compute_digest(&self) -> [u8; 32] {
        let r = &self.relation;
        let mut h = Keccak256::new();
        h.update(b"l2rollup plonk verifying key 1");
        h.update((r.name.len() as u64).to_be_bytes());
        h.update(r.name.as_bytes());
        for x in [r.log_n, r.advice, r.multiplicity, r.fixed, r.instance_len, r.instance_row0, r.helpers.len()] {
            h.update((x as u64).to_be_bytes());
        }
        h.update((r.copy_columns.len() as u64).to_be_bytes());
        for c in &r.copy_columns {
            h.update((*c as u64).to_be_bytes());
        }
        h.update((r.periodic.len() as u64).to_be_bytes());
        for p in &r.periodic {
            h.update((p.len() as u64).to_be_bytes());
            for v in p {
                h.update(crate::transcript::scalar_bytes(v));
            }
        }
        h.update(self.program.digest());
        for p in self.fixed.iter().chain(&self.sigma) {
            h.update(point_bytes(p));
        }
        for w in &self.g2_words {
            h.update(w);
        }
        // All of the above has a length that what precedes it gives, so a key with Keccak is no prefix of another one.
        if let TranscriptHash::Sponge(permutation) = &self.transcript {
            h.update(b"sponge transcript 1");
            h.update((permutation.name.len() as u64).to_be_bytes());
            h.update(permutation.name.as_bytes());
            permutation.answer().iter().for_each(|x| h.update(scalar_bytes(x)));
        }
        if !r.instance_runs.is_empty() {
            h.update(b"public inputs in runs 1");
            h.update((r.instance_runs.len() as u64).to_be_bytes());
            for x in r.instance_runs.iter().flat_map(|run| [run.row0, run.step, run.count]) {
                h.update((x as u64).to_be_bytes());
            }
        }
        h.finalize().into()
    }

    /// The same key with that one of `known` with which it has this digest.
    fn with_transcript_of(self, known: &[TranscriptHash], digest: &[u8]) -> Result<Self, PlonkError> {
        let mut vk = self;
        for transcript in known {
            vk = vk.with_transcript(*transcript);
            if vk.digest == digest {
                return Ok(vk);
            }
        }
        Err(PlonkError::shape("key digest", hex(&vk.digest), hex(digest)))
    }

    /// The same key with another transcript: another digest, so no proof of one is a proof of the other.
    #[must_use]
    pub fn with_transcript(mut self, transcript: TranscriptHash) -> Self {
        self.transcript = transcript;
        self.digest = self.compute_digest();
        self
    }

    /// Generator of the row domain.
    #[must_use]
    pub fn omega(&self) -> Fr {
        Fr::get_root_of_unity(self.relation.n() as u64).unwrap_or(Fr::ONE)
    }
}

impl ProvingKey {
    /// The same key with another transcript, see [`VerifyingKey::with_transcript`].
    #[must_use]
    pub fn with_transcript(mut self, transcript: TranscriptHash) -> Self {
        self.vk = self.vk.with_transcript(transcript);
        self
    }

    /// Bytes for a key cache: digest, commitments and the Lagrange basis.
    ///
    /// # Errors
    /// `PlonkError::Shape` when serialisation fails.
    pub fn to_cache(&self) -> Result<Vec<u8>, PlonkError> {
        let stored = Stored {
            digest: self.vk.digest.to_vec(),
            fixed: self.vk.fixed.clone(),
            sigma: self.vk.sigma.clone(),
            lagrange: self.lagrange.clone(),
        };
        let mut out = Vec::new();
        stored.serialize_uncompressed(&mut out).map_err(|e| PlonkError::shape("key cache", "writable", e))?;
        let sum: [u8; 32] = Keccak256::digest(&out).into();
        out.extend(sum);
        Ok(out)
    }

    /// Rebuilds keys from a cache; the digest of the present relation and trace must be the cached one.
    ///
    /// # Errors
    /// `PlonkError::Shape` when the cache is damaged or of another shape.
    pub fn from_cache(relation: &Relation, trace: &FixedTrace, srs: &Srs, bytes: &[u8]) -> Result<Self, PlonkError> {
        Self::from_cache_with(relation, trace, srs, &[TranscriptHash::Keccak], bytes)
    }

    /// [`ProvingKey::from_cache`] for a key whose challenges one of these hashes draws.
    ///
    /// # Errors
    /// As `from_cache`; a key of another transcript has another digest.
    pub fn from_cache_with(
        relation: &Relation,
        trace: &FixedTrace,
        srs: &Srs,
        known: &[TranscriptHash],
        bytes: &[u8],
    ) -> Result<Self, PlonkError> {
        let split = bytes
            .len()
            .checked_sub(32)
            .ok_or_else(|| PlonkError::shape("key cache", "32 bytes or more", bytes.len()))?;
        let sum: [u8; 32] = Keccak256::digest(&bytes[..split]).into();
        if sum != bytes[split..] {
            return Err(PlonkError::shape("key cache", "its own checksum", "another"));
        }
        let stored = Stored::deserialize_uncompressed_unchecked(&bytes[..split])
            .map_err(|e| PlonkError::shape("key cache", "a stored key", e))?;
        if stored.lagrange.len() != relation.n() {
            return Err(PlonkError::shape("key cache rows", relation.n(), stored.lagrange.len()));
        }
        let mut key = assemble(relation, trace, srs, stored.lagrange, Some((stored.fixed, stored.sigma)))?;
        key.vk = key.vk.with_transcript_of(known, &stored.digest)?;
        key.spot_check()?;
        Ok(key)
    }

    /// Recomputes a random combination of the fixed and permutation commitments and compares.
    fn spot_check(&self) -> Result<(), PlonkError> {
        let n = self.vk.relation.n();
        let d = domain(n)?;
        let seed = Fr::from_be_bytes_mod_order(&self.vk.digest);
        let mut power = seed;
        let mut column = vec![Fr::from(0u64); n];
        let mut scalars = Vec::new();
        for values in self.trace.fixed.iter().chain(&self.sigma_values) {
            column.par_iter_mut().zip(values).for_each(|(a, b)| *a += power * b);
            scalars.push(power);
            power *= seed;
        }
        let points: Vec<G1Affine> = self.vk.fixed.iter().chain(&self.vk.sigma).copied().collect();
        // Against the checked powers of tau, not against the cached Lagrange basis.
        let left = msm(&self.powers, &d.ifft(&column));
        let right = msm(&points, &scalars);
        if left == right {
            Ok(())
        } else {
            Err(PlonkError::shape("key cache commitments", "those of this circuit", "others"))
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
