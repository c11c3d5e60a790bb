//! The leaf of the account tree with `static` and `dynamic` taken apart, as it enters witnesses and proofs.

use ark_ff::{AdditiveGroup, Zero};

use crate::primitives::field::power_of_two;
use crate::primitives::{Address, Fr};

/// A leaf of the account tree, with `static` and `dynamic` taken apart.
///
/// The sentinel's `balance` is the number of leaves in use, because that is what its `dynamic` holds. The empty leaf
/// has `next_address` = 0, which no leaf in use has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLeaf {
    /// Address of the account; zero for the sentinel and for the empty leaf.
    pub address: Address,
    /// 0: no key; 1: EdDSA-BabyJubJub.
    pub scheme: u8,
    /// Next higher account address, 2^160 at the end of the list, 0 in the empty leaf.
    pub next_address: Fr,
    /// Public key (x, y); (0, 0) under scheme 0.
    pub key: (Fr, Fr),
    /// Native balance in the smallest unit; for the sentinel the number of leaves in use.
    pub balance: u128,
    /// Nonce of the next transaction, below 2^48.
    pub nonce: u64,
    /// Flags, 0 today.
    pub flags: u32,
    /// Root of the balance tree.
    pub balances_root: Fr,
    /// Root of the storage tree.
    pub storage_root: Fr,
}

impl AccountLeaf {
    /// The empty leaf, given the root of an empty balance or storage tree.
    #[must_use]
    pub fn empty(empty_subtree_root: Fr) -> Self {
        Self {
            address: Address::ZERO,
            scheme: 0,
            next_address: Fr::ZERO,
            key: (Fr::ZERO, Fr::ZERO),
            balance: 0,
            nonce: 0,
            flags: 0,
            balances_root: empty_subtree_root,
            storage_root: empty_subtree_root,
        }
    }

    /// True for the empty leaf: its `static` part is 0, not a hash.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.next_address.is_zero()
    }

    /// First input of the static part: address + 2^160 * scheme.
    #[must_use]
    pub fn identity(&self) -> Fr {
        self.address.to_field() + Fr::from(self.scheme) * power_of_two(160)
    }

    /// The dynamic word: balance + 2^128 * nonce + 2^176 * flags.
    #[must_use]
    pub fn dynamic(&self) -> Fr {
        Fr::from(self.balance) + Fr::from(self.nonce) * power_of_two(128) + Fr::from(self.flags) * power_of_two(176)
    }
}

/// The list end as a field element, 2^160.
#[must_use]
pub fn list_end() -> Fr {
    power_of_two(160)
}
