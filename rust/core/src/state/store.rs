//! The state itself: dense accounts, an address index, sparse subtrees, and the trees over them.
//!
//! Writes only record what is dirty; [`State::rehash`] brings the trees up to date, level by level. What it is not: safe
//! from wrong writes; the caller has checked them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ark_ff::{AdditiveGroup, PrimeField};
use rayon::prelude::*;
use thiserror::Error;

use super::account::Account;
use super::journal::{Change, Journal, Mark};
use super::leaf::AccountLeaf;
use super::subtree::Subtree;
use super::tree::{DenseTree, EMPTY_SUBTREE};
use crate::parameters::{ACCOUNT_DEPTH, ACCOUNT_TREE};
use crate::poseidon::{compress_all, Lane};
use crate::primitives::{Address, Fr};

/// Why a state operation was refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StateError {
    /// The mark was forgotten or rewound past.
    #[error("unknown mark: expected a retained one, got {0}")]
    UnknownMark(u64),
    /// All 2^32 leaves are in use.
    #[error("account tree: expected a free leaf, got {0} in use")]
    Full(u64),
    /// Stored accounts, links, values and hashes do not fit together.
    #[error("inconsistent state, {what}: expected {expected}, got {got}")]
    Inconsistent {
        /// What was compared.
        what: &'static str,
        /// The value that the rest implies.
        expected: String,
        /// The value that was found.
        got: String,
    },
}

/// Accounts, balances and storage with their trees.
#[derive(Clone, Debug)]
pub struct State {
    pub(super) accounts: Vec<Account>,
    pub(super) statics: Vec<Fr>,
    pub(super) by_address: BTreeMap<Address, u32>,
    pub(super) balances: HashMap<u32, Subtree>,
    pub(super) storage: HashMap<u32, Subtree>,
    pub(super) tree: DenseTree,
    pub(super) dirty: BTreeSet<u32>,
    journal: Journal,
}

impl Default for State {
    fn default() -> Self {
        Self::genesis()
    }
}

impl State {
    /// The state with only the sentinel.
    #[must_use]
    pub fn genesis() -> Self {
        let mut state = Self::from_accounts(vec![Account::new(Address::ZERO, None)]);
        state.rehash();
        state
    }

    /// A state over accounts without token balances and storage, not yet hashed. Account 0 is the sentinel.
    pub(super) fn from_accounts(accounts: Vec<Account>) -> Self {
        let count = accounts.len() as u32;
        Self {
            statics: accounts.par_iter().map(Account::static_hash).collect(),
            by_address: accounts.iter().map(|a| a.address).zip(0..).collect(),
            accounts,
            balances: HashMap::new(),
            storage: HashMap::new(),
            tree: DenseTree::default(),
            dirty: (0..count).collect(),
            journal: Journal::default(),
        }
    }

    /// Leaves in use, the sentinel included; the index of the next account.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.accounts.len() as u64
    }

    /// The account at an index, the sentinel at 0.
    #[must_use]
    pub fn account(&self, index: u32) -> Option<&Account> {
        self.accounts.get(index as usize)
    }

    /// Index of the account of an address; never that of the sentinel.
    #[must_use]
    pub fn index_of(&self, address: Address) -> Option<u32> {
        self.by_address.get(&address).copied().filter(|index| *index != 0)
    }

    /// Index of the account (or sentinel) with the greatest address below this one.
    #[must_use]
    pub fn predecessor(&self, address: Address) -> u32 {
        self.by_address.range(..address).next_back().map_or(0, |(_, index)| *index)
    }

    /// Balance of a token (0: native) of an account; 0 for an index not in use. The sentinel has none.
    #[must_use]
    pub fn balance(&self, index: u32, token: u16) -> u128 {
        if token == 0 {
            return self.account(index).map_or(0, |a| a.balance);
        }
        let value = self.balances.get(&index).map_or(Fr::ZERO, |tree| tree.value(token)).into_bigint().0;
        u128::from(value[1]) << 64 | u128::from(value[0])
    }

    /// Value of a storage slot.
    #[must_use]
    pub fn storage(&self, index: u32, slot: u16) -> Fr {
        self.storage.get(&index).map_or(Fr::ZERO, |tree| tree.value(slot))
    }

    /// Token balances other than native, by account and token; unordered between accounts.
    pub fn token_balances(&self) -> impl Iterator<Item = (u32, u16, u128)> + '_ {
        self.balances.iter().flat_map(move |(i, tree)| tree.values().map(move |(t, _)| (*i, t, self.balance(*i, t))))
    }

    /// Replaces an account; the address must stay what it is.
    pub fn set_account(&mut self, index: u32, account: Account) {
        let Some(slot) = self.accounts.get_mut(index as usize) else { return };
        if *slot == account {
            return;
        }
        if slot.is_static_different(&account) {
            self.statics[index as usize] = account.static_hash();
        }
        let old = core::mem::replace(slot, account);
        self.journal.push(Change::Account(index, Box::new(old)));
        self.dirty.insert(index);
    }

    /// Creates the account of an address that has none, linking it after its predecessor. Returns its index.
    ///
    /// # Errors
    /// [`StateError::Full`] when no leaf is free; [`StateError::Inconsistent`] when the address has an account.
    pub fn create(&mut self, address: Address) -> Result<u32, StateError> {
        let index = u32::try_from(self.accounts.len()).map_err(|_| StateError::Full(self.count()))?;
        if self.by_address.contains_key(&address) {
            let (expected, got) = ("an address without account".into(), address.to_string());
            return Err(StateError::Inconsistent { what: "creation", expected, got });
        }
        let before = self.predecessor(address);
        let mut predecessor = self.accounts[before as usize].clone();
        let account = Account::new(address, predecessor.next);
        predecessor.next = Some(address);
        self.set_account(before, predecessor);
        self.statics.push(account.static_hash());
        self.accounts.push(account);
        self.by_address.insert(address, index);
        self.journal.push(Change::Created);
        self.dirty.insert(index);
        self.dirty.insert(0);
        Ok(index)
    }

    /// Writes a balance; token 0 is native.
    pub fn set_balance(&mut self, index: u32, token: u16, value: u128) {
        if token == 0 {
            if let Some(mut account) = self.account(index).cloned() {
                account.balance = value;
                self.set_account(index, account);
            }
            return;
        }
        let old = self.balances.get(&index).map_or(Fr::ZERO, |tree| tree.value(token));
        let value = Fr::from(value);
        if old != value {
            self.balances.entry(index).or_default().set(token, value);
            self.journal.push(Change::Balance(index, token, old));
            self.dirty.insert(index);
        }
    }

    /// Writes a storage slot; the value is below 2^240.
    pub fn set_storage(&mut self, index: u32, slot: u16, value: Fr) {
        let old = self.storage(index, slot);
        if old != value {
            self.storage.entry(index).or_default().set(slot, value);
            self.journal.push(Change::Storage(index, slot, old));
            self.dirty.insert(index);
        }
    }

    /// Brings all trees up to date.
    pub fn rehash(&mut self) {
        self.tree.truncate(self.accounts.len());
        let count = self.accounts.len();
        let mut dirty: Vec<u32> = core::mem::take(&mut self.dirty).into_iter().collect();
        for index in &dirty {
            for trees in [&mut self.balances, &mut self.storage] {
                if let Some(tree) = trees.get_mut(index) {
                    tree.rehash();
                    if tree.is_empty() {
                        trees.remove(index);
                    }
                }
            }
        }
        // An undone creation leaves its index dirty: its subtrees were emptied above, its leaf is gone.
        dirty.retain(|index| (*index as usize) < count);
        let hash = |indices: &[u32]| {
            let inputs: Vec<[Fr; 4]> = indices.iter().map(|index| self.leaf_inputs(*index)).collect();
            compress_all(Lane::Account, &inputs)
        };
        let hashes: Vec<Fr> =
            if dirty.len() < 512 { hash(&dirty) } else { dirty.par_chunks(256).flat_map_iter(hash).collect() };
        let leaves: Vec<(u32, Fr)> = dirty.iter().copied().zip(hashes).collect();
        self.tree.update(&leaves);
    }

    /// What the hash of an account's leaf compresses.
    fn leaf_inputs(&self, index: u32) -> [Fr; 4] {
        let leaf = self.leaf(index);
        let static_part = self.statics.get(index as usize).copied().unwrap_or(Fr::ZERO);
        [static_part, leaf.dynamic(), leaf.balances_root, leaf.storage_root]
    }

    /// The leaf at an index with sub-roots as of the last [`Self::rehash`]; the empty leaf beyond the end.
    #[must_use]
    pub fn leaf(&self, index: u32) -> AccountLeaf {
        let root = |trees: &HashMap<u32, Subtree>| trees.get(&index).map_or(EMPTY_SUBTREE[0], Subtree::root);
        let Some(account) = self.account(index) else { return AccountLeaf::empty(EMPTY_SUBTREE[0]) };
        let mut leaf = account.leaf(root(&self.balances), root(&self.storage));
        if index == 0 {
            leaf.balance = u128::from(self.count());
        }
        leaf
    }

    /// The root, after a [`Self::rehash`].
    pub fn root(&mut self) -> Fr {
        self.rehash();
        self.tree.root()
    }

    /// The children of a node as of the last [`Self::rehash`], by tree identifier (0 accounts, 2 + 4i balances, 3 + 4i storage).
    #[must_use]
    pub fn children(&self, tree: u64, level: u8, position: u64) -> [Fr; 4] {
        if tree == ACCOUNT_TREE {
            return self.tree.children(level, position);
        }
        let trees = if tree % 4 == 2 { &self.balances } else { &self.storage };
        let subtree = u32::try_from(tree / 4).ok().and_then(|index| trees.get(&index));
        subtree.map_or([EMPTY_SUBTREE[level as usize + 1]; 4], |t| t.children(level, position as u16))
    }

    /// The hash of the account leaf at an index as of the last [`Self::rehash`].
    #[must_use]
    pub fn leaf_hash(&self, index: u32) -> Fr {
        self.tree.node(ACCOUNT_DEPTH, u64::from(index))
    }

    /// The present position of the journal.
    #[must_use]
    pub fn mark(&self) -> Mark {
        self.journal.mark()
    }

    /// Undoes everything after the mark and rehashes.
    ///
    /// # Errors
    /// [`StateError::UnknownMark`] when the mark is not retained.
    pub fn rewind(&mut self, mark: Mark) -> Result<(), StateError> {
        if !self.journal.is_retained(mark) {
            return Err(StateError::UnknownMark(mark.0));
        }
        while let Some(change) = self.journal.pop_after(mark) {
            self.undo(change);
        }
        self.rehash();
        Ok(())
    }

    fn undo(&mut self, change: Change) {
        match change {
            Change::Account(index, old) => {
                if self.accounts[index as usize].is_static_different(&old) {
                    self.statics[index as usize] = old.static_hash();
                }
                self.accounts[index as usize] = *old;
                self.dirty.insert(index);
            }
            Change::Created => {
                if let Some(account) = self.accounts.pop() {
                    self.by_address.remove(&account.address);
                    self.statics.pop();
                }
                self.dirty.insert(0);
            }
            Change::Balance(index, token, old) => {
                self.balances.entry(index).or_default().set(token, old);
                self.dirty.insert(index);
            }
            Change::Storage(index, slot, old) => {
                self.storage.entry(index).or_default().set(slot, old);
                self.dirty.insert(index);
            }
        }
    }

    /// Drops what the journal keeps for marks before this one.
    pub fn forget(&mut self, mark: Mark) {
        self.journal.forget(mark);
    }
}
