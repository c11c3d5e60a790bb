//! Inclusion and absence proofs of accounts, balances and storage values against a root, and their check.
//!
//! A path lists the four children of every node from the root down; the leaf's position picks the child at each level.
//! Absence of an address is the inclusion of the account (or sentinel) before it, whose next_address is beyond it.

use ark_ff::Zero;

use super::account::hash_leaf;
use super::leaf::AccountLeaf;
use super::store::{State, StateError};
use crate::parameters::{balance_tree, storage_tree, ACCOUNT_DEPTH, ACCOUNT_TREE, SUBTREE_DEPTH};
use crate::poseidon::{hash_node, hash_value};
use crate::primitives::{field, Address, Fr};

/// The children of each node on the way to a leaf, root first.
pub type Path = Vec<[Fr; 4]>;

/// A balance or storage value with its path in the account's subtree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafProof {
    /// Token index or storage slot.
    pub position: u16,
    /// The value, 0 when never written.
    pub value: Fr,
    /// Eight nodes.
    pub path: Path,
}

/// An account (or, for an absent address, its predecessor) with its path, and at most one value of each subtree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountProof {
    /// The address asked for.
    pub address: Address,
    /// Leaf index of `leaf`.
    pub index: u32,
    /// The account of `address`, or the leaf that proves there is none.
    pub leaf: AccountLeaf,
    /// Sixteen nodes.
    pub path: Path,
    /// A token balance (not native, which is in the leaf).
    pub balance: Option<LeafProof>,
    /// A storage value.
    pub storage: Option<LeafProof>,
}

impl State {
    /// The proof of an address against the present root.
    pub fn prove(&mut self, address: Address, token: Option<u16>, slot: Option<u16>) -> AccountProof {
        self.rehash();
        let index = self.index_of(address).unwrap_or_else(|| self.predecessor(address));
        let present = self.index_of(address).is_some();
        let subtree = |tree: u64, position: u16, value: Fr| LeafProof {
            position,
            value,
            path: self.path(tree, SUBTREE_DEPTH, u64::from(position)),
        };
        AccountProof {
            address,
            index,
            leaf: self.leaf(index),
            path: self.path(ACCOUNT_TREE, ACCOUNT_DEPTH, u64::from(index)),
            balance: token
                .filter(|t| present && *t != 0)
                .map(|t| subtree(balance_tree(index), t, Fr::from(self.balance(index, t)))),
            storage: slot.filter(|_| present).map(|s| subtree(storage_tree(index), s, self.storage(index, s))),
        }
    }
}

impl State {
    /// A token balance of an account with its path; of token 0, whose place stays empty, too.
    pub fn prove_balance(&mut self, index: u32, token: u16) -> LeafProof {
        self.rehash();
        let value = if token == 0 { Fr::zero() } else { Fr::from(self.balance(index, token)) };
        LeafProof { position: token, value, path: self.path(balance_tree(index), SUBTREE_DEPTH, u64::from(token)) }
    }

    fn path(&self, tree: u64, depth: u8, position: u64) -> Path {
        (0..depth).map(|level| self.children(tree, level, position >> (2 * (depth - level)))).collect()
    }
}

impl AccountProof {
    /// True when the leaf is the account of the address, false when it proves absence.
    #[must_use]
    pub fn is_inclusion(&self) -> bool {
        self.index != 0 && !self.leaf.is_empty() && self.leaf.address == self.address
    }

    /// Checks the proof against a root.
    ///
    /// # Errors
    /// [`StateError::Inconsistent`] naming the first level or value that differs.
    pub fn check(&self, root: &Fr) -> Result<(), StateError> {
        if !self.is_inclusion() {
            let wanted = self.address.to_field();
            let covers = self.leaf.address < self.address && wanted < self.leaf.next_address;
            if !covers {
                let (expected, got) =
                    (format!("a leaf before and a next beyond {}", self.address), self.leaf.address.to_string());
                return Err(StateError::Inconsistent { what: "absence", expected, got });
            }
        }
        check_path(&self.path, ACCOUNT_DEPTH, u64::from(self.index), hash_leaf(&self.leaf), root)?;
        for (proof, sub) in [(&self.balance, &self.leaf.balances_root), (&self.storage, &self.leaf.storage_root)] {
            if let Some(p) = proof {
                check_path(&p.path, SUBTREE_DEPTH, u64::from(p.position), hash_value(p.value), sub)?;
            }
        }
        Ok(())
    }
}

fn check_path(path: &Path, depth: u8, position: u64, leaf: Fr, root: &Fr) -> Result<(), StateError> {
    let show = |x: &Fr| field::hex(&field::to_bytes(x));
    if path.len() != usize::from(depth) {
        let (expected, got) = (depth.to_string(), path.len().to_string());
        return Err(StateError::Inconsistent { what: "path length", expected, got });
    }
    let mut expected = *root;
    for (level, children) in path.iter().enumerate() {
        let hash = hash_node(children);
        if hash != expected {
            return Err(StateError::Inconsistent { what: "path node", expected: show(&expected), got: show(&hash) });
        }
        let digit = position >> (2 * (usize::from(depth) - 1 - level)) & 3;
        expected = children[digit as usize];
    }
    if expected != leaf {
        return Err(StateError::Inconsistent { what: "path leaf", expected: show(&expected), got: show(&leaf) });
    }
    Ok(())
}
