//! What a chunk has touched, with its pre-state: leaves, and the children of every node above them.
//!
//! A node is captured when a leaf below it is touched first, before anything below it changes; the caller rehashes the
//! state when the chunk opens and after every rewind, so what is captured is the state at the chunk's start.

use std::collections::btree_map::Entry;
use std::collections::BTreeMap;

use crate::parameters::{balance_tree, storage_tree, ACCOUNT_DEPTH, ACCOUNT_TREE, SUBTREE_DEPTH};
use crate::primitives::Fr;
use crate::processor::Touches;
use crate::state::{AccountLeaf, State};

/// The pre-state of all leaves and nodes touched.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// Account leaves by index.
    pub accounts: BTreeMap<u32, AccountLeaf>,
    /// Balances by (account, token).
    pub balances: BTreeMap<(u32, u16), u128>,
    /// Storage values by (account, slot).
    pub storage: BTreeMap<(u32, u16), Fr>,
    /// Children by (tree, level, position).
    pub nodes: BTreeMap<(u64, u8, u64), [Fr; 4]>,
}

/// What one call added, so that it can be taken back.
#[derive(Clone, Debug, Default)]
pub struct Added {
    accounts: Vec<u32>,
    balances: Vec<(u32, u16)>,
    storage: Vec<(u32, u16)>,
    nodes: Vec<(u64, u8, u64)>,
}

impl Touched {
    /// Captures what is not captured yet.
    pub fn add(&mut self, state: &State, touches: &Touches) -> Added {
        let mut added = Added::default();
        for index in &touches.accounts {
            if let Entry::Vacant(entry) = self.accounts.entry(*index) {
                entry.insert(state.leaf(*index));
                added.accounts.push(*index);
                self.climb(state, ACCOUNT_TREE, ACCOUNT_DEPTH, u64::from(*index), &mut added);
            }
        }
        for (index, token) in &touches.balances {
            if let Entry::Vacant(entry) = self.balances.entry((*index, *token)) {
                entry.insert(state.balance(*index, *token));
                added.balances.push((*index, *token));
                self.climb(state, balance_tree(*index), SUBTREE_DEPTH, u64::from(*token), &mut added);
            }
        }
        for (index, slot) in &touches.storage {
            if let Entry::Vacant(entry) = self.storage.entry((*index, *slot)) {
                entry.insert(state.storage(*index, *slot));
                added.storage.push((*index, *slot));
                self.climb(state, storage_tree(*index), SUBTREE_DEPTH, u64::from(*slot), &mut added);
            }
        }
        added
    }

    /// Captures the nodes above a leaf, up to the first that is there already.
    fn climb(&mut self, state: &State, tree: u64, depth: u8, position: u64, added: &mut Added) {
        let mut position = position;
        for level in (0..depth).rev() {
            position /= 4;
            match self.nodes.entry((tree, level, position)) {
                Entry::Occupied(_) => return,
                Entry::Vacant(entry) => _ = entry.insert(state.children(tree, level, position)),
            }
            added.nodes.push((tree, level, position));
        }
    }

    /// Takes back what a call of [`Self::add`] added.
    pub fn remove(&mut self, added: &Added) {
        added.accounts.iter().for_each(|key| _ = self.accounts.remove(key));
        added.balances.iter().for_each(|key| _ = self.balances.remove(key));
        added.storage.iter().for_each(|key| _ = self.storage.remove(key));
        added.nodes.iter().for_each(|key| _ = self.nodes.remove(key));
    }
}
