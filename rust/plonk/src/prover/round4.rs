//! Round 4: evaluations at zeta and zeta omega of every opened polynomial.

use ark_bn254::Fr;
use ark_ff::{Field, One};
use rayon::prelude::*;

use super::linear::evaluate;
use super::Session;
use crate::error::PlonkError;
use crate::schema::Message;
use crate::transcript::Transcript;

impl Session<'_> {
    pub(super) fn round4(&mut self) -> Result<Fr, PlonkError> {
        let zeta = self.transcript.challenge();
        if zeta.pow([self.pk.vk.relation.n() as u64]).is_one() {
            return Err(PlonkError::ZeroDenominator("zeta lies in the row domain".into()));
        }
        let next = zeta * self.pk.vk.omega();
        let schema = &self.pk.vk.schema;
        let list: Vec<_> =
            schema.opened_cur.iter().map(|l| (*l, zeta)).chain(schema.opened_next.iter().map(|l| (*l, next))).collect();
        let values: Vec<Fr> = list
            .par_iter()
            .map(|(leaf, x)| self.polynomial(*leaf).map(|p| evaluate(p, *x)).unwrap_or_default())
            .collect();
        self.progress.ended("evaluations");
        for ((leaf, _), value) in list.iter().zip(values) {
            self.transcript.absorb_scalar(&value);
            self.scalars.insert(Message::Evaluation(*leaf), value);
        }
        Ok(zeta)
    }
}
