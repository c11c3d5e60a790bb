//! The public inputs of a chunk proof, in the order of docs/spec/batch.md.
//!
//! What this is not: a source of truth on L1, where each comes from the stored header.

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};

/// How many there are.
pub const COUNT: usize = 26;

/// Names and positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Input {
    /// Signature domain.
    Domain = 0,
    /// Chunk time.
    Time,
    /// State root before.
    RootIn,
    /// State root after.
    RootOut,
    /// Sequence number of the first slot.
    SequenceIn,
    /// Sequence number after the last slot.
    SequenceOut,
    /// Queue position before.
    QueueIn,
    /// Queue position after.
    QueueOut,
    /// Id-tree root before.
    IdRootIn,
    /// Id-tree root after.
    IdRootOut,
    /// First sequence number of the batch.
    BatchFirst,
    /// Point of evaluation of both streams.
    Z,
    /// Words of the transaction stream of the chunk.
    TxWords,
    /// Transaction stream digest before.
    TxCIn,
    /// Transaction stream digest after.
    TxCOut,
    /// Transaction stream evaluation before, low 128 bits.
    TxYInLow,
    /// The same, high bits.
    TxYInHigh,
    /// Transaction stream evaluation after, low 128 bits.
    TxYOutLow,
    /// The same, high bits.
    TxYOutHigh,
    /// Words of the operation stream of the chunk.
    OpWords,
    /// Operation stream digest before.
    OpCIn,
    /// Operation stream digest after.
    OpCOut,
    /// Operation stream evaluation before, low 128 bits.
    OpYInLow,
    /// The same, high bits.
    OpYInHigh,
    /// Operation stream evaluation after, low 128 bits.
    OpYOutLow,
    /// The same, high bits.
    OpYOutHigh,
}

/// (y mod 2^128, y >> 128).
#[must_use]
pub fn limbs(y: Fr) -> (Fr, Fr) {
    let bytes = y.into_bigint().to_bytes_le();
    let (low, high) = bytes.split_at(16);
    (Fr::from_le_bytes_mod_order(low), Fr::from_le_bytes_mod_order(high))
}
