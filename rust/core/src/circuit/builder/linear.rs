//! Linear and quadratic equations over any number of variables, chained over as many rows as they need.
//!
//! What this is not: ranges or messages.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, Zero};

use super::super::gates::WIRES;
use super::{Builder, Row, Var};

/// Terms with each variable once and no zero coefficient; order of first mention.
pub(super) fn collect(terms: &[(Fr, Var)]) -> Vec<(Fr, Var)> {
    let mut out: Vec<(Fr, Var)> = Vec::with_capacity(terms.len());
    for (c, v) in terms {
        match out.iter_mut().find(|(_, w)| w == v) {
            Some(slot) => slot.0 += c,
            None => out.push((*c, *v)),
        }
    }
    out.retain(|(c, _)| !c.is_zero());
    out
}

impl Builder {
    /// sum of terms + constant, as a value.
    pub(super) fn evaluate(&self, terms: &[(Fr, Var)], constant: Fr) -> Fr {
        terms.iter().fold(constant, |sum, (c, v)| sum + *c * self.value(*v))
    }

    /// At most `room` terms with the same sum: the rest is moved into partial sums.
    pub(super) fn shorten(&mut self, terms: &[(Fr, Var)], room: usize) -> Vec<(Fr, Var)> {
        let mut rest = collect(terms);
        while rest.len() > room.max(1) {
            // as many as one row holds, but no more than needed
            let take = (WIRES - 1).min(rest.len() + 1 - room.max(1));
            let head: Vec<(Fr, Var)> = rest.drain(..take).collect();
            let sum = self.linear(&head, Fr::ZERO);
            rest.push((Fr::ONE, sum));
        }
        rest
    }

    /// A new variable equal to the sum of the terms plus a constant.
    pub fn linear(&mut self, terms: &[(Fr, Var)], constant: Fr) -> Var {
        let out = self.witness(self.evaluate(terms, constant));
        let mut rest = self.shorten(terms, WIRES - 1);
        rest.push((-Fr::ONE, out));
        self.equation(&rest, constant);
        out
    }

    /// Asserts that the terms and the constant sum to zero.
    pub fn assert_linear_zero(&mut self, terms: &[(Fr, Var)], constant: Fr) {
        let rest = self.shorten(terms, WIRES);
        self.equation(&rest, constant);
    }

    /// One row: at most four terms and a constant sum to zero.
    fn equation(&mut self, terms: &[(Fr, Var)], constant: Fr) {
        let mut row = Row { qk: constant, ..Row::default() };
        let mut outside = [Fr::ZERO; WIRES - 1];
        for (i, (c, v)) in terms.iter().enumerate() {
            match i.checked_sub(1) {
                None => row.q[0] = *c,
                Some(i) => outside[i] = *c,
            }
            row.wires[i] = Some(*v);
        }
        row.outside = Some(outside);
        self.push(row);
    }

    /// Asserts k a c + sum of terms + constant = 0.
    pub fn assert_quadratic(&mut self, k: Fr, a: Var, c: Var, terms: &[(Fr, Var)], constant: Fr) {
        if k.is_zero() {
            return self.assert_linear_zero(terms, constant);
        }
        self.assert_bilinear(a, (&[(k, c)], Fr::ZERO), (terms, constant));
    }

    /// A new variable a c.
    pub fn mul(&mut self, a: Var, c: Var) -> Var {
        let out = self.witness(self.value(a) * self.value(c));
        self.assert_mul(a, c, out);
        out
    }

    /// Asserts a c = out.
    pub fn assert_mul(&mut self, a: Var, c: Var, out: Var) {
        self.assert_quadratic(Fr::ONE, a, c, &[(-Fr::ONE, out)], Fr::ZERO);
    }

    /// A new variable a + c.
    pub fn add(&mut self, a: Var, c: Var) -> Var {
        self.linear(&[(Fr::ONE, a), (Fr::ONE, c)], Fr::ZERO)
    }

    /// A new variable a - c.
    pub fn sub(&mut self, a: Var, c: Var) -> Var {
        self.linear(&[(Fr::ONE, a), (-Fr::ONE, c)], Fr::ZERO)
    }

    /// Asserts that two variables are equal; a copy, no row.
    pub fn assert_equal(&mut self, a: Var, c: Var) {
        self.equalities.push((a, c));
    }
}
