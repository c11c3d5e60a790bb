//! Round 2: helper columns h_k, running sum S and permutation product Z; then y.
//!
//! h_k(row) = sum over the selected group of numerator / denominator; S(next) = S + sum_k h_k, cyclic;
//! Z(next) = Z prod (w + beta k_i X + delta) / (w + beta sigma_i + delta).

use ark_bn254::Fr;
use ark_ff::{batch_inversion, Field, Zero};
use rayon::prelude::*;

use super::Session;
use crate::arithmetization::expr::{Challenge, Leaf, Rotation};
use crate::arithmetization::program::Program;
use crate::arithmetization::relation::{Constraint, Helper, Relation};
use crate::error::PlonkError;
use crate::schema::Message;

impl Session<'_> {
    pub(super) fn row_value(&self, row: usize, leaf: Leaf) -> Fr {
        let relation = &self.pk.vk.relation;
        let n = relation.n();
        match leaf {
            Leaf::Advice(c, Rotation::Cur) => self.witness.advice[c][row],
            Leaf::Advice(c, Rotation::Next) => self.witness.advice[c][(row + 1) % n],
            Leaf::Fixed(c) => self.pk.trace.fixed[c][row],
            Leaf::Periodic(c) => relation.periodic[c][row % relation.periodic[c].len()],
            Leaf::Challenge(c) => self.challenge(c),
            Leaf::Instance => {
                let i = row.wrapping_sub(relation.instance_row0);
                self.witness.instance.get(i).copied().unwrap_or_else(Fr::zero)
            }
            Leaf::FirstRow => Fr::from(u64::from(row == 0)),
            _ => Fr::zero(),
        }
    }

    fn helper_column(&self, helper: &Helper) -> Result<Vec<Fr>, PlonkError> {
        let n = self.pk.vk.relation.n();
        let mut column = vec![Fr::zero(); n];
        for group in &helper.groups {
            let mut list = vec![group.selector.clone()];
            for term in &group.terms {
                list.push(term.numerator.clone());
                list.push(Relation::denominator(term));
            }
            let list: Vec<_> = list.into_iter().map(|expr| Constraint { label: String::new(), expr }).collect();
            let program = Program::compile(&list);
            let selector = Program::compile(&list[..1]);
            column.par_chunks_mut(1024).enumerate().try_for_each(|(chunk, out)| {
                let mut dens = Vec::new();
                let mut nums = Vec::new();
                let mut at = Vec::new();
                for (i, _) in out.iter().enumerate() {
                    let row = chunk * 1024 + i;
                    let on = selector.values(|l| self.row_value(row, l))[selector.outputs[0] as usize];
                    if on.is_zero() {
                        continue;
                    }
                    let v = program.values(|l| self.row_value(row, l));
                    for t in 0..group.terms.len() {
                        nums.push(v[program.outputs[1 + 2 * t] as usize]);
                        dens.push(v[program.outputs[2 + 2 * t] as usize]);
                        at.push(i);
                    }
                }
                if dens.iter().any(Zero::is_zero) {
                    return Err(PlonkError::ZeroDenominator(group.label.clone()));
                }
                batch_inversion(&mut dens);
                for ((i, num), den) in at.iter().zip(nums).zip(dens) {
                    out[*i] += num * den;
                }
                Ok(())
            })?;
        }
        Ok(column)
    }

    fn running_sum(&self, helpers: &[Vec<Fr>]) -> Vec<Fr> {
        let n = self.pk.vk.relation.n();
        let mut sum = Vec::with_capacity(n);
        let mut total = Fr::zero();
        for row in 0..n {
            sum.push(total);
            total += helpers.iter().map(|h| h[row]).sum::<Fr>();
        }
        sum
    }

    fn permutation_product(&self) -> Result<Vec<Fr>, PlonkError> {
        let relation = &self.pk.vk.relation;
        let n = relation.n();
        let (beta, delta) = (self.challenge(Challenge::Beta), self.challenge(Challenge::Delta));
        let mut num = vec![Fr::ONE; n];
        let mut den = vec![Fr::ONE; n];
        let omega = self.pk.vk.omega();
        for (i, column) in relation.copy_columns.iter().enumerate() {
            let w = &self.witness.advice[*column];
            let mut id = beta * Relation::coset_shift(i);
            for row in 0..n {
                num[row] *= w[row] + id + delta;
                den[row] *= w[row] + beta * self.pk.sigma_values[i][row] + delta;
                id *= omega;
            }
        }
        if den.iter().any(Zero::is_zero) {
            return Err(PlonkError::ZeroDenominator("permutation".into()));
        }
        batch_inversion(&mut den);
        let mut product = Vec::with_capacity(n);
        let mut z = Fr::ONE;
        for row in 0..n {
            product.push(z);
            z *= num[row] * den[row];
        }
        Ok(product)
    }

    pub(super) fn round2(&mut self) -> Result<(), PlonkError> {
        let pk = self.pk;
        let relation = &pk.vk.relation;
        let mut helpers = Vec::new();
        for h in &relation.helpers {
            self.progress.poll()?;
            helpers.push(self.helper_column(h)?);
        }
        let sum = self.running_sum(&helpers);
        let product = if relation.copy_columns.is_empty() { Vec::new() } else { self.permutation_product()? };
        let mut columns: Vec<(Message, &[Fr])> =
            helpers.iter().enumerate().map(|(k, h)| (Message::Helper(k), h.as_slice())).collect();
        if !helpers.is_empty() {
            columns.push((Message::RunningSum, &sum));
        }
        if !product.is_empty() {
            columns.push((Message::Product, &product));
        }
        self.progress.ended("helpers and products");
        self.commit(&pk.lagrange, &columns)?;
        self.helper_polys = helpers.par_iter().map(|h| self.interpolate(h)).collect();
        self.sum_poly = self.interpolate(&sum);
        self.product_poly = if product.is_empty() { product } else { self.interpolate(&product) };
        self.progress.ended("interpolation");
        Ok(())
    }
}
