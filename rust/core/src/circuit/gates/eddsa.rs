//! The EdDSA block: S B8 + h Q by one joint double-and-add, 256 rows a slot, columns 15..25.
//!
//! | R0, R1 | R2, R3 | R4, R5 | R6, R7 | R8, R9 |
//! |---|---|---|---|---|
//! | p | d = 2 p | s | bits of S and h | accumulated S and h |
//!
//! On rows 0..253: d = 2 p, p' = d + s, acc' = 2 acc + bit; s is the point for the digit bS + 2 bh: O or B8, which all slots share,
//! or Q or B8 + Q, which the slot provides. Row 0
//! starts with p the identity and both accumulators zero; the first three bits of S are zero, so S < 2^251. Row 126 tells the high 127
//! bits of h, row 253 the result. Rows 254 (the result itself) and 255 carry no constraint of their own.
//! The complete law of a x^2 + y^2 = 1 + d x^2 y^2 is used (a is a square, d is not): no denominator is zero as long as the four
//! points are on the curve, which the slot shows. What this is not: a signature check; `circuit/signature.rs` is.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use plonk::Expr;

use super::{boolean, cur, message, next, Assembly, Fixed, Tag, R_WIDTH};
use crate::primitives::babyjubjub::{A, D};

/// Rows of a block.
pub const BLOCK: usize = 256;
/// Bits, and rows with constraints.
pub const BITS: usize = 254;
/// Leading bits of S that are zero.
pub const ZERO_BITS: usize = 3;
/// Row that tells the high half of h.
pub const MIDDLE: usize = 126;

/// Adds constraints, lookups and messages.
pub(crate) fn constrain(a: &mut Assembly) {
    let on = Fixed::SelEddsa.expr();
    let slot = || Fixed::Qk.expr();
    let first = on.clone() * a.indicator(BLOCK, 0);
    let prefix = on.clone() * a.indicator(BLOCK, ZERO_BITS - 1);
    let (middle, last) = (a.indicator(BLOCK, MIDDLE), a.indicator(BLOCK, BITS - 1));
    let (x, y, bits) = (cur(0), cur(1), [cur(6), cur(7)]);

    a.constrain("eddsa start", &first, x.clone());
    a.constrain("eddsa start", &first, y.clone() - 1u64);
    let xy = x.clone() * y.clone();
    law(
        a,
        "eddsa double",
        &on,
        [cur(2), cur(3)],
        &(xy.clone() * xy.clone()),
        [xy.clone() + xy, y.clone() * y - x.clone() * x * A],
    );
    let (d, s) = ([cur(2), cur(3)], [cur(4), cur(5)]);
    let cross = [d[0].clone() * s[1].clone(), d[1].clone() * s[0].clone()];
    let straight = [d[0].clone() * s[0].clone(), d[1].clone() * s[1].clone()];
    law(
        a,
        "eddsa add",
        &on,
        [next(0), next(1)],
        &(cross[0].clone() * cross[1].clone()),
        [cross[0].clone() + cross[1].clone(), straight[1].clone() - straight[0].clone() * A],
    );
    for (i, bit) in bits.iter().enumerate() {
        let (acc, after) = (cur(8 + i), next(8 + i));
        a.constrain("eddsa bit boolean", &on, boolean(bit));
        a.constrain("eddsa start", &first, acc.clone());
        a.constrain("eddsa accumulate", &on, after - (acc.clone() + acc + bit.clone()));
    }
    a.constrain("eddsa S below 2^251", &prefix, next(8));

    let [bit_s, bit_h] = bits;
    let digit = bit_s + bit_h.clone() + bit_h;
    // digits 0 and 1 are looked up under number 0, whatever the slot
    let owner = slot() * cur(7);
    let look = message(Expr::one(), Tag::EddsaPoint, [owner, digit, s[0].clone(), s[1].clone()]);
    a.first("eddsa point", on.clone(), vec![look]);
    let half = message(middle, Tag::EddsaMiddle, [slot(), next(9)]);
    let result = message(last, Tag::EddsaResult, [slot(), next(0), next(1), next(8), next(9)]);
    a.second("eddsa result", on, vec![half, result]);
}

/// x' (1 + d t) = numerators\[0\] and y' (1 - d t) = numerators\[1\].
fn law(a: &mut Assembly, label: &str, on: &Expr, point: [Expr; 2], t: &Expr, numerators: [Expr; 2]) {
    let dt = t.clone() * D;
    let [x, y] = point;
    let [nx, ny] = numerators;
    a.constrain(label, on, x * (Expr::one() + dt.clone()) - nx);
    a.constrain(label, on, y * (Expr::one() - dt) - ny);
}

/// A point in projective coordinates X/Z, Y/Z with T = XY/Z; the twin of `primitives::babyjubjub::Extended`, kept here because
/// every intermediate point is a cell and all are normalised together.
#[derive(Clone, Copy)]
struct Projective {
    x: Fr,
    y: Fr,
    z: Fr,
    t: Fr,
}

impl Projective {
    fn affine([x, y]: [Fr; 2]) -> Self {
        Self { x, y, z: Fr::ONE, t: x * y }
    }

    fn add(&self, q: &Self) -> Self {
        let (a, b) = (self.x * q.x, self.y * q.y);
        let (c, d) = (self.t * q.t * Fr::from(D), self.z * q.z);
        let e = (self.x + self.y) * (q.x + q.y) - a - b;
        let (f, g, h) = (d - c, d + c, b - a * Fr::from(A));
        Self { x: e * f, y: g * h, z: f * g, t: e * h }
    }
}

/// The cells of a block: 256 rows of ten, and what it tells.
pub struct Block {
    /// Cells.
    pub rows: Vec<[Fr; R_WIDTH]>,
    /// The result S B8 + h Q.
    pub point: [Fr; 2],
    /// S as accumulated.
    pub s: Fr,
    /// h as accumulated.
    pub h: Fr,
    /// The high 127 bits of h.
    pub middle: Fr,
}

/// Fills a block: points by digit (0, 1: S, 2: h, 3: both), scalars as integers below 2^254.
#[must_use]
pub fn fill(points: &[[Fr; 2]; 4], s: Fr, h: Fr) -> Block {
    let bits = [s, h].map(|x| {
        let mut all = x.into_bigint().to_bits_be();
        all.split_off(all.len() - BITS)
    });
    let digits: Vec<usize> = (0..BITS).map(|i| usize::from(bits[0][i]) + 2 * usize::from(bits[1][i])).collect();
    let table = points.map(Projective::affine);
    let mut chain = vec![Projective::affine([Fr::ZERO, Fr::ONE])];
    for digit in &digits {
        let p = chain[chain.len() - 1];
        let d = p.add(&p);
        chain.push(d);
        chain.push(d.add(&table[*digit]));
    }
    let mut inverse: Vec<Fr> = chain.iter().map(|p| p.z).collect();
    ark_ff::batch_inversion(&mut inverse);
    let affine: Vec<[Fr; 2]> = chain.iter().zip(inverse).map(|(p, z)| [p.x * z, p.y * z]).collect();

    let mut rows = vec![[Fr::ZERO; R_WIDTH]; BLOCK];
    let mut acc = [Fr::ZERO; 2];
    let mut middle = Fr::ZERO;
    for (i, digit) in digits.iter().enumerate() {
        let bit = [digit & 1, digit >> 1].map(|b| Fr::from(b as u64));
        let [p, d, s] = [affine[2 * i], affine[2 * i + 1], points[*digit]];
        rows[i] = [p[0], p[1], d[0], d[1], s[0], s[1], bit[0], bit[1], acc[0], acc[1]];
        acc = [0, 1].map(|k: usize| acc[k].double() + bit[k]);
        if i == MIDDLE {
            middle = acc[1];
        }
    }
    let point = affine[2 * BITS];
    rows[BITS][..2].copy_from_slice(&point);
    rows[BITS][8..].copy_from_slice(&acc);
    Block { rows, point, s: acc[0], h: acc[1], middle }
}
