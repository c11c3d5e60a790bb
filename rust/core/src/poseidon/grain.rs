//! The Grain LFSR that defines the constants of Poseidon (eprint 2019/458, appendix F), so that circomlib's 444 numbers
//! are derived instead of stored.
//!
//! What it is not: a random generator for anything else.

use ark_ff::{BigInt, PrimeField};

use crate::primitives::Fr;

/// The self-shrinking 80-bit register. Bit 0 of `state` is the oldest bit.
pub struct Grain {
    state: u128,
    bits: u32,
}

impl Grain {
    /// A register initialised for a prime field of `bits` bits, S-box x^alpha, width t and the round numbers.
    #[must_use]
    pub fn new(bits: u32, t: u32, full_rounds: u32, partial_rounds: u32) -> Self {
        // Field type 1 (prime, 2 bits), S-box 0 (x^alpha, 4 bits), then sizes, then thirty ones; first field first.
        let fields =
            [(1, 2), (0, 4), (bits, 12), (t, 12), (full_rounds, 10), (partial_rounds, 10), ((1 << 30) - 1, 30)];
        let mut state = 0u128;
        let mut position = 0;
        for (value, width) in fields {
            for i in (0..width).rev() {
                state |= u128::from(value >> i & 1) << position;
                position += 1;
            }
        }
        let mut grain = Self { state, bits };
        for _ in 0..160 {
            grain.step();
        }
        grain
    }

    fn step(&mut self) -> bool {
        let s = self.state;
        let bit = (s >> 62 ^ s >> 51 ^ s >> 38 ^ s >> 23 ^ s >> 13 ^ s) & 1;
        self.state = s >> 1 | bit << 79;
        bit == 1
    }

    /// The next output bit: of each pair the second counts if the first is one.
    fn bit(&mut self) -> bool {
        while !self.step() {
            self.step();
        }
        self.step()
    }

    fn integer(&mut self) -> BigInt<4> {
        let mut limbs = [0u64; 4];
        for i in (0..self.bits).rev() {
            limbs[(i / 64) as usize] |= u64::from(self.bit()) << (i % 64);
        }
        BigInt::new(limbs)
    }

    /// The next element by rejection, as round constants are drawn.
    pub fn element(&mut self) -> Fr {
        loop {
            if let Some(x) = Fr::from_bigint(self.integer()) {
                return x;
            }
        }
    }

    /// The next element by reduction, as the entries of the Cauchy matrix are drawn.
    pub fn reduced_element(&mut self) -> Fr {
        let x = self.integer();
        Fr::from_be_bytes_mod_order(&{
            let mut bytes = [0u8; 32];
            for (chunk, limb) in bytes.chunks_exact_mut(8).zip(x.0.iter().rev()) {
                chunk.copy_from_slice(&limb.to_be_bytes());
            }
            bytes
        })
    }
}
