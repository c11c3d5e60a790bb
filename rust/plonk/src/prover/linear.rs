//! Linear algebra over columns of field elements: values at a point and combinations, on lanes where there are any.
//!
//! What it is not: transforms (`fft`) or the identities (`arithmetization::evaluate`).

use ark_bn254::Fr;
use ark_ff::{Field, Zero};
use rayon::prelude::*;

/// Elements that a task takes.
const CHUNK: usize = 4096;

/// Value of a polynomial given by coefficients.
pub(crate) fn evaluate(coefficients: &[Fr], x: Fr) -> Fr {
    coefficients
        .par_chunks(CHUNK)
        .enumerate()
        .map(|(i, chunk)| evaluate_chunk(chunk, x) * x.pow([(i * CHUNK) as u64]))
        .sum()
}

fn evaluate_chunk(coefficients: &[Fr], x: Fr) -> Fr {
    #[cfg(target_arch = "x86_64")]
    if let Some(l) = crate::field::Ifma::detect().filter(|_| coefficients.len().is_multiple_of(32)) {
        // Lane j and chain c hold the coefficients that are j + 8 c modulo 32.
        let parts = l.run(on_lanes::Horner { coefficients, x32: x.pow([32]) });
        return horner(&parts, x);
    }
    horner(coefficients, x)
}

fn horner(coefficients: &[Fr], x: Fr) -> Fr {
    coefficients.iter().rev().fold(Fr::zero(), |a, c| a * x + c)
}

/// The sum of scalar_i column_i; all columns have n elements.
pub(crate) fn combine(columns: &[&[Fr]], scalars: &[Fr], n: usize) -> Vec<Fr> {
    let mut out = vec![Fr::zero(); n];
    out.par_chunks_mut(CHUNK).enumerate().for_each(|(i, out)| {
        let parts: Vec<&[Fr]> = columns.iter().map(|c| &c[i * CHUNK..i * CHUNK + out.len()]).collect();
        combine_chunk(&parts, scalars, out);
    });
    out
}

fn combine_chunk(columns: &[&[Fr]], scalars: &[Fr], out: &mut [Fr]) {
    #[cfg(target_arch = "x86_64")]
    if let Some(l) = crate::field::Ifma::detect().filter(|_| out.len().is_multiple_of(8)) {
        return l.run(on_lanes::Combine { columns, scalars, out });
    }
    for (column, scalar) in columns.iter().zip(scalars) {
        out.iter_mut().zip(*column).for_each(|(o, x)| *o += *scalar * x);
    }
}

#[cfg(target_arch = "x86_64")]
mod on_lanes {
    use super::{Fr, Zero};
    use crate::field::{limbs260, Ifma, Kernel, Lanes, Scalar};

    type L = Lanes<Scalar>;

    /// Four interleaved Horner chains of eight lanes; their length is a multiple of 32.
    pub(super) struct Horner<'a> {
        pub(super) coefficients: &'a [Fr],
        pub(super) x32: Fr,
    }

    impl Kernel for Horner<'_> {
        type Output = [Fr; 32];
        #[inline(always)]
        fn run(self, l: Ifma) -> [Fr; 32] {
            let x: L = l.splat_limbs(&limbs260(&self.x32));
            let mut acc = [l.zero::<Scalar>(); 4];
            for chunk in self.coefficients.chunks_exact(32).rev() {
                for half in 0..2 {
                    let (a, b) = (acc[2 * half], acc[2 * half + 1]);
                    let product = l.mul_wide([l.factor(a), l.factor(b)], [x, x]);
                    for (h, p) in product.into_iter().enumerate() {
                        let at = 8 * (2 * half + h);
                        acc[2 * half + h] = l.wide_add(p, gather(l, &chunk[at..at + 8]));
                    }
                }
            }
            let mut out = [Fr::zero(); 32];
            for (x, to) in acc.into_iter().zip(out.chunks_exact_mut(8)) {
                scatter(l, l.canonical_any(x), to);
            }
            out
        }
    }

    /// `combine_chunk` on lanes.
    pub(super) struct Combine<'a> {
        pub(super) columns: &'a [&'a [Fr]],
        pub(super) scalars: &'a [Fr],
        pub(super) out: &'a mut [Fr],
    }

    impl Kernel for Combine<'_> {
        type Output = ();
        #[inline(always)]
        fn run(self, l: Ifma) {
            let factors: Vec<L> = self.scalars.iter().map(|s| l.splat_limbs(&limbs260(s))).collect();
            for (row, to) in self.out.chunks_exact_mut(8).enumerate() {
                let at = 8 * row;
                let mut sum = l.zero::<Scalar>();
                // Products are below 3 p: 24 of them stay far below 84 p beside what is reduced.
                for (columns, factors) in self.columns.chunks(24).zip(factors.chunks(24)) {
                    for (columns, factors) in columns.chunks(2).zip(factors.chunks(2)) {
                        if let ([c, d], [f, g]) = (columns, factors) {
                            let x = [gather(l, &c[at..at + 8]), gather(l, &d[at..at + 8])];
                            let [p, q] = l.mul_wide(x, [*f, *g]);
                            sum = l.wide_add(sum, l.wide_add(p, q));
                        } else if let ([c], [f]) = (columns, factors) {
                            let [p] = l.mul_wide([gather(l, &c[at..at + 8])], [*f]);
                            sum = l.wide_add(sum, p);
                        }
                    }
                    sum = l.reduce_any(sum);
                }
                scatter(l, l.canonical_any(sum), to);
            }
        }
    }

    #[inline(always)]
    fn gather(l: Ifma, x: &[Fr]) -> L {
        let [a, b, c, d, e, f, g, h] = x else { return l.zero() };
        l.gather([&a.0 .0, &b.0 .0, &c.0 .0, &d.0 .0, &e.0 .0, &f.0 .0, &g.0 .0, &h.0 .0])
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
    fn lanes_equal_the_definitions() {
        let mut rng = ark_std::test_rng();
        for n in [1, 8, 32, 96, 4096, 3 * 4096 + 64] {
            let columns: Vec<Vec<Fr>> = (0..61)
                .map(|k| (0..n).map(|_| if k == 0 { -Fr::from(1u64) } else { Fr::rand(&mut rng) }).collect())
                .collect();
            for x in [Fr::rand(&mut rng), -Fr::from(1u64), Fr::zero()] {
                assert_eq!(evaluate(&columns[0], x), horner(&columns[0], x), "n = {n}");
                assert_eq!(evaluate(&columns[1], x), horner(&columns[1], x), "n = {n}");
            }
            let scalars: Vec<Fr> = (0..61).map(|k| if k < 30 { -Fr::from(1u64) } else { Fr::rand(&mut rng) }).collect();
            for count in [0, 1, 2, 25, 61] {
                let list: Vec<&[Fr]> = columns[..count].iter().map(Vec::as_slice).collect();
                let expected: Vec<Fr> =
                    (0..n).map(|i| list.iter().zip(&scalars).map(|(c, s)| c[i] * s).sum()).collect();
                assert_eq!(combine(&list, &scalars[..count], n), expected, "n = {n}, {count} columns");
            }
        }
    }
}
