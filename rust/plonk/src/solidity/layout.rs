//! Where every word of the generated verifier lives: the evaluation words that the constraint contracts read, the key's words in
//! the data contract, and the verifier's memory. What it is not: code; `verifier` and `constraints` print that.

use ark_bn254::Fr;
use ark_ff::{Field, One};

use super::CODE_LIMIT;
use crate::arithmetization::expr::{Challenge, Leaf, Rotation};
use crate::arithmetization::periodic::PeriodicForm;
use crate::error::PlonkError;
use crate::keys::VerifyingKey;
use crate::transcript::{point_bytes, scalar_bytes};

/// First evaluation words: running combination (word 0), modulus, y, then alpha, gamma, beta, delta, zeta, first row, instance.
pub const WORD_MODULUS: usize = 1;
pub const WORD_Y: usize = 2;
pub const WORD_ALPHA: usize = 3;
pub const WORD_ZETA: usize = 7;
pub const WORD_FIRST_ROW: usize = 8;
pub const WORD_INSTANCE: usize = 9;
pub const WORD_PERIODIC: usize = 10;

/// Periodic columns of one kind and one period, contiguous among the evaluation words and in the key.
#[derive(Clone, Debug)]
pub struct PeriodicGroup {
    pub period: usize,
    pub indicator: bool,
    /// Column numbers.
    pub columns: Vec<usize>,
    /// Key word of the first column's constants.
    pub key_word: usize,
    /// Evaluation word of the first column.
    pub word: usize,
}

/// The whole layout.
#[derive(Clone, Debug)]
pub struct Layout {
    pub groups: Vec<PeriodicGroup>,
    /// Evaluation word of the first proof evaluation.
    pub first_evaluation: usize,
    pub words: usize,
    evaluated: Vec<Leaf>,
}

impl Layout {
    pub fn new(vk: &VerifyingKey) -> Self {
        let mut kinds: Vec<(bool, usize)> =
            vk.periodic.iter().map(|f| (!matches!(f, PeriodicForm::Indicator { .. }), f.period())).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let mut key_word = 2 * (vk.fixed.len() + vk.sigma.len()) + 8;
        let mut word = WORD_PERIODIC;
        let mut groups = Vec::new();
        for (dense, period) in kinds {
            let columns: Vec<usize> = (0..vk.periodic.len())
                .filter(|c| {
                    let form = &vk.periodic[*c];
                    form.period() == period && matches!(form, PeriodicForm::Coefficients(_)) == dense
                })
                .collect();
            let count = columns.len();
            groups.push(PeriodicGroup { period, indicator: !dense, columns, key_word, word });
            key_word += count * if dense { period } else { 2 };
            word += count;
        }
        let evaluated: Vec<Leaf> = vk.schema.opened_cur.iter().chain(&vk.schema.opened_next).copied().collect();
        Self { groups, first_evaluation: word, words: word + evaluated.len(), evaluated }
    }

    /// Evaluation word a leaf is read from.
    pub fn word_of(&self, leaf: Leaf) -> Option<usize> {
        match leaf {
            Leaf::Challenge(Challenge::Alpha) => Some(WORD_ALPHA),
            Leaf::Challenge(Challenge::Gamma) => Some(WORD_ALPHA + 1),
            Leaf::Challenge(Challenge::Beta) => Some(WORD_ALPHA + 2),
            Leaf::Challenge(Challenge::Delta) => Some(WORD_ALPHA + 3),
            Leaf::Point => Some(WORD_ZETA),
            Leaf::FirstRow => Some(WORD_FIRST_ROW),
            Leaf::Instance => Some(WORD_INSTANCE),
            Leaf::Periodic(c) => self.groups.iter().find_map(|g| g.columns.iter().position(|x| *x == c).map(|i| g.word + i)),
            other => self.evaluated.iter().position(|l| *l == other).map(|i| self.first_evaluation + i),
        }
    }

    /// Code of the data contract: STOP; fixed and permutation commitments; tau h, h; constants of the periodic columns.
    ///
    /// An indicator of row k has w^k and w^k / p (w of order p); other columns their coefficients, highest first.
    pub fn key_data(&self, vk: &VerifyingKey) -> Result<Vec<u8>, PlonkError> {
        let mut out = vec![0u8];
        for p in vk.fixed.iter().chain(&vk.sigma) {
            out.extend(point_bytes(p));
        }
        for w in vk.g2_words[4..].iter().chain(&vk.g2_words[..4]) {
            out.extend(w);
        }
        for group in &self.groups {
            let generator = vk.omega().pow([(vk.relation.n() / group.period) as u64]);
            let inverse = Fr::from(group.period as u64).inverse().unwrap_or(Fr::one());
            for c in &group.columns {
                match &vk.periodic[*c] {
                    PeriodicForm::Indicator { row, .. } => {
                        let at = generator.pow([*row as u64]);
                        out.extend(scalar_bytes(&at));
                        out.extend(scalar_bytes(&(at * inverse)));
                    }
                    PeriodicForm::Coefficients(k) => k.iter().rev().for_each(|x| out.extend(scalar_bytes(x))),
                }
            }
        }
        if out.len() > CODE_LIMIT {
            return Err(PlonkError::relation("key data", format!("at most {CODE_LIMIT} bytes"), out.len()));
        }
        Ok(out)
    }

    /// Denominators to invert: zeta^n - 1, zeta - 1, one a public input, one an indicator column.
    pub fn denominators(&self, vk: &VerifyingKey) -> usize {
        let indicators: usize = self.groups.iter().filter(|g| g.indicator).map(|g| g.columns.len()).sum();
        2 + vk.relation.instance_len + indicators
    }
}

/// The verifier's memory in bytes, from 0x80 on; Solidity allocates nothing while it runs.
#[derive(Clone, Debug)]
pub struct Memory {
    pub key: usize,
    pub words: usize,
    pub powers: usize,
    pub denominators: usize,
    pub prefixes: usize,
    pub sum: usize,
    pub pair: usize,
    pub v: usize,
    pub u: usize,
    pub claim: usize,
    pub hash: usize,
}

impl Memory {
    pub fn new(vk: &VerifyingKey, layout: &Layout, key_bytes: usize) -> Self {
        let mut at = 0x80;
        let mut take = |words: usize| {
            let here = at;
            at += 32 * words;
            here
        };
        let count = layout.denominators(vk);
        Self {
            key: take(key_bytes.div_ceil(32)),
            words: take(layout.words),
            powers: take(vk.relation.log_n + 1),
            denominators: take(count),
            prefixes: take(count),
            sum: take(5),
            pair: take(12),
            v: take(1),
            u: take(1),
            claim: take(1),
            hash: take(0),
        }
    }
}

/// Index among the leaves opened at zeta of the polynomial that `leaf` opens at the next row.
pub fn index_at_zeta(vk: &VerifyingKey, leaf: Leaf) -> Option<usize> {
    let here = match leaf {
        Leaf::Advice(c, _) => Leaf::Advice(c, Rotation::Cur),
        Leaf::RunningSum(_) => Leaf::RunningSum(Rotation::Cur),
        Leaf::Product(_) => Leaf::Product(Rotation::Cur),
        other => other,
    };
    vk.schema.opened_cur.iter().position(|l| *l == here)
}
