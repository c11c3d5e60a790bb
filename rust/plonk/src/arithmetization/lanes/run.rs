//! A planned program run on lanes over blocks of rows.
//!
//! A block is [`WIDTH`] vectors of eight rows; its registers stay in the caches from step to step.
//! What it is not: the plan; see `plan.rs`.

use ark_bn254::Fr;

use super::plan::Step;
use super::{Evaluation, Source};
use crate::field::{Ifma, Kernel, Lanes, Scalar, LIMBS};

/// Vectors of eight rows in a block.
pub(super) const WIDTH: usize = 2;
/// Rows in a block.
pub(crate) const BLOCK: usize = 8 * WIDTH;

pub(super) type L = Lanes<Scalar>;
pub(super) type Block = [L; WIDTH];

/// What becomes of outputs. Both functions must be `#[inline(always)]`.
pub(super) trait Sink {
    /// Output `index` of the block: wide, below 31 p, in R = 2^260.
    fn output(&mut self, l: Ifma, index: usize, x: &Block);
    /// The block whose rows begin `row` rows after the first is done.
    fn end(&mut self, l: Ifma, row: usize);
}

/// A run over `rows` rows from `start` on; both multiples of [`BLOCK`].
pub(super) struct Run<'a, S> {
    pub(super) evaluation: &'a Evaluation,
    pub(super) sources: &'a [Source<'a>],
    pub(super) start: usize,
    pub(super) rows: usize,
    pub(super) sink: S,
}

impl<S: Sink> Kernel for Run<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(mut self, l: Ifma) {
        let plan = &self.evaluation.plan;
        let constants = &self.evaluation.limbs[..];
        let mut registers: Vec<Block> = vec![[l.zero(); WIDTH]; plan.registers];
        for row in (0..self.rows).step_by(BLOCK) {
            for step in &plan.steps {
                if let Step::Output { index, from } = step {
                    self.sink.output(l, *index as usize, &registers[*from as usize]);
                } else {
                    compute(l, step, &mut registers, constants, self.sources, self.start + row);
                }
            }
            self.sink.end(l, row);
        }
    }
}

#[inline(always)]
fn compute(l: Ifma, step: &Step, r: &mut [Block], constants: &[[u64; LIMBS]], sources: &[Source<'_>], row: usize) {
    let splat = |c: u32| l.splat_limbs::<Scalar>(&constants[c as usize]);
    match *step {
        Step::Load { leaf, to } => {
            let source = &sources[leaf as usize];
            let to = &mut r[to as usize];
            for (v, x) in to.iter_mut().enumerate() {
                *x = l.reduce_any(load(l, source, row + 8 * v));
            }
        }
        Step::Constant { c, to } => r[to as usize] = [splat(c); WIDTH],
        Step::Add { a, b, to } => {
            let (a, b) = (r[a as usize], r[b as usize]);
            let to = &mut r[to as usize];
            for v in 0..WIDTH {
                to[v] = l.wide_add(a[v], b[v]);
            }
        }
        Step::AddConstant { a, c, to } => {
            let (a, c) = (r[a as usize], splat(c));
            let to = &mut r[to as usize];
            for v in 0..WIDTH {
                to[v] = l.wide_add(a[v], c);
            }
        }
        Step::Sub { a, b, multiple, to } => {
            let (a, b, m) = (r[a as usize], r[b as usize], l.multiple_of::<Scalar>(multiple.into()));
            let to = &mut r[to as usize];
            for v in 0..WIDTH {
                to[v] = l.wide_sub_from(a[v], b[v], m);
            }
        }
        Step::SubFromConstant { c, b, multiple, to } => {
            let (b, m) = (r[b as usize], l.wide_add(l.multiple_of::<Scalar>(multiple.into()), splat(c)));
            let to = &mut r[to as usize];
            for v in 0..WIDTH {
                to[v] = l.wide_sub(m, b[v]);
            }
        }
        Step::Mul { a, b, to } => {
            let (a, b) = (r[a as usize], r[b as usize]);
            r[to as usize] = l.mul_wide(factors(l, &a), factors(l, &b));
        }
        Step::Square { a, to } => {
            let a = r[a as usize];
            r[to as usize] = l.sqr_wide(factors(l, &a));
        }
        Step::MulConstant { a, c, to } => {
            let (a, c) = (r[a as usize], splat(c));
            r[to as usize] = l.mul_wide(factors(l, &a), [c; WIDTH]);
        }
        Step::Reduce { at } => {
            for x in &mut r[at as usize] {
                *x = l.reduce_any(*x);
            }
        }
        Step::Output { .. } => {}
    }
}

#[inline(always)]
pub(super) fn factors(l: Ifma, x: &Block) -> Block {
    let mut out = *x;
    for x in &mut out {
        *x = l.factor(*x);
    }
    out
}

/// Eight rows of a source in R = 2^260, below 16 p.
#[inline(always)]
fn load(l: Ifma, source: &Source<'_>, row: usize) -> L {
    let values = source.values;
    let mask = values.len() - 1;
    let at = (row + usize::from(source.next)) & mask;
    if let Some(Ok(x)) = values.get(at..at + 8).map(<&[Fr; 8]>::try_from) {
        l.gather_shifted([
            &x[0].0 .0, &x[1].0 .0, &x[2].0 .0, &x[3].0 .0, &x[4].0 .0, &x[5].0 .0, &x[6].0 .0, &x[7].0 .0,
        ])
    } else {
        let x = |i: usize| &values[(at + i) & mask].0 .0;
        l.gather_shifted([x(0), x(1), x(2), x(3), x(4), x(5), x(6), x(7)])
    }
}

/// acc := acc y + output; at the end of a block the rows are acc times `scale`.
pub(super) struct Fold<'a> {
    pub(super) y: L,
    /// In R = 2^256, so that results are.
    pub(super) scale: L,
    pub(super) acc: Block,
    pub(super) out: &'a mut [Fr],
}

impl Sink for Fold<'_> {
    #[inline(always)]
    fn output(&mut self, l: Ifma, _: usize, x: &Block) {
        // Below 3 p + 31 p: a product with y stays within 35 p^2.
        let product = l.mul_wide(factors(l, &self.acc), [self.y; WIDTH]);
        for v in 0..WIDTH {
            self.acc[v] = l.wide_add(product[v], x[v]);
        }
    }
    #[inline(always)]
    fn end(&mut self, l: Ifma, row: usize) {
        let scaled = l.mul_wide(factors(l, &self.acc), [self.scale; WIDTH]);
        self.acc = [l.zero(); WIDTH];
        for (v, x) in scaled.iter().enumerate() {
            scatter(l, l.canonical_any(*x), &mut self.out[row + 8 * v..row + 8 * v + 8]);
        }
    }
}

/// Every output's values: output k's rows are `out[k rows..(k + 1) rows]`.
pub(super) struct Values<'a> {
    pub(super) row: usize,
    pub(super) rows: usize,
    pub(super) one: L,
    pub(super) out: &'a mut [Fr],
}

impl Sink for Values<'_> {
    #[inline(always)]
    fn output(&mut self, l: Ifma, index: usize, x: &Block) {
        let at = index * self.rows + self.row;
        let plain = l.mul_wide(factors(l, x), [self.one; WIDTH]);
        for (v, x) in plain.iter().enumerate() {
            scatter(l, l.canonical_any(*x), &mut self.out[at + 8 * v..at + 8 * v + 8]);
        }
    }
    #[inline(always)]
    fn end(&mut self, _: Ifma, row: usize) {
        self.row = row + BLOCK;
    }
}

/// Rows on which some output is not zero, one bit a row.
pub(super) struct NonZero<'a> {
    pub(super) bad: [u8; WIDTH],
    pub(super) out: &'a mut [u8],
}

impl Sink for NonZero<'_> {
    #[inline(always)]
    fn output(&mut self, l: Ifma, _: usize, x: &Block) {
        for (bad, x) in self.bad.iter_mut().zip(x) {
            *bad |= !l.all_limbs_zero(l.canonical_any(*x));
        }
    }
    #[inline(always)]
    fn end(&mut self, _: Ifma, row: usize) {
        for v in 0..WIDTH {
            self.out[row / 8 + v] = self.bad[v];
            self.bad[v] = 0;
        }
    }
}

#[inline(always)]
fn scatter(l: Ifma, x: L, to: &mut [Fr]) {
    if let [a, b, c, d, e, f, g, h] = to {
        let to =
            [&mut a.0 .0, &mut b.0 .0, &mut c.0 .0, &mut d.0 .0, &mut e.0 .0, &mut f.0 .0, &mut g.0 .0, &mut h.0 .0];
        l.scatter(x, to);
    }
}
