//! The block header that a sequencer signs (EIP-712), and the leaves of a block's receipts (`docs/spec/batch.md`).

use crate::primitives::keccak::{keccak256, word};
use crate::primitives::{field, Fr};
use crate::processor::Chain;

/// Type string of the header.
const TYPE: &str = "Block(uint64 number,bytes32 parent,uint64 firstSequence,uint32 count,bytes32 leavesRoot,\
uint256 outstandingCover,uint64 queueIndex,bytes32 queueHash,uint64 time,uint64 includeBy,uint64[] chunkEnds,\
uint64 batchId,bytes32 stateRoot)";

/// A block header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockHeader {
    /// Number of the block.
    pub number: u64,
    /// Digest of the previous header, 0 for the first.
    pub parent: [u8; 32],
    /// First sequence number.
    pub first_sequence: u64,
    /// Items in the block.
    pub count: u32,
    /// Keccak root over [`receipt_leaf`]s.
    pub leaves_root: [u8; 32],
    /// Cover promised and not yet settled, in wei.
    pub outstanding_cover: u128,
    /// Queue entries seen.
    pub queue_index: u64,
    /// The queue's rolling hash there.
    pub queue_hash: [u8; 32],
    /// Unix seconds.
    pub time: u64,
    /// Unix seconds by which a finalised batch must cover the block.
    pub include_by: u64,
    /// Exclusive ends of the chunks that end in this block.
    pub chunk_ends: Vec<u64>,
    /// Batch that ends with this block, else 0.
    pub batch_id: u64,
    /// Root of that batch, else 0.
    pub state_root: Fr,
}

impl BlockHeader {
    /// The EIP-712 digest that is signed.
    #[must_use]
    pub fn digest(&self, chain: &Chain) -> [u8; 32] {
        let n = |x: u64| word(u128::from(x));
        let ends: Vec<u8> = self.chunk_ends.iter().flat_map(|end| n(*end)).collect();
        let words = [
            keccak256(&[TYPE.as_bytes()]),
            n(self.number),
            self.parent,
            n(self.first_sequence),
            n(u64::from(self.count)),
            self.leaves_root,
            word(self.outstanding_cover),
            n(self.queue_index),
            self.queue_hash,
            n(self.time),
            n(self.include_by),
            keccak256(&[&ends]),
            n(self.batch_id),
            field::to_bytes(&self.state_root),
        ];
        chain.typed_digest(&keccak256(&[&words.concat()]))
    }
}

/// keccak256(abi.encode(uint256 sequence, bytes32 id, uint256 cover)).
#[must_use]
pub fn receipt_leaf(sequence: u64, id: &Fr, cover: u128) -> [u8; 32] {
    keccak256(&[&word(u128::from(sequence)), &field::to_bytes(id), &word(cover)])
}
