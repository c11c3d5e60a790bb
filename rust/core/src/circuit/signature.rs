//! The signature of a slot: circomlib's EdDSA over BabyJubJub, and the two circomlib Poseidon calls of a slot.
//!
//! S B8 = R8 + (8h) A is shown as S B8 + h Q = R8 with Q = -8A, by the E block's joint double-and-add over
//! {O, B8, Q, B8 + Q}. Clauses here: A on the curve, 8A not the identity, R8 not the identity, S < l, h canonical.
//! R8 needs no curve check of its own: the E block's result is on the curve by the complete addition law, and
//! lies in the subgroup. Unsigned slots run the block on a key nobody owns with S = h = 0; every equality that matters
//! is gated by `signed`. What this is not: the E block itself (builder).

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};

use super::builder::{Builder, Var};
use super::expression::{assert_nonzero, e, pow2, product, product_plus, quadratic, range, Expr};
use super::slots::Slot;
use crate::batch::Signature as Signed;
use crate::poseidon::circom::poseidon5;
use crate::primitives::babyjubjub::{A, BASE8, D};

/// The subgroup order l.
pub const ORDER: Fr = ark_ff::MontFp!("2736030358979909402780800718157159386076813972158567259200215660948447373041");

/// A point in cells.
pub type Point = [Var; 2];

/// Asserts, where `signed` is 1, that the signature of the slot's number is one on the message by the key; whatever `signed` is, that the
/// key is on the curve and not of small order.
pub fn check(b: &mut Builder, number: u64, signed: Var, key: Point, message: Var, signature: Option<&Signed>) {
    let h = signature
        .map_or(Fr::ZERO, |s| poseidon5(&[s.r8.0, s.r8.1, b.value(key[0]), b.value(key[1]), b.value(message)]));
    let q = minus_eight_times(b, key);
    let sum = add_base(b, q);
    let s = signature.map_or(Fr::ZERO, |s| s.s);
    let block = b.eddsa_block(number, [q, sum], s, h);
    // S < l: S has 251 bits by the block, so l - 1 - S is in (-2^251, 2^251) and below 2^252 exactly if S < l
    range(b, &(Expr::constant(ORDER - Fr::ONE) - block.s), 252);
    canonical(b, block.h, block.middle);
    // R8, the block's result, is not the identity, the only point of the subgroup with x = 0
    assert_nonzero(b, &(e(block.x) + 1u64 - signed));
    b.ask_poseidon5(signed, [block.x, block.y, key[0], key[1], message], block.h);
}

/// h < r as an integer: h = 2^127 middle + low with 127 bits each; compare with r - 1 by one borrow.
pub(super) fn canonical(b: &mut Builder, h: Var, middle: Var) {
    let (high_max, low_max) = split_127(-Fr::ONE);
    let (_, low_value) = split_127(b.value(h));
    let borrow = b.boolean(low_value > low_max);
    let low = e(h) - e(middle) * pow2(127);
    range(b, &(Expr::constant(low_max) - low + e(borrow) * pow2(127)), 128);
    range(b, &(Expr::constant(high_max) - middle - borrow), 128);
}

/// (x >> 127, x mod 2^127).
fn split_127(x: Fr) -> (Fr, Fr) {
    let bits = x.into_bigint().to_bits_le();
    let number = |bits: &[bool]| Fr::from_bigint(<Fr as PrimeField>::BigInt::from_bits_le(bits)).unwrap_or_default();
    (number(&bits[127..]), number(&bits[..127]))
}

/// Q = -8A; A is on the curve and 8A is not the identity.
fn minus_eight_times(b: &mut Builder, key: Point) -> Point {
    let mut point = key;
    for step in 0..3 {
        point = double(b, point, step == 0);
    }
    // in the subgroup only the identity has x = 0
    assert_nonzero(b, &e(point[0]));
    [(-e(point[0])).cell(b), point[1]]
}

/// The complete doubling law on the curve, where a x^2 + y^2 = 1 + d x^2 y^2 =: u: x' u = 2 x y and y' (2 - u) = y^2 - a x^2.
/// Neither denominator is zero, because a is a square and d is not. `check` shows the point on the curve; doubles of one are.
fn double(b: &mut Builder, [x, y]: Point, check: bool) -> Point {
    let (a, d) = (Fr::from(A), Fr::from(D));
    let xy = product(b, &e(x), &e(y));
    let x2 = product(b, &e(x), &e(x));
    let u = product_plus(b, &e(y), &e(y), &(e(x2) * a));
    if check {
        quadratic(b, d, xy, xy, &(Expr::from(1u64) - u));
    }
    let (uv, two) = (b.value(u), Fr::from(2u64));
    let x_value = b.value(xy).double() * uv.inverse().unwrap_or_default();
    let y_value = (uv - a * b.value(x2) * two) * (two - uv).inverse().unwrap_or_default();
    let (x_new, y_new) = (b.witness(x_value), b.witness(y_value));
    quadratic(b, Fr::ONE, x_new, u, &(e(xy) * -two));
    quadratic(b, -Fr::ONE, y_new, u, &(e(y_new) * two - u + e(x2) * (a * two)));
    [x_new, y_new]
}

/// B8 + Q by the complete addition law.
fn add_base(b: &mut Builder, [x, y]: Point) -> Point {
    let (a, d) = (Fr::from(A), Fr::from(D));
    let [bx, by] = [BASE8.x, BASE8.y];
    let t = product(b, &e(x), &e(y));
    let k = d * bx * by;
    let (xv, yv, kt) = (b.value(x), b.value(y), k * b.value(t));
    let x_value = (bx * yv + by * xv) * (Fr::ONE + kt).inverse().unwrap_or_default();
    let y_value = (by * yv - a * bx * xv) * (Fr::ONE - kt).inverse().unwrap_or_default();
    let (x_new, y_new) = (b.witness(x_value), b.witness(y_value));
    quadratic(b, k, x_new, t, &(e(x_new) - e(y) * bx - e(x) * by));
    quadratic(b, -k, y_new, t, &(e(y_new) - e(y) * by + e(x) * (a * bx)));
    [x_new, y_new]
}

/// The id over the message, and the signature over the id. `rest` are m2, m3, m4; m5 is the hash of the new key for set_key, else 0.
///
/// The calls of a slot ask for at most two blocks: the id, and h (signed kinds) or the hash of the new key (set_key).
pub fn message_id(b: &mut Builder, slot: &Slot, signature: Option<&Signed>, domain: Var, rest: [&Expr; 3]) -> Var {
    let (flags, key) = (&slot.flags, slot.cells.key);
    let zero = b.constant(Fr::ZERO);
    let [m2, m3, m4] = rest.map(|m| m.cell(b));
    let of_key = b.poseidon5_when(flags.set_key, [key[0], key[1], zero, zero, zero]);
    let m5 = product(b, &e(flags.set_key), &e(of_key));
    let id = b.poseidon5([domain, m2, m3, m4, m5]);
    check(b, slot.number, flags.signed, slot.sender.key, id, signature);
    id
}
