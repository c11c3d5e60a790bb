//! Round 2: helper columns h_k, running sum S and permutation product Z; then y.
//!
//! h_k(row) = sum over the selected group of numerator / denominator; S(next) = S + sum_k h_k, cyclic;
//! Z(next) = Z prod (w + beta k_i X + delta) / (w + beta sigma_i + delta).

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, Zero};

use super::Session;
use crate::arithmetization::evaluate::{Evaluator, Source};
use crate::arithmetization::expr::{Challenge, Expr, Leaf, Rotation};
use crate::arithmetization::fractions;
use crate::arithmetization::program::Program;
use crate::arithmetization::relation::{Helper, Relation};
use crate::error::PlonkError;
use crate::schema::Message;

impl Session<'_> {
    /// Where a row's values come from, but for the columns of this round.
    fn row_source(&self, leaf: Leaf) -> Source<'_> {
        let relation = &self.pk.vk.relation;
        match leaf {
            Leaf::Advice(c, Rotation::Cur) => Source::cur(&self.witness.advice[c]),
            Leaf::Advice(c, Rotation::Next) => Source::next(&self.witness.advice[c]),
            Leaf::Fixed(c) => Source::cur(&self.pk.trace.fixed[c]),
            Leaf::Periodic(c) => Source::cur(&relation.periodic[c]),
            Leaf::Sigma(i) => Source::cur(&self.pk.sigma_values[i]),
            Leaf::Instance => Source::cur(&self.instance),
            Leaf::Point => Source::cur(&self.points_of_rows),
            _ => Source::cur(&[Fr::ZERO]),
        }
    }

    /// On every row the selected group's sum of numerator / denominator.
    fn helper_column(&self, helper: &Helper) -> Result<Vec<Fr>, PlonkError> {
        let terms: Vec<_> = helper.groups.iter().flat_map(|g| g.terms.iter().map(move |t| (g, t))).collect();
        let parts: Vec<Expr> = terms
            .iter()
            .flat_map(|(group, term)| [group.selector.clone() * term.numerator.clone(), Relation::denominator(term)])
            .collect();
        let evaluator = Evaluator::new(&Program::compile_exprs(&parts), |c| self.challenge(c));
        fractions::sums(&evaluator, terms.len(), |leaf| self.row_source(leaf), self.pk.vk.relation.n())
            .map_err(|k| PlonkError::ZeroDenominator(terms[k].0.label.clone()))
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
        let (beta, delta) = (Expr::challenge(Challenge::Beta), Expr::challenge(Challenge::Delta));
        let (mut num, mut den) = (Expr::one(), Expr::one());
        for (i, column) in relation.copy_columns.iter().enumerate() {
            let w = Expr::cur(*column) + delta.clone();
            let id = Expr::Leaf(Leaf::Point) * Relation::coset_shift(i);
            num = num * (w.clone() + beta.clone() * id);
            den = den * (w + beta.clone() * Expr::Leaf(Leaf::Sigma(i)));
        }
        let evaluator = Evaluator::new(&Program::compile_exprs([&num, &den]), |c| self.challenge(c));
        let steps = fractions::sums(&evaluator, 1, |leaf| self.row_source(leaf), n)
            .map_err(|_| PlonkError::ZeroDenominator("permutation".into()))?;
        let mut product = Vec::with_capacity(n);
        let mut z = Fr::ONE;
        for step in steps {
            product.push(z);
            z *= step;
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
        let mut columns: Vec<(Message, Leaf, &[Fr])> =
            helpers.iter().enumerate().map(|(k, h)| (Message::Helper(k), Leaf::Helper(k), h.as_slice())).collect();
        if !helpers.is_empty() {
            columns.push((Message::RunningSum, Leaf::RunningSum(Rotation::Cur), &sum));
        }
        if !product.is_empty() {
            columns.push((Message::Product, Leaf::Product(Rotation::Cur), &product));
        }
        self.progress.ended("helpers and products");
        let mut polynomials = self.commit_values(&columns)?;
        self.product_poly = if product.is_empty() { product } else { polynomials.pop().unwrap_or_default() };
        // Without helpers the sum is zero, and so is its polynomial.
        self.sum_poly = if helpers.is_empty() { sum } else { polynomials.pop().unwrap_or_default() };
        self.helper_polys = polynomials;
        Ok(())
    }
}
