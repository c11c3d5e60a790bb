//! The binary Keccak tree of a batch's withdrawals, as L1 rebuilds it at commit (`docs/spec/batch.md`).

use crate::primitives::keccak::{address_word, keccak256, word};
use crate::primitives::Address;

/// One payment on L1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Token address, zero for native.
    pub token: Address,
    /// Amount in the token's smallest unit.
    pub amount: u128,
    /// Who is paid.
    pub recipient: Address,
}

/// All levels of the tree, leaves first, padded with zero words to a power of two.
#[derive(Clone, Debug)]
pub struct WithdrawalTree {
    levels: Vec<Vec<[u8; 32]>>,
}

impl WithdrawalTree {
    /// The tree of a batch's withdrawals in stream order.
    #[must_use]
    pub fn new(batch_id: u64, withdrawals: &[Withdrawal]) -> Self {
        let leaf = |(i, w): (usize, &Withdrawal)| {
            keccak256(&[
                &word(u128::from(batch_id)),
                &word(i as u128),
                &address_word(w.token),
                &word(w.amount),
                &address_word(w.recipient),
            ])
        };
        Self::from_leaves(withdrawals.iter().enumerate().map(leaf).collect())
    }

    /// A tree over given leaves; also that of receipts.
    #[must_use]
    pub fn from_leaves(mut leaves: Vec<[u8; 32]>) -> Self {
        if !leaves.is_empty() {
            leaves.resize(leaves.len().next_power_of_two(), [0; 32]);
        }
        let mut levels = vec![leaves];
        while let Some(level) = levels.last().filter(|l| l.len() > 1) {
            let above = level.chunks_exact(2).map(|pair| keccak256(&[&pair[0], &pair[1]])).collect();
            levels.push(above);
        }
        Self { levels }
    }

    /// The root; zero when there is no leaf.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        self.levels.last().and_then(|l| l.first()).copied().unwrap_or([0; 32])
    }

    /// Siblings from the leaf upwards; none for an index beyond the padded leaves.
    #[must_use]
    pub fn path(&self, index: usize) -> Option<Vec<[u8; 32]>> {
        let below = &self.levels[..self.levels.len() - 1];
        self.levels[0].get(index)?;
        Some(below.iter().enumerate().map(|(k, level)| level[(index >> k) ^ 1]).collect())
    }
}
