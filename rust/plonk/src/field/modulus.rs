//! The two primes of BN254 as 52-bit limbs, with the constants of Montgomery reduction, computed when compiling.
//!
//! What it is not: arithmetic. `lanes.rs` computes with these constants; arkworks' types stay the currency elsewhere.

use ark_bn254::{Fq, Fr};
use ark_ff::PrimeField;

/// Limbs of 52 bits an element has on lanes.
pub const LIMBS: usize = 5;
/// 2^52 - 1.
pub const MASK: u64 = (1 << 52) - 1;

/// A 254-bit prime p and what a reduction by it needs, with R = 2^260.
pub trait Modulus: Copy + Send + Sync + 'static {
    /// arkworks' type of the same field: four 64-bit words in Montgomery form with R = 2^256.
    type Element: PrimeField;
    /// p in 64-bit words.
    const WORDS: [u64; 4];
    /// p in 52-bit limbs.
    const P: [u64; LIMBS] = limbs(Self::WORDS);
    /// 2 p in 64-bit words.
    const TWICE: &'static [u64; 4] = &add(Self::WORDS, Self::WORDS);
    /// p and -p^-1 mod 2^64.
    const REDUCTION: &'static Reduction =
        &Reduction { modulus: Self::WORDS, inverse: negative_inverse(Self::WORDS[0]) };
    /// -p^-1 mod 2^52.
    const NEGATIVE_INVERSE: u64 = negative_inverse(Self::WORDS[0]) & MASK;
    /// 2^(52 i - 208) mod p for i in 0..4: what limb i of a product folds onto its upper limbs.
    /// Their sum is below 1.6 p for both primes, hence the bounds in `lanes.rs`.
    const FOLD: [[u64; LIMBS]; 4] =
        [fold(Self::WORDS, 0), fold(Self::WORDS, 1), fold(Self::WORDS, 2), fold(Self::WORDS, 3)];
    /// `COARSE[j][i]`: limb j of the largest multiple of p that is at most i 2^254, for i in 0..8.
    const COARSE: [[u64; 8]; LIMBS] = quotients(Self::WORDS, 62);
    /// `FINE[j][i]`: the same for i 2^253.
    const FINE: [[u64; 8]; LIMBS] = quotients(Self::WORDS, 61);
    /// floor(2^305 / p): Barrett's quotient from a top limb.
    const RECIPROCAL: u64 = reciprocal(Self::WORDS);
    /// 2^260 - p in limbs.
    const NEGATIVE: [u64; LIMBS] = complement(Self::P);
    /// 2^260 mod p: one in R = 2^260, in words.
    const ONE: [u64; 4] = power_of_two(Self::WORDS, 260);
    /// 2^264 mod p, in words: times it, R = 2^256 becomes R = 2^260.
    const SHIFT: [u64; 4] = power_of_two(Self::WORDS, 264);
}

/// What a product of words is reduced with, on one cache line.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Reduction {
    pub(super) modulus: [u64; 4],
    inverse: u64,
}

/// The scalar field of BN254.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scalar;
/// The base field of BN254.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base;

impl Modulus for Scalar {
    type Element = Fr;
    const WORDS: [u64; 4] = Fr::MODULUS.0;
}

impl Modulus for Base {
    type Element = Fq;
    const WORDS: [u64; 4] = Fq::MODULUS.0;
}

/// Four 64-bit words as five 52-bit limbs.
pub(crate) const fn limbs(w: [u64; 4]) -> [u64; LIMBS] {
    [
        w[0] & MASK,
        (w[0] >> 52 | w[1] << 12) & MASK,
        (w[1] >> 40 | w[2] << 24) & MASK,
        (w[2] >> 28 | w[3] << 36) & MASK,
        w[3] >> 16,
    ]
}

/// Limbs of x 2^260 mod p: a constant for lanes (`splat_limbs`), whatever the form of what it multiplies.
#[must_use]
pub fn limbs260(x: &Fr) -> [u64; LIMBS] {
    // In memory x stands as x 2^256 mod p: times 16.
    limbs((*x * Fr::from(16u64)).0 .0)
}

/// -p^-1 mod 2^64 by Newton's iteration; each step doubles the correct bits.
const fn negative_inverse(p0: u64) -> u64 {
    let mut x = p0; // correct to 3 bits, as p is odd
    let mut i = 0;
    while i < 5 {
        x = x.wrapping_mul(2u64.wrapping_sub(p0.wrapping_mul(x)));
        i += 1;
    }
    x.wrapping_neg()
}

const fn at_least(a: [u64; 4], b: [u64; 4]) -> bool {
    let mut i = 4;
    while i > 0 {
        i -= 1;
        if a[i] != b[i] {
            return a[i] > b[i];
        }
    }
    true
}

const fn add(a: [u64; 4], b: [u64; 4]) -> [u64; 4] {
    let mut out = [0; 4];
    let mut carry = 0u128;
    let mut i = 0;
    while i < 4 {
        let s = a[i] as u128 + b[i] as u128 + carry;
        out[i] = s as u64;
        carry = s >> 64;
        i += 1;
    }
    out
}

const fn sub(a: [u64; 4], b: [u64; 4]) -> [u64; 4] {
    let mut out = [0; 4];
    let mut borrow = 0u64;
    let mut i = 0;
    while i < 4 {
        let (d, under) = a[i].overflowing_sub(b[i]);
        let (d, under2) = d.overflowing_sub(borrow);
        out[i] = d;
        borrow = (under || under2) as u64;
        i += 1;
    }
    out
}

/// floor(2^305 / p) by long division.
const fn reciprocal(p: [u64; 4]) -> u64 {
    let (mut rest, mut quotient, mut i) = ([1, 0, 0, 0], 0u64, 0);
    while i < 305 {
        rest = add(rest, rest);
        quotient <<= 1;
        if at_least(rest, p) {
            rest = sub(rest, p);
            quotient |= 1;
        }
        i += 1;
    }
    quotient
}

/// 2^260 - p.
const fn complement(p: [u64; LIMBS]) -> [u64; LIMBS] {
    let mut out = [0; LIMBS];
    let (mut i, mut carry) = (0, 1);
    while i < LIMBS {
        let s = (MASK - p[i]) + carry;
        out[i] = s & MASK;
        carry = s >> 52;
        i += 1;
    }
    out
}

/// 2^n mod p.
pub(crate) const fn power_of_two(p: [u64; 4], n: usize) -> [u64; 4] {
    let mut x = [1, 0, 0, 0];
    let mut i = 0;
    while i < n {
        x = add(x, x);
        if at_least(x, p) {
            x = sub(x, p);
        }
        i += 1;
    }
    x
}

/// 2^(52 i - 208) mod p, by halving: an odd x becomes (x + p) / 2.
const fn fold(p: [u64; 4], i: usize) -> [u64; LIMBS] {
    let mut x = [1, 0, 0, 0];
    let mut k = 0;
    while k < 208 - 52 * i {
        if x[0] & 1 == 1 {
            x = add(x, p);
        }
        x = [x[0] >> 1 | x[1] << 63, x[1] >> 1 | x[2] << 63, x[2] >> 1 | x[3] << 63, x[3] >> 1];
        k += 1;
    }
    limbs(x)
}

const fn add_limbs(a: [u64; LIMBS], b: [u64; LIMBS]) -> [u64; LIMBS] {
    let mut out = [0; LIMBS];
    let mut carry = 0;
    let mut i = 0;
    while i < LIMBS {
        let s = a[i] + b[i] + carry;
        out[i] = s & MASK;
        carry = s >> 52;
        i += 1;
    }
    out
}

/// Limbs of floor(i 2^(192 + shift) / p) p for i in 0..8. Numbers reach 2^257, hence limbs and not words.
const fn quotients(p: [u64; 4], shift: u32) -> [[u64; 8]; LIMBS] {
    let mut out = [[0; 8]; LIMBS];
    let p = limbs(p);
    let mut multiple = [0u64; LIMBS];
    let mut i = 0;
    while i < 8 {
        let bound = (i as u64) << (shift - 16);
        let mut next = add_limbs(multiple, p);
        // p's top limb is no divisor of a power of two, so top limbs decide.
        while next[4] < bound {
            multiple = next;
            next = add_limbs(multiple, p);
        }
        let l = multiple;
        let mut j = 0;
        while j < LIMBS {
            out[j][i] = l[j];
            j += 1;
        }
        i += 1;
    }
    out
}
