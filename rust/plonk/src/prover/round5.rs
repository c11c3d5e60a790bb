//! Round 5: batched openings. W_zeta = (sum_i v^i (p_i - p_i(zeta))) / (X - zeta), the quotient last; W_zeta_omega likewise.
//! The challenge u that joins both in the pairing is drawn by the verifier after absorbing both.

use ark_bn254::Fr;
use ark_ff::{Field, Zero};
use rayon::prelude::*;

use super::Session;
use crate::error::PlonkError;
use crate::schema::Message;
use crate::transcript::Transcript;

fn add_scaled(acc: &mut [Fr], p: &[Fr], scale: Fr) {
    acc.par_iter_mut().zip(p).with_min_len(2048).for_each(|(a, x)| *a += scale * x);
}

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
    pub(super) fn round5(&mut self, zeta: Fr) -> Result<(), PlonkError> {
        let v = self.transcript.challenge();
        let n = self.pk.vk.relation.n();
        let schema = &self.pk.vk.schema;
        let mut cur = vec![Fr::zero(); n];
        let mut power = Fr::ONE;
        for leaf in &schema.opened_cur {
            if let Some(p) = self.polynomial(*leaf) {
                add_scaled(&mut cur, p, power);
            }
            power *= v;
        }
        let zeta_n = zeta.pow([n as u64]);
        for q in &self.quotient {
            add_scaled(&mut cur, q, power);
            power *= zeta_n;
        }
        let mut next = vec![Fr::zero(); n];
        let mut power = Fr::ONE;
        for leaf in &schema.opened_next {
            if let Some(p) = self.polynomial(*leaf) {
                add_scaled(&mut next, p, power);
            }
            power *= v;
        }
        let w_cur = divide(&cur, zeta);
        let w_next = divide(&next, zeta * self.pk.vk.omega());
        self.progress.ended("openings");
        let pk = self.pk;
        self.commit(&pk.powers, &[(Message::OpeningCur, &w_cur), (Message::OpeningNext, &w_next)])
    }
}
