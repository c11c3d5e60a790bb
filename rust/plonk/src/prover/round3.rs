//! Round 3: the quotient of all identities, combined by powers of y, by X^n - 1.
//!
//! A combination of degree < 6n has a quotient of degree < 5n, so five cosets of size n determine it. On the coset g_k H,
//! X^n = c_k = g_k^n is constant; with t = sum_j X^(jn) t_j the coset values are those of sum_j c_k^j t_j, so one inverse FFT a coset
//! and a 5 x 5 Vandermonde system a coefficient give the pieces t_j.

use ark_bn254::Fr;
use ark_ff::{FftField, Field, Zero};
use ark_poly::EvaluationDomain;
use rayon::prelude::*;

use super::Session;
use crate::arithmetization::expr::{Leaf, Rotation};
use crate::arithmetization::program::{Op, Plan, Step};
use crate::arithmetization::relation::QUOTIENT_CHUNKS;
use crate::error::PlonkError;
use crate::schema::Message;
use crate::transcript::Transcript;

/// Rows evaluated together; registers of one block stay in the second-level cache.
const BLOCK: usize = 64;

/// Column values of one coset, indexed by leaf.
struct CosetColumns<'a> {
    n: usize,
    advice: Vec<Vec<Fr>>,
    fixed: Vec<Vec<Fr>>,
    sigma: Vec<Vec<Fr>>,
    helpers: Vec<Vec<Fr>>,
    sum: Vec<Fr>,
    product: Vec<Fr>,
    instance: Vec<Fr>,
    points: Vec<Fr>,
    first_row: Vec<Fr>,
    periodic: Vec<Vec<Fr>>,
    session: &'a Session<'a>,
}

impl CosetColumns<'_> {
    fn fill(&self, leaf: Leaf, start: usize, out: &mut [Fr]) {
        let copy = |out: &mut [Fr], column: &[Fr]| out.copy_from_slice(&column[start..start + out.len()]);
        let rotated = |out: &mut [Fr], column: &[Fr]| {
            for (i, o) in out.iter_mut().enumerate() {
                *o = column[(start + i + 1) % self.n];
            }
        };
        match leaf {
            Leaf::Advice(c, Rotation::Cur) => copy(out, &self.advice[c]),
            Leaf::Advice(c, Rotation::Next) => rotated(out, &self.advice[c]),
            Leaf::Fixed(c) => copy(out, &self.fixed[c]),
            Leaf::Sigma(c) => copy(out, &self.sigma[c]),
            Leaf::Helper(c) => copy(out, &self.helpers[c]),
            Leaf::RunningSum(Rotation::Cur) => copy(out, &self.sum),
            Leaf::RunningSum(Rotation::Next) => rotated(out, &self.sum),
            Leaf::Product(Rotation::Cur) => copy(out, &self.product),
            Leaf::Product(Rotation::Next) => rotated(out, &self.product),
            Leaf::Instance => copy(out, &self.instance),
            Leaf::Point => copy(out, &self.points),
            Leaf::FirstRow => copy(out, &self.first_row),
            Leaf::Periodic(c) => {
                let p = &self.periodic[c];
                for (i, o) in out.iter_mut().enumerate() {
                    *o = p[(start + i) % p.len()];
                }
            }
            Leaf::Challenge(c) => out.fill(self.session.challenge(c)),
        }
    }

    fn evaluate(&self, plan: &Plan, y: Fr, scale: Fr) -> Vec<Fr> {
        let mut out = vec![Fr::zero(); self.n];
        let block = BLOCK.min(self.n);
        out.par_chunks_mut(block).enumerate().for_each_init(
            || vec![[Fr::zero(); BLOCK]; plan.registers],
            |registers, (index, acc)| {
                let start = index * block;
                for step in &plan.steps {
                    match step {
                        Step::Compute(op, to) => self.compute(op, *to as usize, registers, start, block),
                        Step::Fold(from) => {
                            let r = &registers[*from as usize];
                            for (a, x) in acc.iter_mut().zip(r) {
                                *a = *a * y + x;
                            }
                        }
                    }
                }
                for a in acc.iter_mut() {
                    *a *= scale;
                }
            },
        );
        out
    }

    fn compute(&self, op: &Op, to: usize, registers: &mut [[Fr; BLOCK]], start: usize, block: usize) {
        let mut result = [Fr::zero(); BLOCK];
        match op {
            Op::Constant(c) => result.fill(*c),
            Op::Leaf(l) => self.fill(*l, start, &mut result[..block]),
            Op::Add(a, b) => {
                for i in 0..block {
                    result[i] = registers[*a as usize][i] + registers[*b as usize][i];
                }
            }
            Op::Sub(a, b) => {
                for i in 0..block {
                    result[i] = registers[*a as usize][i] - registers[*b as usize][i];
                }
            }
            Op::Mul(a, b) => {
                for i in 0..block {
                    result[i] = registers[*a as usize][i] * registers[*b as usize][i];
                }
            }
        }
        registers[to] = result;
    }
}

impl Session<'_> {
    fn coset_columns(&self, shift: Fr) -> Result<CosetColumns<'_>, PlonkError> {
        let coset = self
            .domain
            .get_coset(shift)
            .ok_or_else(|| PlonkError::shape("coset shift", "non-zero", shift))?;
        let n = self.pk.vk.relation.n();
        let evaluate = |polys: &[Vec<Fr>]| polys.par_iter().map(|p| coset.fft(p)).collect::<Vec<_>>();
        let relation = &self.pk.vk.relation;
        let mut instance = vec![Fr::zero(); n];
        instance[relation.instance_row0..relation.instance_row0 + self.witness.instance.len()]
            .copy_from_slice(&self.witness.instance);
        let mut first = vec![Fr::zero(); n];
        first[0] = Fr::ONE;
        // A periodic column of period p is a polynomial in X^(n/p): on the coset it has period p too.
        let mut periodic = Vec::with_capacity(relation.periodic.len());
        for p in &relation.periodic {
            let small = crate::keys::domain(p.len())?;
            let shifted = small
                .get_coset(shift.pow([(n / p.len()) as u64]))
                .ok_or_else(|| PlonkError::shape("coset shift", "non-zero", shift))?;
            periodic.push(shifted.fft(&small.ifft(p)));
        }
        Ok(CosetColumns {
            n,
            advice: evaluate(&self.advice_polys),
            fixed: evaluate(&self.pk.fixed_polys),
            sigma: evaluate(&self.pk.sigma_polys),
            helpers: evaluate(&self.helper_polys),
            sum: coset.fft(&self.sum_poly),
            product: coset.fft(&self.product_poly),
            instance: coset.fft(&self.domain.ifft(&instance)),
            points: coset.elements().collect(),
            first_row: coset.fft(&self.domain.ifft(&first)),
            periodic,
            session: self,
        })
    }

    pub(super) fn round3(&mut self) -> Result<(), PlonkError> {
        let y = self.transcript.challenge();
        let n = self.pk.vk.relation.n();
        let plan = self.pk.vk.program.plan();
        // c_k = (5 w^k)^n with w of order 8n: five different n-th powers, none of them 1.
        let w = Fr::get_root_of_unity(8 * n as u64).ok_or_else(|| PlonkError::shape("rows", "at most 2^25", n))?;
        let mut values = Vec::new();
        let mut c = Vec::new();
        for k in 0..QUOTIENT_CHUNKS {
            self.progress.poll()?;
            let shift = Fr::from(5u64) * w.pow([k as u64]);
            let ck = shift.pow([n as u64]);
            let vanishing = (ck - Fr::ONE)
                .inverse()
                .ok_or_else(|| PlonkError::ZeroDenominator("vanishing polynomial".into()))?;
            let columns = self.coset_columns(shift)?;
            self.progress.ended("coset evaluation");
            let evaluations = columns.evaluate(&plan, y, vanishing);
            self.progress.ended("identities");
            let coset = self.domain.get_coset(shift).ok_or_else(|| PlonkError::shape("coset", "non-zero", shift))?;
            values.push(coset.ifft(&evaluations));
            c.push(ck);
        }
        let inverse = vandermonde_inverse(&c)?;
        self.quotient = (0..QUOTIENT_CHUNKS)
            .map(|j| {
                (0..n)
                    .into_par_iter()
                    .map(|i| (0..QUOTIENT_CHUNKS).map(|k| inverse[j][k] * values[k][i]).sum())
                    .collect()
            })
            .collect();
        self.progress.ended("quotient pieces");
        let (pk, quotient) = (self.pk, std::mem::take(&mut self.quotient));
        let columns: Vec<(Message, &[Fr])> =
            quotient.iter().enumerate().map(|(j, q)| (Message::Quotient(j), q.as_slice())).collect();
        self.commit(&pk.powers, &columns)?;
        self.quotient = quotient;
        Ok(())
    }
}

/// Inverse of V[k][j] = c_k^j by Gauss-Jordan elimination.
fn vandermonde_inverse(c: &[Fr]) -> Result<Vec<Vec<Fr>>, PlonkError> {
    let m = c.len();
    let mut a: Vec<Vec<Fr>> = c
        .iter()
        .enumerate()
        .map(|(k, ck)| {
            let mut row: Vec<Fr> = (0..m).map(|j| ck.pow([j as u64])).collect();
            row.extend((0..m).map(|j| Fr::from(u64::from(j == k))));
            row
        })
        .collect();
    for col in 0..m {
        let pivot = (col..m)
            .find(|r| !a[*r][col].is_zero())
            .ok_or_else(|| PlonkError::ZeroDenominator("Vandermonde matrix".into()))?;
        a.swap(col, pivot);
        let inv = a[col][col].inverse().ok_or_else(|| PlonkError::ZeroDenominator("Vandermonde matrix".into()))?;
        for x in &mut a[col] {
            *x *= inv;
        }
        let pivot_row = a[col].clone();
        for (r, row) in a.iter_mut().enumerate() {
            if r != col {
                let f = row[col];
                for (x, p) in row.iter_mut().zip(&pivot_row) {
                    *x -= f * p;
                }
            }
        }
    }
    Ok(a.into_iter().map(|row| row[m..].to_vec()).collect())
}
