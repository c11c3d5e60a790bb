//! One account as it is kept in memory.

use super::leaf::{list_end, AccountLeaf};
use crate::poseidon::hash_account;
use crate::primitives::{Address, Fr};
use ark_ff::AdditiveGroup;

/// A leaf in use, without its two sub-roots. The sentinel (index 0) has address zero; its count of leaves is kept by
/// the state and written as the balance of its [`AccountLeaf`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Address; zero for the sentinel only.
    pub address: Address,
    /// 0: no key; 1: EdDSA-BabyJubJub.
    pub scheme: u8,
    /// Next higher address in use, none at the end of the list.
    pub next: Option<Address>,
    /// Public key (x, y); (0, 0) under scheme 0.
    pub key: (Fr, Fr),
    /// Native balance, below 2^128.
    pub balance: u128,
    /// Nonce of the next transaction, below 2^48.
    pub nonce: u64,
    /// Flags, 0 today.
    pub flags: u32,
}

impl Account {
    /// A fresh account without key.
    #[must_use]
    pub const fn new(address: Address, next: Option<Address>) -> Self {
        Self { address, scheme: 0, next, key: (Fr::ZERO, Fr::ZERO), balance: 0, nonce: 0, flags: 0 }
    }

    /// The static part of the leaf, H1(address + 2^160 scheme, next, A.x, A.y).
    #[must_use]
    pub fn static_hash(&self) -> Fr {
        let leaf = self.leaf(Fr::ZERO, Fr::ZERO);
        hash_account(&[leaf.identity(), leaf.next_address, self.key.0, self.key.1])
    }

    /// The leaf with the given sub-roots.
    #[must_use]
    pub fn leaf(&self, balances_root: Fr, storage_root: Fr) -> AccountLeaf {
        AccountLeaf {
            address: self.address,
            scheme: self.scheme,
            next_address: self.next.map_or_else(list_end, Address::to_field),
            key: self.key,
            balance: self.balance,
            nonce: self.nonce,
            flags: self.flags,
            balances_root,
            storage_root,
        }
    }

    /// True when the static part of the two differs.
    #[must_use]
    pub fn is_static_different(&self, other: &Self) -> bool {
        (self.address, self.scheme, self.next, self.key) != (other.address, other.scheme, other.next, other.key)
    }
}

/// The hash of an account leaf, empty or not.
#[must_use]
pub fn hash_leaf(leaf: &AccountLeaf) -> Fr {
    let static_part = if leaf.is_empty() {
        Fr::ZERO
    } else {
        hash_account(&[leaf.identity(), leaf.next_address, leaf.key.0, leaf.key.1])
    };
    hash_account(&[static_part, leaf.dynamic(), leaf.balances_root, leaf.storage_root])
}
