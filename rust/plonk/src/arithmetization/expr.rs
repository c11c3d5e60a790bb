//! Expressions over the columns of a trace: a cheap-to-clone directed acyclic graph.
//!
//! What it is not: an evaluator; see `program`.

use std::ops::{Add, Mul, Neg, Sub};
use std::sync::Arc;

use ark_bn254::Fr;
use ark_ff::{One, Zero};

use super::program::Program;

/// Which row a cell is read from, relative to the row a constraint stands on (cyclic).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rotation {
    /// The same row.
    Cur,
    /// The next row; the last row's next is the first.
    Next,
}

/// The values an expression reads. The variants after `Instance` belong to the protocol and are made by the relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Leaf {
    /// A witness column (multiplicity columns follow the advice columns).
    Advice(usize, Rotation),
    /// A committed fixed column.
    Fixed(usize),
    /// A periodic column, evaluated by the verifier and not committed.
    Periodic(usize),
    /// The public inputs: pi_i on row `instance_row0 + i`, 0 elsewhere.
    Instance,
    /// Permutation column of copy column i.
    Sigma(usize),
    /// Helper column of the bus.
    Helper(usize),
    /// Running sum of the bus.
    RunningSum(Rotation),
    /// Permutation product.
    Product(Rotation),
    /// A challenge.
    Challenge(Challenge),
    /// The evaluation point itself.
    Point,
    /// The Lagrange polynomial of row 0.
    FirstRow,
}

/// The challenges that constraints mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Challenge {
    /// Combines a message's payload.
    Alpha,
    /// Shifts the bus denominators.
    Gamma,
    /// Multiplies identities in the permutation argument.
    Beta,
    /// Shifts the permutation argument.
    Delta,
}

/// A polynomial expression.
#[derive(Clone, Debug)]
pub enum Expr {
    /// A constant.
    Constant(Fr),
    /// A value of the trace or of the protocol.
    Leaf(Leaf),
    /// A sum.
    Add(Arc<(Expr, Expr)>),
    /// A difference.
    Sub(Arc<(Expr, Expr)>),
    /// A product.
    Mul(Arc<(Expr, Expr)>),
}

impl Expr {
    /// Witness cell of `column` on the current row.
    #[must_use]
    pub fn cur(column: usize) -> Self {
        Self::Leaf(Leaf::Advice(column, Rotation::Cur))
    }
    /// Witness cell of `column` on the next row.
    #[must_use]
    pub fn next(column: usize) -> Self {
        Self::Leaf(Leaf::Advice(column, Rotation::Next))
    }
    /// Fixed column.
    #[must_use]
    pub fn fixed(column: usize) -> Self {
        Self::Leaf(Leaf::Fixed(column))
    }
    /// Periodic column.
    #[must_use]
    pub fn periodic(column: usize) -> Self {
        Self::Leaf(Leaf::Periodic(column))
    }
    /// The public-input polynomial.
    #[must_use]
    pub fn instance() -> Self {
        Self::Leaf(Leaf::Instance)
    }
    /// Zero.
    #[must_use]
    pub fn zero() -> Self {
        Self::Constant(Fr::zero())
    }
    /// One.
    #[must_use]
    pub fn one() -> Self {
        Self::Constant(Fr::one())
    }
    pub(crate) fn challenge(c: Challenge) -> Self {
        Self::Leaf(Leaf::Challenge(c))
    }
    /// Fifth power.
    #[must_use]
    pub fn pow5(&self) -> Self {
        let square = self.clone() * self.clone();
        square.clone() * square * self.clone()
    }
    /// Sum of many.
    #[must_use]
    pub fn sum(parts: impl IntoIterator<Item = Expr>) -> Self {
        parts.into_iter().fold(Self::zero(), |a, b| a + b)
    }
    /// The constant, when it is one.
    #[must_use]
    pub fn as_constant(&self) -> Option<Fr> {
        match self {
            Self::Constant(c) => Some(*c),
            _ => None,
        }
    }
    /// Degree in units of n: every column counts one, constants and challenges none.
    #[must_use]
    pub fn degree(&self) -> usize {
        // By way of the compiled form, which visits a shared node once.
        let program = Program::compile_exprs(std::iter::once(self));
        let degrees = program.degrees();
        program.outputs.first().map_or(0, |out| degrees[*out as usize])
    }
}

impl From<Fr> for Expr {
    fn from(value: Fr) -> Self {
        Self::Constant(value)
    }
}
impl From<u64> for Expr {
    fn from(value: u64) -> Self {
        Self::Constant(Fr::from(value))
    }
}
impl<T: Into<Expr>> Add<T> for Expr {
    type Output = Expr;
    fn add(self, other: T) -> Expr {
        let other = other.into();
        match (&self, &other) {
            (Expr::Constant(a), Expr::Constant(b)) => Expr::Constant(*a + b),
            (Expr::Constant(a), _) if a.is_zero() => other,
            (_, Expr::Constant(b)) if b.is_zero() => self,
            _ => Expr::Add(Arc::new((self, other))),
        }
    }
}
impl<T: Into<Expr>> Sub<T> for Expr {
    type Output = Expr;
    fn sub(self, other: T) -> Expr {
        let other = other.into();
        match (&self, &other) {
            (Expr::Constant(a), Expr::Constant(b)) => Expr::Constant(*a - b),
            (_, Expr::Constant(b)) if b.is_zero() => self,
            _ => Expr::Sub(Arc::new((self, other))),
        }
    }
}
impl<T: Into<Expr>> Mul<T> for Expr {
    type Output = Expr;
    fn mul(self, other: T) -> Expr {
        let other = other.into();
        match (&self, &other) {
            (Expr::Constant(a), Expr::Constant(b)) => Expr::Constant(*a * b),
            (Expr::Constant(a), _) if a.is_zero() => Expr::zero(),
            (_, Expr::Constant(b)) if b.is_zero() => Expr::zero(),
            (Expr::Constant(a), _) if a.is_one() => other,
            (_, Expr::Constant(b)) if b.is_one() => self,
            _ => Expr::Mul(Arc::new((self, other))),
        }
    }
}
impl Neg for Expr {
    type Output = Expr;
    fn neg(self) -> Expr {
        Expr::zero() - self
    }
}
