//! Ranges of any width up to 253 bits, from rows that show 16, 32, 48, 64 or 96 bits.
//!
//! A width in between takes two rows: x below 2^w and 2^(w - bits) x below 2^w, which together mean x below 2^bits, as nothing wraps
//! around r. Beyond 96 bits x = low + 2^96 high with both parts in range; below 2^253 no other representation exists.
//! Limbs are taken when the trace is written. What this is not: signed ranges.

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, PrimeField};

use super::super::gates::arithmetic::{LIMB_BITS, WIDTHS};
use super::super::gates::{LIMBS, WIRES};
use super::{Builder, CircuitError, Range, Row, Var};

/// Bits of the widest row.
const ROW_BITS: u32 = (LIMBS * LIMB_BITS) as u32;
/// Widths that a bilinear row can show of a variable.
pub(super) const HOSTED: [u32; 6] = [128, 96, 64, 48, 32, 16];
/// Widest range.
pub const MAX_BITS: u32 = 253;

/// Bits `from .. from + count` of an element's integer.
fn bits(x: Fr, from: u32, count: u32) -> Fr {
    let mut limbs = (x.into_bigint() >> from).0;
    for (i, limb) in limbs.iter_mut().enumerate() {
        let keep = count.saturating_sub(64 * i as u32).min(64);
        if keep < 64 {
            *limb &= (1u64 << keep) - 1;
        }
    }
    Fr::from_bigint(ark_ff::BigInt::new(limbs)).unwrap_or_default()
}

/// Inverses of the numbers of limbs, 0 for 0.
static WIDTH_INVERSES: LazyLock<[Fr; LIMBS + 1]> =
    LazyLock::new(|| core::array::from_fn(|k| Fr::from(k as u64).inverse().unwrap_or_default()));

fn power(k: u32) -> Fr {
    Fr::from(2u64).pow([u64::from(k)])
}

impl Builder {
    /// Asserts x in [0, 2^bits).
    pub fn range(&mut self, x: Var, bits: u32) {
        self.range_linear(&[(Fr::ONE, x)], Fr::ZERO, bits);
    }

    /// Asserts that the sum of the terms plus the constant lies in [0, 2^bits), without a variable for the sum.
    pub fn range_linear(&mut self, terms: &[(Fr, Var)], constant: Fr, width: u32) {
        if width > MAX_BITS {
            return self.fail(CircuitError::new("bits of a range", format!("at most {MAX_BITS}"), width));
        }
        if width == 0 {
            return self.assert_linear_zero(terms, constant);
        }
        if HOSTED.contains(&width) {
            if let [(c, x)] = *terms {
                if c == Fr::ONE && constant == Fr::ZERO {
                    return self.want(x, width);
                }
            }
            if width == HOSTED[0] {
                // a sum takes one row, which can show its range too
                let sum = self.linear(terms, constant);
                return self.want(sum, width);
            }
        }
        // parts above the lowest 96 bits, each a variable of its own
        let value = self.evaluate(terms, constant);
        let mut parts = Vec::new();
        let mut from = ROW_BITS;
        while from < width {
            let last = from + ROW_BITS >= width;
            let part = bits(value, from, if last { Fr::MODULUS_BIT_SIZE } else { ROW_BITS });
            parts.push((from, self.witness(part)));
            from += ROW_BITS;
        }
        let mut sum = self.shorten(terms, WIRES - parts.len());
        sum.extend(parts.iter().map(|(from, part)| (-power(*from), *part)));
        self.short_range(&sum, constant, width.min(ROW_BITS));
        for (from, part) in parts {
            self.short_range(&[(Fr::ONE, part)], Fr::ZERO, (width - from).min(ROW_BITS));
        }
    }

    /// Leaves a range to a row that is chosen at the end.
    fn want(&mut self, var: Var, bits: u32) {
        self.ranges.push(Range { var, bits, scope: self.scopes.current() });
    }

    /// At most 96 bits, at most four terms.
    fn short_range(&mut self, terms: &[(Fr, Var)], constant: Fr, width: u32) {
        if let ([(c, x)], true) = (terms, HOSTED.contains(&width)) {
            if *c == Fr::ONE && constant == Fr::ZERO {
                return self.want(*x, width);
            }
        }
        if let ([(c, x)], Some(hosted)) = (terms, HOSTED.into_iter().rev().find(|w| *w >= width)) {
            if *c == Fr::ONE && constant == Fr::ZERO {
                let scaled = self.linear(&[(power(hosted - width), *x)], Fr::ZERO);
                return [*x, scaled].into_iter().for_each(|var| self.want(var, hosted));
            }
        }
        let limbs = WIDTHS.into_iter().find(|w| (w * LIMB_BITS) as u32 >= width).unwrap_or(LIMBS);
        self.limb_row(terms, constant, limbs, Fr::ONE);
        let excess = (limbs * LIMB_BITS) as u32 - width;
        if excess > 0 {
            self.limb_row(terms, constant, limbs, power(excess));
        }
    }

    /// scale (sum of terms + constant) = sum of `limbs` limbs, in one row.
    fn limb_row(&mut self, terms: &[(Fr, Var)], constant: Fr, limbs: usize, scale: Fr) {
        // the row's limbs are weighted by their number
        let factor = -scale * Fr::from(limbs as u64);
        let mut row = Row { qk: constant * factor, width: limbs, ..Row::default() };
        for (i, (c, v)) in terms.iter().enumerate() {
            row.q[i] = *c * factor;
            row.wires[i] = Some(*v);
        }
        self.push(row);
    }

    /// The limbs that a row shows, from the final values of its wires; of a number out of range the lowest.
    pub(super) fn limbs(&self, row: &Row) -> [u16; LIMBS] {
        let mut limbs = [0; LIMBS];
        if let Some(fourth) = row.fourth {
            // the limb's coefficient is 1 or -1, its own inverse
            let offset = (self.value(fourth) - row.qm) * row.q[1];
            limbs[0] = offset.into_bigint().0[0] as u16;
        }
        if row.width > 0 {
            let terms = row.q.iter().zip(row.wires).filter_map(|(c, v)| Some(*c * self.value(v?)));
            let weighted = terms.sum::<Fr>() + row.qk;
            let sum = -weighted * WIDTH_INVERSES[row.width];
            let value = sum.into_bigint().0;
            for (i, limb) in limbs.iter_mut().enumerate().take(row.width) {
                *limb = (value[i / 4] >> (LIMB_BITS * (i % 4))) as u16;
            }
        }
        limbs
    }
}
