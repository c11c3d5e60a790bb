//! Programs evaluated over many rows on lanes, eight rows a vector (`plan`: what is computed; `run`: the computing).
//!
//! What it is not: a second meaning of programs; `evaluate.rs` has the scalar one, and tests keep both equal.

mod plan;
mod run;

use ark_bn254::Fr;

use super::evaluate::Source;
use super::expr::Challenge;
use super::program::Program;
use crate::field::{limbs260, Ifma, LIMBS};

use plan::LanePlan;
use run::{Fold, NonZero, Run, Values, WIDTH};

pub(crate) use run::BLOCK;

/// A planned program with its constants.
#[derive(Clone, Debug)]
pub(crate) struct Evaluation {
    plan: LanePlan,
    limbs: Vec<[u64; LIMBS]>,
}

impl Evaluation {
    pub(crate) fn new(program: &Program, challenge: impl Fn(Challenge) -> Fr) -> Self {
        let plan = LanePlan::new(program);
        let limbs = plan.constants(challenge).iter().map(limbs260).collect();
        Self { plan, limbs }
    }

    /// The leaves for which a run wants sources, in this order.
    pub(crate) fn leaves(&self) -> &[super::expr::Leaf] {
        &self.plan.leaves
    }

    /// scale times the sum over i of y^(k-1-i) output i, for the rows from `start` on.
    pub(crate) fn fold(&self, l: Ifma, sources: &[Source<'_>], start: usize, y: Fr, scale: Fr, out: &mut [Fr]) {
        let (rows, zero) = (out.len(), [l.zero(); WIDTH]);
        let sink = Fold { y: l.splat_limbs(&limbs260(&y)), scale: l.splat(&scale.0 .0), acc: zero, out };
        l.run(Run { evaluation: self, sources, start, rows, sink });
    }

    /// Output k on row `start + i` to `out[k rows + i]`.
    pub(crate) fn values(&self, l: Ifma, sources: &[Source<'_>], start: usize, rows: usize, out: &mut [Fr]) {
        let one = l.splat(&Fr::from(1u64).0 .0);
        l.run(Run { evaluation: self, sources, start, rows, sink: Values { row: 0, rows, one, out } });
    }

    /// Bit i of byte j: whether some output is not zero on row `start + 8 j + i`.
    pub(crate) fn nonzero(&self, l: Ifma, sources: &[Source<'_>], start: usize, out: &mut [u8]) {
        let rows = 8 * out.len();
        l.run(Run { evaluation: self, sources, start, rows, sink: NonZero { bad: [0; WIDTH], out } });
    }
}
