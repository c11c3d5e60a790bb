//! What one chunk can hold: the shape of the leaf circuit as numbers.
//!
//! A chunk is built so that it never exceeds any of them; an item that would is refused with `chunk_full` and changes
//! nothing. What it is not: node policy, which may seal earlier.

use crate::parameters::Kind;

/// Upper bounds of one chunk. Distinct leaves and nodes are counted once however often they are touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Items (transactions and operations).
    pub slots: usize,
    /// Account leaves touched: parties, predecessors, created accounts, the fee account and the sentinel.
    pub account_leaves: usize,
    /// Balance and storage leaves touched, together.
    pub balance_leaves: usize,
    /// Nodes touched in the account tree and in all balance and storage trees, together.
    pub nodes: usize,
    /// Nodes touched in the id tree.
    pub id_nodes: usize,
    /// Words of the transaction stream, the two header words included.
    pub transaction_words: usize,
    /// Operation records.
    pub operations: usize,
    /// Items that create an account, set a key, or show an account absent.
    pub changes: usize,
    /// Items whose message has a hash of arguments.
    pub arguments: usize,
    /// Writes of storage.
    pub writes: usize,
    /// Kinds that the circuit proves, bit k for code k.
    pub kinds: u16,
}

impl Capacity {
    /// The leaf shape: n = 2^15, 99 slots (`docs/spec/proof.md`).
    #[must_use]
    pub const fn leaf() -> Self {
        Self {
            slots: 99,
            account_leaves: 206,
            balance_leaves: 64,
            nodes: 1275,
            id_nodes: 56,
            transaction_words: 80,
            operations: 16,
            changes: 16,
            arguments: 12,
            writes: 8,
            kinds: 0b11_1111_1111,
        }
    }
}

impl Capacity {
    /// The same bounds with every kind: for tests and for circuits to come.
    #[must_use]
    pub const fn with_all_kinds(self) -> Self {
        Self { kinds: u16::MAX, ..self }
    }

    /// True when the circuit of this shape has the kind.
    #[must_use]
    pub const fn proves(&self, kind: Kind) -> bool {
        self.kinds >> kind.code() & 1 == 1
    }
}

impl Default for Capacity {
    fn default() -> Self {
        Self::leaf()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::chunk::stream_words;
    use crate::parameters::{DATA_SLOT_BYTES, RECORD_WORDS, WORD_BYTES};

    /// Blocks of the Poseidon2 pool by lane (`docs/spec/proof.md`).
    const POOL: [usize; 4] = [2816, 768, 256, 256];

    /// What a chunk at every bound asks of each lane: leaves and nodes before and after, the sponges of both streams, and
    /// the ids of queue entries. A sponge asks all lanes in every permutation but its last, which asks lane 0.
    fn demand(c: &Capacity) -> [usize; 4] {
        let permutations = |words: usize| words.div_ceil(3);
        let streams = permutations(c.transaction_words) + permutations(RECORD_WORDS * c.operations);
        let (ids, id_permutations) = (c.operations, permutations(RECORD_WORDS));
        let inner = streams + ids * (id_permutations - 1);
        // Static parts: two parties a slot; a change rewrites the account's and its predecessor's.
        let statics = 2 * c.slots + 4 * c.changes;
        [
            2 * c.nodes + streams + 2 + ids * id_permutations,
            2 * c.account_leaves + statics + inner,
            2 * c.balance_leaves + inner,
            2 * c.id_nodes + inner,
        ]
    }

    #[test]
    fn a_full_chunk_fits_the_pool() {
        for (asked, blocks) in demand(&Capacity::leaf()).into_iter().zip(POOL) {
            assert!(asked <= blocks, "{:?} of {POOL:?}", demand(&Capacity::leaf()));
        }
    }

    #[test]
    fn words_count_whole_slots() {
        assert_eq!((stream_words(0), stream_words(1), stream_words(5), stream_words(6)), (2, 3, 4, 5));
        assert_eq!(5 * DATA_SLOT_BYTES, 2 * WORD_BYTES);
    }
}
