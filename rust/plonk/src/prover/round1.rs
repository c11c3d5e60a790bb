//! Round 1: commit to the witness columns in the Lagrange basis; then alpha, gamma (bus), beta, delta (permutation).
//! All four are drawn after every advice and multiplicity commitment.

use super::Session;
use crate::arithmetization::expr::{Challenge, Leaf, Rotation};
use crate::error::PlonkError;
use crate::schema::Message;
use crate::transcript::Transcript;

impl Session<'_> {
    pub(super) fn round1(&mut self) -> Result<(), PlonkError> {
        let witness = self.witness;
        let columns: Vec<_> = witness
            .advice
            .iter()
            .enumerate()
            .map(|(i, c)| (Message::Advice(i), Leaf::Advice(i, Rotation::Cur), c.as_slice()))
            .collect();
        self.advice_polys = self.commit_values(&columns)?;
        for c in [Challenge::Alpha, Challenge::Gamma, Challenge::Beta, Challenge::Delta] {
            let value = self.transcript.challenge();
            self.challenges.insert(c, value);
        }
        Ok(())
    }
}
