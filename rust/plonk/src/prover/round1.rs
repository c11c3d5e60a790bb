//! Round 1: commit to the witness columns in the Lagrange basis; then alpha, gamma (bus), beta, delta (permutation).
//! All four are drawn after every advice and multiplicity commitment.

use super::Session;
use crate::arithmetization::expr::Challenge;
use crate::error::PlonkError;
use crate::schema::Message;
use crate::transcript::Transcript;

impl Session<'_> {
    pub(super) fn round1(&mut self) -> Result<(), PlonkError> {
        let (pk, witness) = (self.pk, self.witness);
        let columns: Vec<_> =
            witness.advice.iter().enumerate().map(|(i, c)| (Message::Advice(i), c.as_slice())).collect();
        self.commit(&pk.lagrange, &columns)?;
        self.advice_polys = self.inverse.apply_all(&witness.advice);
        self.progress.ended("interpolation");
        for c in [Challenge::Alpha, Challenge::Gamma, Challenge::Beta, Challenge::Delta] {
            let value = self.transcript.challenge();
            self.challenges.insert(c, value);
        }
        Ok(())
    }
}
