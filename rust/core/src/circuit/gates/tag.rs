//! Tags: the first element of every message, which keeps the facts of one bus apart.
//!
//! What this is not: the meaning of the payloads; docs/spec/proof.md lists them.

use ark_bn254::Fr;
use plonk::Expr;

/// First element of a message; never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u64)]
pub enum Tag {
    /// A 16-bit number.
    Range = 1,
    /// x0..x3, H0(x); the other lanes follow.
    Hash0 = 2,
    /// x0..x3, H1(x).
    Hash1 = 3,
    /// x0..x3, H2(x).
    Hash2 = 4,
    /// x0..x3, H3(x).
    Hash3 = 5,
    /// State of circomlib Poseidon on a row: the number of the row is part of the tag (`poseidon5::tag`).
    Poseidon = 6,
    /// slot times k, j, k, x, y: what digits j of S and k of h add in an EdDSA block.
    EddsaPoint = 7,
    /// position, old hash, new hash, level, tree.
    Node = 10,
    /// The same in the id tree of the batch (tree 0).
    IdNode = 11,
    /// index, static, dynamic, time.
    Account = 12,
    /// index, token, value, time.
    Balance = 13,
    /// position, 96-bit data slot.
    Data = 15,
    /// slot, m2 and fields of an operation record.
    Operation = 16,
    /// Exponent, scale and whether an extension follows, of a packed amount.
    Scale = 17,
    /// A creation, a new key or an absence.
    Change = 18,
    /// Outcome of a slot, and its first six flags.
    Outcome0 = 19,
    /// The next six.
    Outcome1 = 20,
    /// Six more.
    Outcome2 = 21,
    /// Token, price, choice and `signed`: what a slot's fee is paid in.
    FeeToken = 22,
    /// Indices of sender and receiver, fee token, slot: the rest of an operation record.
    Party = 23,
    /// Code of a kind with a record, whether it names the sender's index or the receiver's, and whether it has a key.
    RecordKind = 24,
    /// The last three flags of an outcome, and its number.
    Outcome3 = 25,
    /// What a message's hash of arguments is of: the slot, m2 to m5, and a pair.
    Arguments = 26,
}

impl Tag {
    /// The element.
    #[must_use]
    pub fn fr(self) -> Fr {
        Fr::from(self as u64)
    }

    /// Tag of the compression in `lane` (0 to 3).
    #[must_use]
    pub const fn hash(lane: usize) -> Self {
        match lane {
            0 => Self::Hash0,
            1 => Self::Hash1,
            2 => Self::Hash2,
            _ => Self::Hash3,
        }
    }

    /// The lane of a compression's tag.
    #[must_use]
    pub const fn lane(self) -> Option<usize> {
        match self {
            Self::Hash0 => Some(0),
            Self::Hash1 => Some(1),
            Self::Hash2 => Some(2),
            Self::Hash3 => Some(3),
            _ => None,
        }
    }
}

impl From<Tag> for Expr {
    fn from(tag: Tag) -> Self {
        Self::Constant(tag.fr())
    }
}
