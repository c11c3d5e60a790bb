//! Programs evaluated over the rows of a trace or of a coset: on lanes where the processor has them, else in blocks of rows.
//!
//! What it is not: evaluation at one point (`Program::combine`), or knowledge of where columns come from.

use ark_bn254::Fr;
use ark_ff::Zero;
use rayon::prelude::*;

use super::expr::{Challenge, Leaf};
use super::program::{Op, Plan, Program, Step};

/// Rows that a task of the thread pool takes.
const CHUNK: usize = 1024;
/// Rows that the scalar path evaluates together; registers of one block stay in the second-level cache.
const BLOCK: usize = 64;

/// Where a leaf's values come from: row r reads `values[(r + next) mod values.len()]`.
///
/// The length is a power of two: the rows of a column, or the period of a periodic one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// The values.
    pub(crate) values: &'a [Fr],
    /// Read the next row.
    pub(crate) next: bool,
}

impl<'a> Source<'a> {
    /// The row itself.
    pub(crate) fn cur(values: &'a [Fr]) -> Self {
        Self { values, next: false }
    }
    /// The row after it.
    pub(crate) fn next(values: &'a [Fr]) -> Self {
        Self { values, next: true }
    }
    /// The value a row reads.
    pub(crate) fn at(&self, row: usize) -> Fr {
        self.values[(row + usize::from(self.next)) & (self.values.len() - 1)]
    }
}

/// A program ready for many rows.
#[derive(Clone, Debug)]
pub(crate) struct Evaluator {
    program: Program,
    challenges: [Fr; 4],
    #[cfg(target_arch = "x86_64")]
    lanes: Option<(crate::field::Ifma, super::lanes::Evaluation)>,
}

fn index(c: Challenge) -> usize {
    match c {
        Challenge::Alpha => 0,
        Challenge::Gamma => 1,
        Challenge::Beta => 2,
        Challenge::Delta => 3,
    }
}

/// Whether lanes take these rows.
#[cfg(target_arch = "x86_64")]
fn whole_blocks(rows: usize) -> bool {
    rows.is_multiple_of(super::lanes::BLOCK)
}

impl Evaluator {
    /// Plans a program for given challenges.
    pub(crate) fn new(program: &Program, challenge: impl Fn(Challenge) -> Fr) -> Self {
        Self {
            program: program.clone(),
            challenges: [Challenge::Alpha, Challenge::Gamma, Challenge::Beta, Challenge::Delta].map(&challenge),
            #[cfg(target_arch = "x86_64")]
            lanes: crate::field::Ifma::detect().map(|l| (l, super::lanes::Evaluation::new(program, challenge))),
        }
    }

    /// On each of n rows, scale times the sum over i of y^(k-1-i) output i.
    pub(crate) fn fold<'a>(&self, source: impl Fn(Leaf) -> Source<'a> + Sync, n: usize, y: Fr, scale: Fr) -> Vec<Fr> {
        let mut out = vec![Fr::zero(); n];
        #[cfg(target_arch = "x86_64")]
        if let Some((l, lanes)) = self.lanes.as_ref().filter(|_| whole_blocks(n)) {
            let sources: Vec<Source<'_>> = lanes.leaves().iter().map(|leaf| source(*leaf)).collect();
            out.par_chunks_mut(CHUNK)
                .enumerate()
                .for_each(|(i, out)| lanes.fold(*l, &sources, i * CHUNK, y, scale, out));
            return out;
        }
        let plan = self.program.plan();
        let block = BLOCK.min(n);
        out.par_chunks_mut(block).enumerate().for_each_init(
            || vec![[Fr::zero(); BLOCK]; plan.registers],
            |registers, (i, out)| self.fold_block(&plan, &source, registers, i * block, y, scale, out),
        );
        out
    }

    #[allow(clippy::too_many_arguments)]
    fn fold_block<'a>(
        &self,
        plan: &Plan,
        source: &impl Fn(Leaf) -> Source<'a>,
        registers: &mut [[Fr; BLOCK]],
        start: usize,
        y: Fr,
        scale: Fr,
        out: &mut [Fr],
    ) {
        for step in &plan.steps {
            match step {
                Step::Compute(op, to) => {
                    registers[*to as usize] = self.compute(op, registers, source, start, out.len());
                }
                Step::Fold(from) => {
                    for (a, x) in out.iter_mut().zip(&registers[*from as usize]) {
                        *a = *a * y + x;
                    }
                }
            }
        }
        for a in out {
            *a *= scale;
        }
    }

    fn compute<'a>(
        &self,
        op: &Op,
        registers: &[[Fr; BLOCK]],
        source: &impl Fn(Leaf) -> Source<'a>,
        start: usize,
        rows: usize,
    ) -> [Fr; BLOCK] {
        let mut result = [Fr::zero(); BLOCK];
        let of = |r: &u32| &registers[*r as usize];
        match op {
            Op::Constant(c) => result.fill(*c),
            Op::Leaf(Leaf::Challenge(c)) => result.fill(self.challenges[index(*c)]),
            Op::Leaf(leaf) => {
                let source = source(*leaf);
                result.iter_mut().take(rows).enumerate().for_each(|(i, r)| *r = source.at(start + i));
            }
            Op::Add(a, b) => result.iter_mut().zip(of(a)).zip(of(b)).for_each(|((r, a), b)| *r = *a + b),
            Op::Sub(a, b) => result.iter_mut().zip(of(a)).zip(of(b)).for_each(|((r, a), b)| *r = *a - b),
            Op::Mul(a, b) => result.iter_mut().zip(of(a)).zip(of(b)).for_each(|((r, a), b)| *r = *a * b),
        }
        result
    }

    /// Values of every output on the rows `start..start + rows`: output k on row `start + i` at `k rows + i`.
    pub(crate) fn values<'a>(&self, source: impl Fn(Leaf) -> Source<'a>, start: usize, rows: usize) -> Vec<Fr> {
        let outputs = &self.program.outputs;
        let mut out = vec![Fr::zero(); outputs.len() * rows];
        #[cfg(target_arch = "x86_64")]
        if let Some((l, lanes)) = self.lanes.as_ref().filter(|_| whole_blocks(rows)) {
            let sources: Vec<Source<'_>> = lanes.leaves().iter().map(|leaf| source(*leaf)).collect();
            lanes.values(*l, &sources, start, rows, &mut out);
            return out;
        }
        let mut v = Vec::new();
        for i in 0..rows {
            self.row_values(&mut v, &source, start + i);
            for (k, at) in outputs.iter().enumerate() {
                out[k * rows + i] = v[*at as usize];
            }
        }
        out
    }

    /// The rows among n on which some output is not zero, in order.
    pub(crate) fn nonzero_rows<'a>(&self, source: impl Fn(Leaf) -> Source<'a> + Sync, n: usize) -> Vec<usize> {
        #[cfg(target_arch = "x86_64")]
        if let Some((l, lanes)) = self.lanes.as_ref().filter(|_| whole_blocks(n)) {
            let sources: Vec<Source<'_>> = lanes.leaves().iter().map(|leaf| source(*leaf)).collect();
            let mut bits = vec![0u8; n / 8];
            bits.par_chunks_mut(CHUNK / 8).enumerate().for_each(|(i, out)| lanes.nonzero(*l, &sources, i * CHUNK, out));
            return (0..n).filter(|row| bits[row / 8] >> (row % 8) & 1 == 1).collect();
        }
        (0..n)
            .into_par_iter()
            .map_init(Vec::new, |v, row| {
                self.row_values(v, &source, row);
                (row, self.program.outputs.iter().any(|o| !v[*o as usize].is_zero()))
            })
            .filter_map(|(row, bad)| bad.then_some(row))
            .collect()
    }

    /// Takes the scalar path from now on.
    #[cfg(test)]
    fn without_lanes(&mut self) {
        #[cfg(target_arch = "x86_64")]
        {
            self.lanes = None;
        }
    }

    fn row_values<'a>(&self, v: &mut Vec<Fr>, source: &impl Fn(Leaf) -> Source<'a>, row: usize) {
        self.program.values_into(v, |leaf| match leaf {
            Leaf::Challenge(c) => self.challenges[index(c)],
            leaf => source(leaf).at(row),
        });
    }
}

#[cfg(test)]
mod tests;
