//! The signature of a slot: circomlib's EdDSA over BabyJubJub, and the two circomlib Poseidon calls of a slot.
//!
//! R8 = S B8 - (8h) A is what the slot's EdDSA block computes, after it has shown that A is on the curve and neither 8A nor R8 the
//! identity, and whose hash with A and the message it asks to be h. Clauses here: S < l, h canonical.
//! R8 needs no curve check of its own: it is a sum of points of the subgroup. Of a slot's Poseidon blocks the first is the id, the
//! second h (signed kinds) or the hash of the new key (set_key), else of zeros; unsigned slots run the EdDSA block on a key nobody owns,
//! S = 0, and that result as h. What this is not: the EdDSA block itself (gates/eddsa.rs).

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};

use super::builder::{Builder, EddsaInput, Var};
use super::expression::{e, pow2, range, Expr};
use super::slots::Slot;
use crate::batch::Signature as Signed;

/// The subgroup order l.
pub const ORDER: Fr = ark_ff::MontFp!("2736030358979909402780800718157159386076813972158567259200215660948447373041");

/// A point in cells.
pub type Point = [Var; 2];

/// Bits of h by which it is compared with r - 1, lowest first.
const PARTS: [usize; 3] = [84, 84, 86];

/// Asserts, where `signed` is 1, that R8 and S by which block 2 number + 1 of circomlib's Poseidon has the result h are a signature on
/// the message by the key; whatever `signed` is, that the key is on the curve and not of small order.
pub fn check(b: &mut Builder, number: u64, signed: Var, key: Point, message: Var, h: Var, s: Fr) {
    let block = b.eddsa_block(number, &EddsaInput { key, signed, message, h }, s);
    below_order(b, block.s);
    canonical(b, h, block.parts);
}

/// S < l, for S below 2^252. l - 1 - S is a sum of parts from bits 0, 96 and 188 of 96, 96 and 64 bits; they overlap, but only its sign
/// counts: a negative number is above 2^253, no such sum is.
fn below_order(b: &mut Builder, s: Var) {
    let rest = Expr::constant(ORDER - Fr::ONE) - s;
    let [_, middle, top] = bits(rest.value(b), [96, 92, 66]).map(|x| b.witness(x));
    range(b, &(rest - e(middle) * pow2(96) - e(top) * pow2(188)), 96);
    range(b, &e(middle), 96);
    range(b, &e(top), 64);
}

/// h < r as an integer: h = low + 2^84 middle + 2^168 high, of which the block tells the upper two parts and the highest; compare with
/// r - 1 by two borrows. Any borrows do, if nothing wraps: of r - 1 - h = u0 + 2^84 u1 + 2^168 u2 each u is below 2^96 and the second
/// borrow below 2^16, so the first is below 2^102.
pub(super) fn canonical(b: &mut Builder, h: Var, [high, upper]: [Var; 2]) {
    let parts = [e(h) - e(upper) * pow2(84), e(upper) - e(high) * pow2(84), e(high)];
    let most = bits(-Fr::ONE, PARTS);
    let [low, middle, _] = bits(b.value(h), PARTS);
    let first = low > most[0];
    let second = middle + Fr::from(u64::from(first)) > most[1];
    let borrows = [first, second].map(|x| b.witness(Fr::from(u64::from(x))));
    range(b, &e(borrows[1]), 16);
    let [zero, first, second] = [Expr::default(), e(borrows[0]), e(borrows[1])];
    let carried = [first.clone() * pow2(84) - zero, second.clone() * pow2(84) - first, -second];
    for ((part, most), carried) in parts.into_iter().zip(most).zip(carried) {
        range(b, &(Expr::constant(most) - part + carried), 96);
    }
}

/// Consecutive parts of an element's integer, lowest first.
fn bits<const N: usize>(x: Fr, widths: [usize; N]) -> [Fr; N] {
    let all = x.into_bigint().to_bits_le();
    let mut rest = all.as_slice();
    widths.map(|width| {
        let (part, after) = rest.split_at(width);
        rest = after;
        Fr::from_bigint(<Fr as PrimeField>::BigInt::from_bits_le(part)).unwrap_or_default()
    })
}

/// The id over the message, and the signature over the id.
pub fn message_id(b: &mut Builder, slot: &Slot, signature: Option<&Signed>, domain: Var) -> Var {
    let key = slot.sender.key;
    let [m2, m3, m4, m5] = slot.message;
    let message = [domain, m2, m3, m4, m5];
    let of_id = 2 * slot.number as usize;
    let id = b.poseidon5(of_id, message.map(|m| b.value(m)));
    let one = b.constant(Fr::ONE);
    b.poseidon5_inputs(of_id, one, &message);
    let inputs = signature.map_or([Fr::ZERO; 5], |s| [s.r8.0, s.r8.1, b.value(key[0]), b.value(key[1]), b.value(id)]);
    let challenge = b.poseidon5(of_id + 1, inputs);
    check(b, slot.number, slot.flags.signed, key, id, challenge, signature.map_or(Fr::ZERO, |s| s.s));
    id
}
