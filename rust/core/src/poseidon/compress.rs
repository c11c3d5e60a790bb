//! Fixed-arity compression `Hj(x) = P(x)[j] + x[j]`; the lane j is the domain.
//!
//! Lane 0 is a tree node, 1 an account's static part or leaf, 2 a balance or storage leaf, 3 a node of the id tree.
//! What it is not: a hash of variable length; that is [`super::sponge()`].

use ark_ff::AdditiveGroup;

use super::permutation::{permute, State};
use crate::primitives::Fr;

/// The use of a compression, which is also the lane that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Node of an account, balance or storage tree.
    Node = 0,
    /// Static part of an account, or its leaf.
    Account = 1,
    /// Leaf of a balance or storage tree.
    Value = 2,
    /// Node of the id tree of a batch.
    IdNode = 3,
}

/// Hj(x) for the lane j.
#[must_use]
pub fn compress(lane: Lane, x: &State) -> Fr {
    let mut state = *x;
    permute(&mut state);
    state[lane as usize] + x[lane as usize]
}

/// H0 of four children.
#[must_use]
pub fn hash_node(children: &State) -> Fr {
    compress(Lane::Node, children)
}

/// H1 of a static part or of a leaf (static, dynamic, balances root, storage root).
#[must_use]
pub fn hash_account(x: &State) -> Fr {
    compress(Lane::Account, x)
}

/// H2(value, 0, 0, 0).
#[must_use]
pub fn hash_value(value: Fr) -> Fr {
    compress(Lane::Value, &[value, Fr::ZERO, Fr::ZERO, Fr::ZERO])
}

/// H3 of four children.
#[must_use]
pub fn hash_id_node(children: &State) -> Fr {
    compress(Lane::IdNode, children)
}
