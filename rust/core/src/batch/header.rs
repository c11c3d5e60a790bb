//! The batch header that L1 stores as keccak256(abi.encode(header)) (`docs/spec/batch.md`).

use crate::primitives::keccak::{keccak256, word};
use crate::primitives::{field, Fr};

/// The header of a committed batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    /// Number of the batch, from 1.
    pub batch_id: u64,
    /// Unix seconds.
    pub time: u64,
    /// State root before.
    pub old_root: Fr,
    /// State root after.
    pub new_root: Fr,
    /// First sequence number.
    pub first_sequence: u64,
    /// End of the sequence numbers, exclusive.
    pub end_sequence: u64,
    /// First queue entry.
    pub first_queue: u64,
    /// End of the queue entries, exclusive.
    pub end_queue: u64,
    /// Root of the id tree.
    pub id_root: Fr,
    /// Digest of the transaction stream.
    pub tx_c: Fr,
    /// Digest of the operation stream.
    pub op_c: Fr,
    /// Evaluation point.
    pub z: Fr,
    /// Evaluation of the transaction stream.
    pub tx_y: Fr,
    /// Evaluation of the operation stream.
    pub op_y: Fr,
    /// Words of the transaction stream.
    pub tx_words: u64,
    /// Words of the operation stream.
    pub op_words: u64,
    /// 0 calldata, 1 blob, 2 committee.
    pub data_mode: u8,
    /// Chunks in the batch.
    pub chunks: u64,
    /// EIP-712 digest of the block header that ends the batch, 0 if none.
    pub block_hash: [u8; 32],
    /// Root of the withdrawals.
    pub withdrawals_root: [u8; 32],
}

impl BatchHeader {
    /// abi.encode(header): twenty static words.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let n = |x: u64| word(u128::from(x));
        let f = field::to_bytes;
        [
            n(self.batch_id),
            n(self.time),
            f(&self.old_root),
            f(&self.new_root),
            n(self.first_sequence),
            n(self.end_sequence),
            n(self.first_queue),
            n(self.end_queue),
            f(&self.id_root),
            f(&self.tx_c),
            f(&self.op_c),
            f(&self.z),
            f(&self.tx_y),
            f(&self.op_y),
            n(self.tx_words),
            n(self.op_words),
            n(u64::from(self.data_mode)),
            n(self.chunks),
            self.block_hash,
            self.withdrawals_root,
        ]
        .concat()
    }

    /// What L1 stores.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        keccak256(&[&self.encode()])
    }
}
