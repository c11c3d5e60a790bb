//! Sums of fractions on every row, with one inversion for many denominators (P. L. Montgomery, "Speeding the Pollard and
//! elliptic curve methods of factorization", 1987, section 10.3.1): the columns of the logUp bus and of the permutation.
//!
//! What it is not: the bus; which fractions there are is the relation's business.

use ark_bn254::Fr;
use ark_ff::{batch_inversion, One, Zero};
use rayon::prelude::*;

use super::evaluate::{Evaluator, Source};
use super::expr::Leaf;

/// Rows that share an inversion and a task.
const CHUNK: usize = 1024;

/// On each of n rows the sum over k of output 2k divided by output 2k + 1; a numerator of zero counts as zero.
///
/// # Errors
/// The k of a denominator that is zero on some row though its numerator is not.
pub(crate) fn sums<'a>(
    evaluator: &Evaluator,
    fractions: usize,
    source: impl Fn(Leaf) -> Source<'a> + Sync,
    n: usize,
) -> Result<Vec<Fr>, usize> {
    let mut out = vec![Fr::zero(); n];
    out.par_chunks_mut(CHUNK).enumerate().try_for_each(|(i, out)| {
        let rows = out.len();
        let values = evaluator.values(&source, i * CHUNK, rows);
        let columns: Vec<(&[Fr], &[Fr])> = values.chunks_exact(2 * rows).map(|pair| pair.split_at(rows)).collect();
        debug_assert_eq!(columns.len(), fractions);
        sum_chunk(&columns, out)
    })?;
    Ok(out)
}

/// One chunk: on row i the sum of numerator i over denominator i.
fn sum_chunk(columns: &[(&[Fr], &[Fr])], out: &mut [Fr]) -> Result<(), usize> {
    #[cfg(target_arch = "x86_64")]
    if let Some(l) = crate::field::Ifma::detect().filter(|_| out.len().is_multiple_of(8)) {
        return l.run(on_lanes::Sums { columns, out });
    }
    sum_scalars(columns, out)
}

fn sum_scalars(columns: &[(&[Fr], &[Fr])], out: &mut [Fr]) -> Result<(), usize> {
    for (k, (numerators, denominators)) in columns.iter().enumerate() {
        let undefined = numerators.iter().zip(*denominators).any(|(num, den)| den.is_zero() && !num.is_zero());
        if undefined {
            return Err(k);
        }
        let mut inverses: Vec<Fr> =
            denominators.iter().map(|den| if den.is_zero() { Fr::one() } else { *den }).collect();
        batch_inversion(&mut inverses);
        for ((out, num), inverse) in out.iter_mut().zip(*numerators).zip(inverses) {
            *out += inverse * num;
        }
    }
    Ok(())
}

#[cfg(target_arch = "x86_64")]
mod on_lanes {
    use super::{batch_inversion, Fr, One, Zero};
    use crate::field::{limbs260, Ifma, Kernel, Lanes, Scalar};

    type L = Lanes<Scalar>;

    /// `sum_chunk` on lanes: eight rows at a time, one chain of products a lane over all fractions.
    pub(super) struct Sums<'a> {
        pub(super) columns: &'a [(&'a [Fr], &'a [Fr])],
        pub(super) out: &'a mut [Fr],
    }

    impl Kernel for Sums<'_> {
        type Output = Result<(), usize>;
        #[inline(always)]
        fn run(self, l: Ifma) -> Result<(), usize> {
            let one: L = l.splat_limbs(&limbs260(&Fr::one()));
            let raw_one: L = l.splat(&Fr::one().0 .0);
            let mut before: Vec<L> = Vec::with_capacity(self.columns.len() * self.out.len() / 8);
            let mut product = one;
            for row in (0..self.out.len()).step_by(8) {
                for (k, (numerators, denominators)) in self.columns.iter().enumerate() {
                    let zero = l.all_limbs_zero(gather(l, &denominators[row..row + 8]));
                    if zero & !l.all_limbs_zero(gather(l, &numerators[row..row + 8])) != 0 {
                        return Err(k);
                    }
                    before.push(product);
                    let den = l.select(zero, shifted(l, &denominators[row..row + 8]), one);
                    product = l.mul(product, den);
                }
            }
            let mut inverse = invert(l, l.mul(product, raw_one));
            for row in (0..self.out.len()).step_by(8).rev() {
                let mut sum = l.zero();
                for (numerators, denominators) in self.columns.iter().rev() {
                    let zero = l.all_limbs_zero(gather(l, &denominators[row..row + 8]));
                    let den = l.select(zero, shifted(l, &denominators[row..row + 8]), one);
                    let own = before.pop().map_or(inverse, |p| l.mul(p, inverse));
                    inverse = l.mul(inverse, den);
                    let fraction = l.mul(own, shifted(l, &numerators[row..row + 8]));
                    sum = l.reduce_any(l.wide_add(sum, fraction));
                }
                scatter(l, l.canonical_any(sum), &mut self.out[row..row + 8]);
            }
            Ok(())
        }
    }

    /// Inverses of eight elements in R = 2^256, none of them zero.
    #[inline(always)]
    fn invert(l: Ifma, x: L) -> L {
        let mut eight = [Fr::zero(); 8];
        scatter(l, l.canonical_any(x), &mut eight);
        batch_inversion(&mut eight);
        gather(l, &eight)
    }

    #[inline(always)]
    fn gather(l: Ifma, x: &[Fr]) -> L {
        let [a, b, c, d, e, f, g, h] = x else { return l.zero() };
        l.gather([&a.0 .0, &b.0 .0, &c.0 .0, &d.0 .0, &e.0 .0, &f.0 .0, &g.0 .0, &h.0 .0])
    }

    /// In R = 2^260, below 1.01 p.
    #[inline(always)]
    fn shifted(l: Ifma, x: &[Fr]) -> L {
        let [a, b, c, d, e, f, g, h] = x else { return l.zero() };
        l.reduce_any(l.gather_shifted([&a.0 .0, &b.0 .0, &c.0 .0, &d.0 .0, &e.0 .0, &f.0 .0, &g.0 .0, &h.0 .0]))
    }

    #[inline(always)]
    fn scatter(l: Ifma, x: L, to: &mut [Fr]) {
        if let [a, b, c, d, e, f, g, h] = to {
            let to = [
                &mut a.0 .0,
                &mut b.0 .0,
                &mut c.0 .0,
                &mut d.0 .0,
                &mut e.0 .0,
                &mut f.0 .0,
                &mut g.0 .0,
                &mut h.0 .0,
            ];
            l.scatter(x, to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::UniformRand;

    #[test]
    fn chunks_equal_scalars_and_name_a_zero_denominator() {
        let mut rng = ark_std::test_rng();
        for rows in [8, 64, 200] {
            let mut columns: Vec<Vec<Fr>> = (0..6).map(|_| (0..rows).map(|_| Fr::rand(&mut rng)).collect()).collect();
            columns[3][5] = Fr::zero();
            columns[2][5] = Fr::zero();
            columns[5][0] = -Fr::one();
            let pairs = |c: &[Vec<Fr>]| -> Result<Vec<Fr>, usize> {
                let list: Vec<(&[Fr], &[Fr])> = c.chunks(2).map(|p| (p[0].as_slice(), p[1].as_slice())).collect();
                let (mut fast, mut slow) = (vec![Fr::zero(); rows], vec![Fr::zero(); rows]);
                let results = (sum_chunk(&list, &mut fast), sum_scalars(&list, &mut slow));
                assert_eq!(results.0, results.1);
                results.0?;
                assert_eq!(fast, slow);
                Ok(fast)
            };
            let sums = pairs(&columns).expect("no pole");
            let fifth = columns[0][5] / columns[1][5] + columns[4][5] / columns[5][5];
            assert_eq!(sums[5], fifth, "a fraction 0/0 counts as zero");
            columns[2][5] = Fr::one();
            assert_eq!(pairs(&columns), Err(1));
        }
    }
}
