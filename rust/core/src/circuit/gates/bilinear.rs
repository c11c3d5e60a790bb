//! Bilinear rows: one equation in which a cell multiplies a sum, and ranges of two cells.
//!
//! w0 (q0 + q1 w1 + q2 w2 + q3 w3) + qm w1 + ql w2 + qs w3 + qk = 0, over the four copy columns. Selection, products of sums, sums and
//! "zero where a flag is 1" take one row. The six limbs are looked up as 16-bit numbers, and the column `Host` says what they show,
//! whatever the equation does:
//!
//! | host | w3 | w2 |
//! |---|---|---|
//! | 0 | nothing | nothing |
//! | 1 | six limbs, 96 bits | nothing |
//! | 2 | six limbs and the next row's first two, 128 bits | nothing |
//! | 3 | four limbs, 64 bits | the last two, 32 bits |
//! | 4 | limbs 2 to 4, 48 bits | limb 5, 16 bits |
//!
//! Limb i weighs 2^16 times the limb before it in the same number. A row below one with host 2 has host 0 or 4.
//! What this is not: the choice of coefficients and hosts; that is the builder's.

use ark_bn254::Fr;
use ark_ff::Field;
use plonk::Expr;

use super::{cur, message, next, Assembly, Fixed, Tag, LIMBS, WIRES};

/// What the limbs of a row show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u64)]
pub enum Host {
    /// Nothing.
    #[default]
    None = 0,
    /// w3 has 96 bits.
    Bits96,
    /// w3 has 128 bits; the next row's first two limbs are its highest.
    Bits128,
    /// w3 has 64 bits, w2 has 32.
    Bits64And32,
    /// w3 has 48 bits, w2 has 16; the first two limbs are left to the row above.
    Bits48And16,
}

impl Host {
    /// First limb and number of limbs of w3 and of w2, on this row.
    #[must_use]
    pub const fn limbs(self) -> [(usize, usize); 2] {
        match self {
            Self::None => [(0, 0), (0, 0)],
            Self::Bits96 | Self::Bits128 => [(0, 6), (0, 0)],
            Self::Bits64And32 => [(0, 4), (4, 2)],
            Self::Bits48And16 => [(2, 3), (5, 1)],
        }
    }
}

/// 2^bits.
fn weight(bits: u64) -> Fr {
    Fr::from(2u64).pow([bits])
}

/// Limbs `from .. from + count` as one number, lowest first.
fn number(from: usize, count: usize) -> Expr {
    Expr::sum((0..count).map(|k| cur(WIRES + from + k) * weight(16 * k as u64)))
}

/// Six times what the limbs show of wire 3, where `Host` is 1 to 4. Of the polynomials in `Host` six times the Lagrange ones of these
/// points: their coefficients are small integers.
fn shown() -> Expr {
    let t = |k: u64| Fixed::Host.expr() - k;
    let second = t(1) * t(3) * t(4) * 3u64;
    let third = -(t(1) * t(2) * t(4) * 3u64);
    let fourth = t(1) * t(2) * t(3);
    let first_three = Expr::from(6u64) - fourth.clone();
    let first_two = first_three.clone() - third;
    let above = next(WIRES) + next(WIRES + 1) * weight(16);
    first_three * number(0, 4)
        + fourth * number(2, 3)
        + first_two * (number(4, 2) * weight(64))
        + second * (above * weight(96))
}

/// Adds the equation, the lookups and the ranges.
pub(crate) fn constrain(a: &mut Assembly) {
    let on = Fixed::SelBilinear.expr();
    let factor = [Fixed::Q1, Fixed::Q2, Fixed::Q3].into_iter().zip(1..);
    let factor = factor.fold(Fixed::Q0.expr(), |sum, (q, i)| sum + q.expr() * cur(i));
    let linear = [Fixed::Qm, Fixed::Ql, Fixed::Qs].into_iter().zip(1..);
    let linear = linear.fold(Fixed::Qk.expr(), |sum, (q, i)| sum + q.expr() * cur(i));
    a.constrain("bilinear", &on, cur(0) * factor + linear);

    let host = Fixed::Host.expr();
    a.constrain("hosted range of wire 3", &on, host.clone() * (cur(3) * 6u64 - shown()));

    // zero at 0, 1 and 2; with t = host - 3 the last limb weighs 2^16 where t = 0 and 1 where t = 1, the one before 1 and 0
    let t = host.clone() - 3u64;
    let narrow = host.clone() * (host.clone() - 1u64) * (host - 2u64);
    let last = cur(WIRES + 5) * (Expr::from(weight(16)) - t.clone() * (weight(16) - Fr::ONE));
    let before = cur(WIRES + 4) * (Expr::one() - t);
    a.constrain("hosted range of wire 2", &on, narrow * (cur(2) - before - last));

    let lookup = |i: usize| message(Expr::one(), Tag::Range, [cur(WIRES + i)]);
    a.first("hosted limbs", on.clone(), (0..4).map(lookup).collect());
    a.second("hosted limbs", on, (4..LIMBS).map(lookup).collect());
}
