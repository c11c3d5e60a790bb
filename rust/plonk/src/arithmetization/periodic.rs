//! Periodic columns: how the verifier evaluates, at one point, a column it holds no commitment to.
//!
//! A column of period p on n rows is a polynomial of degree below p in Y = X^(n/p). Where it is one on a single row k of the
//! period and zero elsewhere, it is a Lagrange polynomial of the subgroup of order p and has a closed form; otherwise its p
//! coefficients are kept. Twin of `solidity/verifier.rs`, which prints the same two forms.

use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};
use ark_poly::EvaluationDomain;

use crate::error::PlonkError;

/// One periodic column, ready for evaluation at a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeriodicForm {
    /// One on this row of the period, zero on the others.
    Indicator {
        /// The period.
        period: usize,
        /// The row within the period.
        row: usize,
    },
    /// Coefficients in Y = X^(n/p), lowest first.
    Coefficients(Vec<Fr>),
}

impl PeriodicForm {
    /// The form of a column given by one period of values.
    ///
    /// # Errors
    /// `PlonkError::Shape` when the period is not a power of two.
    pub fn of(values: &[Fr]) -> Result<Self, PlonkError> {
        let mut nonzero = values.iter().enumerate().filter(|(_, v)| !v.is_zero());
        if let (Some((row, value)), None) = (nonzero.next(), nonzero.next()) {
            if value.is_one() {
                return Ok(Self::Indicator { period: values.len(), row });
            }
        }
        Ok(Self::Coefficients(crate::keys::domain(values.len())?.ifft(values)))
    }

    /// Length of the period.
    #[must_use]
    pub fn period(&self) -> usize {
        match self {
            Self::Indicator { period, .. } => *period,
            Self::Coefficients(coefficients) => coefficients.len(),
        }
    }

    /// The value at the point whose (n/p)-th power is `y`; none where a denominator vanishes, that is where y^p = 1.
    #[must_use]
    pub fn evaluate(&self, y: Fr, generator: Fr) -> Option<Fr> {
        match self {
            Self::Indicator { period, row } => {
                let at = generator.pow([*row as u64]);
                let denominator = (Fr::from(*period as u64) * (y - at)).inverse()?;
                Some(at * (y.pow([*period as u64]) - Fr::one()) * denominator)
            }
            Self::Coefficients(coefficients) => {
                Some(coefficients.iter().rev().fold(Fr::zero(), |acc, c| acc * y + c))
            }
        }
    }
}
