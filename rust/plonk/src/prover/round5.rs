//! Round 5: batched openings. W_zeta = (sum_i c_i (p_i - p_i(zeta))) / (X - zeta), the quotient last; W_zeta_omega likewise. Where Keccak
//! draws, c_i = v^i; the sponge draws each c_i.
//! The challenge u that joins both in the pairing is drawn by the verifier after absorbing both.

use ark_bn254::Fr;
use ark_ff::{Field, Zero};

use super::linear::combine;
use super::Session;
use crate::arithmetization::expr::Leaf;
use crate::error::PlonkError;
use crate::schema::Message;
use crate::transcript::Transcript;

/// (p - p(x)) / (X - x) by synthetic division.
fn divide(p: &[Fr], x: Fr) -> Vec<Fr> {
    let mut out = vec![Fr::zero(); p.len()];
    let mut carry = Fr::zero();
    for i in (1..p.len()).rev() {
        carry = carry * x + p[i];
        out[i - 1] = carry;
    }
    out
}

impl Session<'_> {
    /// The polynomials of leaves and the coefficients that multiply them.
    fn batched(&self, coefficients: &[Fr], leaves: &[Leaf]) -> (Vec<&[Fr]>, Vec<Fr>) {
        leaves.iter().zip(coefficients).filter_map(|(leaf, c)| self.polynomial(*leaf).map(|p| (p, *c))).unzip()
    }

    pub(super) fn round5(&mut self, zeta: Fr) -> Result<(), PlonkError> {
        let n = self.pk.vk.relation.n();
        let schema = &self.pk.vk.schema;
        let [at_zeta, at_next] = self.transcript.batch(schema.opened_cur.len() + 1, schema.opened_next.len());
        let (mut columns, mut scalars) = self.batched(&at_zeta, &schema.opened_cur);
        let mut power = at_zeta.last().copied().unwrap_or_default();
        let zeta_n = zeta.pow([n as u64]);
        for q in &self.quotient {
            columns.push(q);
            scalars.push(power);
            power *= zeta_n;
        }
        let cur = combine(&columns, &scalars, n);
        let (columns, scalars) = self.batched(&at_next, &schema.opened_next);
        let next = combine(&columns, &scalars, n);
        let w_cur = divide(&cur, zeta);
        let w_next = divide(&next, zeta * self.pk.vk.omega());
        self.progress.ended("openings");
        self.commit_coefficients(&[(Message::OpeningCur, &w_cur), (Message::OpeningNext, &w_next)])
    }
}
