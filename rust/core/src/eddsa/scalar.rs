//! Integers modulo the subgroup order l, for the few operations that keys and signatures need.
//!
//! What it is not: fast; a product is 251 doublings. Verification needs only a reduction of one field element.

use ark_ff::{BigInt, BigInteger};

use crate::primitives::babyjubjub::SUBGROUP_ORDER;

/// a + b mod l, for a, b < l.
pub fn add(a: &BigInt<4>, b: &BigInt<4>) -> BigInt<4> {
    // l < 2^251, so the sum does not overflow.
    let mut sum = *a;
    sum.add_with_carry(b);
    if sum >= SUBGROUP_ORDER {
        sum.sub_with_borrow(&SUBGROUP_ORDER);
    }
    sum
}

/// The integer of little-endian bytes of any length, mod l.
pub fn reduce(little_endian: &[u8]) -> BigInt<4> {
    let one = BigInt::new([1, 0, 0, 0]);
    let mut sum = BigInt::new([0; 4]);
    for byte in little_endian.iter().rev() {
        for i in (0..8).rev() {
            sum = add(&sum, &sum);
            if byte >> i & 1 == 1 {
                sum = add(&sum, &one);
            }
        }
    }
    sum
}

/// x mod l for x < 2^254, by at most eight subtractions.
pub fn reduce_integer(x: &BigInt<4>) -> BigInt<4> {
    let mut x = *x;
    while x >= SUBGROUP_ORDER {
        x.sub_with_borrow(&SUBGROUP_ORDER);
    }
    x
}

/// a b mod l, for a, b < l.
pub fn multiply(a: &BigInt<4>, b: &BigInt<4>) -> BigInt<4> {
    let mut sum = BigInt::new([0; 4]);
    for i in (0..256).rev() {
        sum = add(&sum, &sum);
        if a.get_bit(i) {
            sum = add(&sum, b);
        }
    }
    sum
}
