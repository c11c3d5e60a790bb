//! The one list of messages of a proof. Prover, verifier, encoder and the Solidity generator iterate it; nothing else knows the order.
//!
//! Proof bytes: every point (64 bytes) and scalar (32 bytes) in the order of `messages`.

use crate::arithmetization::expr::{Leaf, Rotation};
use crate::arithmetization::program::Program;
use crate::arithmetization::relation::{Relation, QUOTIENT_CHUNKS};

/// A message of the proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// Commitment to witness column i (round 1).
    Advice(usize),
    /// Commitment to helper column i (round 2).
    Helper(usize),
    /// Commitment to the running sum (round 2).
    RunningSum,
    /// Commitment to the permutation product (round 2).
    Product,
    /// Commitment to quotient piece i (round 3).
    Quotient(usize),
    /// Value of a committed polynomial at zeta or, for `Next`, at zeta * omega (round 4).
    Evaluation(Leaf),
    /// Opening at zeta (round 5).
    OpeningCur,
    /// Opening at zeta * omega (round 5).
    OpeningNext,
}

/// The message schema of a relation.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Round 1 to 5, each a list of messages.
    pub rounds: [Vec<Message>; 5],
    /// Leaves opened at zeta, in order of the batching powers (the quotient comes after them).
    pub opened_cur: Vec<Leaf>,
    /// Leaves opened at zeta * omega.
    pub opened_next: Vec<Leaf>,
}

impl Schema {
    /// Derives the schema from a relation and its compiled identities.
    #[must_use]
    pub fn new(relation: &Relation, program: &Program) -> Self {
        let bus = !relation.helpers.is_empty();
        let copies = !relation.copy_columns.is_empty();
        let mut cur: Vec<Leaf> = Vec::new();
        cur.extend((0..relation.witness_columns()).map(|c| Leaf::Advice(c, Rotation::Cur)));
        cur.extend((0..relation.helpers.len()).map(Leaf::Helper));
        if bus {
            cur.push(Leaf::RunningSum(Rotation::Cur));
        }
        if copies {
            cur.push(Leaf::Product(Rotation::Cur));
        }
        cur.extend((0..relation.fixed).map(Leaf::Fixed));
        cur.extend((0..relation.copy_columns.len()).map(Leaf::Sigma));
        let next: Vec<Leaf> = program
            .leaves()
            .into_iter()
            .filter(|l| {
                matches!(
                    l,
                    Leaf::Advice(_, Rotation::Next) | Leaf::RunningSum(Rotation::Next) | Leaf::Product(Rotation::Next)
                )
            })
            .collect();
        let mut round2: Vec<Message> = (0..relation.helpers.len()).map(Message::Helper).collect();
        if bus {
            round2.push(Message::RunningSum);
        }
        if copies {
            round2.push(Message::Product);
        }
        let evaluations =
            cur.iter().chain(next.iter()).map(|leaf| Message::Evaluation(*leaf)).collect();
        Self {
            rounds: [
                (0..relation.witness_columns()).map(Message::Advice).collect(),
                round2,
                (0..QUOTIENT_CHUNKS).map(Message::Quotient).collect(),
                evaluations,
                vec![Message::OpeningCur, Message::OpeningNext],
            ],
            opened_cur: cur,
            opened_next: next,
        }
    }

    /// All messages in proof order.
    pub fn messages(&self) -> impl Iterator<Item = Message> + '_ {
        self.rounds.iter().flatten().copied()
    }

    /// Bytes of a proof.
    #[must_use]
    pub fn proof_bytes(&self) -> usize {
        self.messages().map(Message::bytes).sum()
    }
}

impl Message {
    /// True for a scalar, false for a point.
    #[must_use]
    pub fn is_scalar(self) -> bool {
        matches!(self, Self::Evaluation(_))
    }
    /// Whether the point at infinity, the commitment to the zero polynomial, is a legitimate value.
    ///
    /// A witness, helper, running-sum or quotient polynomial may well be zero, and the group identity is its only commitment: it
    /// opens to zero and to nothing else, and the precompiles read its encoding (64 zero bytes) as the identity, as we do. The
    /// permutation product is one on the first row, and the openings are quotients of non-constant polynomials: never zero.
    #[must_use]
    pub fn may_be_infinity(self) -> bool {
        matches!(self, Self::Advice(_) | Self::Helper(_) | Self::RunningSum | Self::Quotient(_))
    }
    /// Encoded size.
    #[must_use]
    pub fn bytes(self) -> usize {
        if self.is_scalar() { 32 } else { 64 }
    }
    /// Name for errors and JSON.
    #[must_use]
    pub fn name(self) -> String {
        format!("{self:?}")
    }
}
