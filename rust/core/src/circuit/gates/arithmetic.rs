//! Generic rows: one arithmetic equation over four wires and six limbs, six range lookups, and half a message.
//!
//! (1 - qs^2) (q0 w0 + q1 w1 + q2 w2 + q3 w3 + qm w0 w1 + qk) + ql sum_i 2^(16 i) l_i + PI = 0.
//!
//! ql is the number of limbs in use (0, 1, 2, 3, 4 or 6) and the rest of the equation is scaled by it; limbs beyond that number are
//! zero, so one row shows a width of 16, 32, 48, 64 or 96 bits. Every limb is looked up on every row.
//! Where qs is 1 or -1 the row holds a message with tag qk. A short one (q3 = 1) has payload w0..w2, qm + q1 l0 and numerator qs w3;
//! a long one (q3 = q1 = qm = 0) goes on in the next row: payload w0..w3 and the next w0..w2, numerator qs times the next w3.
//! Of either kind the first element is w0 + q0 and the second w1 + q2: constants beside a cell take no row.
//! With ql = 0 limb 0 is any 16-bit number, so a short message may end in a number that is a constant plus or minus 16 bits.
//! What this is not: the choice of coefficients; that is the builder's.

use ark_bn254::Fr;
use ark_ff::Field;
use plonk::Expr;

use super::{cur, message, next, Assembly, Fixed, Tag, LIMBS, WIRES};

/// Numbers of limbs that a row can use.
pub const WIDTHS: [usize; 5] = [1, 2, 3, 4, 6];
/// Bits of a limb.
pub const LIMB_BITS: usize = 16;
/// Elements of the payload of a message.
pub const PAYLOAD: usize = 7;
/// Elements of the payload of a message that takes one row.
pub const SHORT: usize = WIRES - 1;

/// Adds constraints, lookups and the message.
pub(crate) fn constrain(a: &mut Assembly) {
    let on = Fixed::SelGeneric.expr();
    let q = [Fixed::Q0, Fixed::Q1, Fixed::Q2, Fixed::Q3];
    let limb = |i: usize| cur(WIRES + i);
    let linear = Expr::sum((0..WIRES).map(|i| q[i].expr() * cur(i)));
    let weighted = Expr::sum((0..LIMBS).map(|i| limb(i) * Fr::from(2u64).pow([(LIMB_BITS * i) as u64])));
    let qs = Fixed::Qs.expr();
    let no_message = Expr::one() - qs.clone() * qs.clone();
    let product = Fixed::Qm.expr() * cur(0) * cur(1);
    let equation = linear + product + Fixed::Qk.expr();
    let sum = no_message * equation + Fixed::Ql.expr() * weighted + Expr::instance();
    a.constrain("arithmetic", &on, sum);
    for i in 1..LIMBS {
        let wide = WIDTHS.iter().filter(|w| **w > i);
        let used = wide.fold(limb(i), |expr, w| expr * (Fixed::Ql.expr() - *w as u64));
        a.constrain("unused limb", &on, used);
    }
    let lookup = |i: usize| message(Expr::one(), Tag::Range, [limb(i)]);
    a.first("limbs", on.clone(), (0..4).map(lookup).collect());
    let short = Fixed::Q3.expr();
    let long = Expr::one() - short.clone();
    let [fourth, rest @ ..] = [cur(SHORT), next(0), next(1), next(2)].map(|x| long.clone() * x);
    let fourth = fourth + Fixed::Qm.expr() + Fixed::Q1.expr() * limb(0);
    let heads = [cur(0) + Fixed::Q0.expr(), cur(1) + Fixed::Q2.expr(), cur(2)];
    let payload = heads.into_iter().chain([fourth]).chain(rest);
    let numerator = short * cur(SHORT) + long.clone() * next(SHORT);
    let sent = message(qs * numerator, Fixed::Qk.expr(), payload);
    a.second("limbs and message", on, (4..LIMBS).map(lookup).chain([sent]).collect());
}
