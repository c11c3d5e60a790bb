//! The transcript that a circuit can repeat: a duplex sponge of rate 3 over a permutation of four field elements.
//!
//! State (0, 0, 0, tag). A scalar is one element; 32 raw bytes are two of 128 bits, the high one first; a point is six limbs of
//! 88 bits in three elements: x = x0 + 2^88 x1 + 2^176 x2 and y alike give (x0 + 2^88 x1, x2 + 2^88 y0, y1 + 2^88 y2), so that a
//! circuit reads the limbs of its non-native arithmetic from what it absorbs. Infinity is (0, 0), which is on no curve here.
//! Drawing adds the number of elements absorbed since the last drawing to the capacity lane (so zero padding is injective), adds
//! the elements three a permutation, and gives lanes 0, 1, 2 one after the other; when they are used up and nothing was absorbed,
//! the state is permuted again. Coefficients are the low 128 bits of a drawing each, independent of one another: powers of a
//! 128-bit number are not 128 bits long, and a circuit pays for every bit.
//! What it is not: a choice of permutation. The caller has one; the key's digest holds its name and its answer to (0, 1, 2, 3).

use std::fmt;

use ark_bn254::{Fq, Fr, G1Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInt, PrimeField, Zero};

use super::Transcript;

const RATE: usize = 3;
const LIMB_BITS: usize = 88;
/// Capacity before anything is absorbed: "l2rollup plonk sponge 1" as an integer.
const TAG: &[u8] = b"l2rollup plonk sponge 1";

/// A permutation of four field elements, and its name.
#[derive(Clone, Copy)]
pub struct Permutation {
    /// Name in keys and records.
    pub name: &'static str,
    /// Applies it.
    pub permute: fn(&mut [Fr; 4]),
}

impl fmt::Debug for Permutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permutation({})", self.name)
    }
}

impl Permutation {
    /// Its answer to (0, 1, 2, 3): two permutations of one name are two.
    #[must_use]
    pub fn answer(&self) -> [Fr; 4] {
        let mut state = [0u64, 1, 2, 3].map(Fr::from);
        (self.permute)(&mut state);
        state
    }
}

/// The sponge transcript.
#[derive(Clone, Debug)]
pub struct SpongeTranscript {
    permutation: Permutation,
    state: [Fr; 4],
    pending: Vec<Fr>,
    /// Lanes of the state that were drawn already.
    drawn: usize,
}

impl SpongeTranscript {
    /// An empty transcript.
    #[must_use]
    pub fn new(permutation: Permutation) -> Self {
        let state = [Fr::zero(), Fr::zero(), Fr::zero(), Fr::from_be_bytes_mod_order(TAG)];
        Self { permutation, state, pending: Vec::new(), drawn: RATE }
    }

    fn absorb_pending(&mut self) {
        self.state[RATE] += Fr::from(self.pending.len() as u64);
        if self.pending.is_empty() {
            (self.permutation.permute)(&mut self.state);
        }
        for block in self.pending.chunks(RATE) {
            self.state.iter_mut().zip(block).for_each(|(lane, x)| *lane += x);
            (self.permutation.permute)(&mut self.state);
        }
        self.pending.clear();
        self.drawn = 0;
    }
}

/// Limbs of a coordinate, lowest first.
fn limbs(x: &Fq) -> [u128; 3] {
    let words = x.into_bigint().0;
    let mask = (1u128 << LIMB_BITS) - 1;
    let (low, high) = (u128::from(words[0]) | u128::from(words[1]) << 64, u128::from(words[2]) | u128::from(words[3]) << 64);
    [low & mask, (low >> LIMB_BITS | high << (128 - LIMB_BITS)) & mask, high >> (2 * LIMB_BITS - 128)]
}

/// low + 2^88 high; both below 2^88, so the result is below 2^176.
fn join(low: u128, high: u128) -> Fr {
    let shifted = [0, (high << (LIMB_BITS - 64)) as u64, (high >> (128 - LIMB_BITS)) as u64, 0];
    Fr::from(low) + Fr::new(BigInt(shifted))
}

impl Transcript for SpongeTranscript {
    fn absorb_bytes(&mut self, word: &[u8; 32]) {
        for half in word.chunks_exact(16) {
            self.pending.push(Fr::from_be_bytes_mod_order(half));
        }
    }

    fn absorb_scalar(&mut self, scalar: &Fr) {
        self.pending.push(*scalar);
    }

    fn absorb_point(&mut self, point: &G1Affine) {
        let (x, y) = point.xy().unwrap_or((Fq::zero(), Fq::zero()));
        let (x, y) = (limbs(&x), limbs(&y));
        self.pending.extend([join(x[0], x[1]), join(x[2], y[0]), join(y[1], y[2])]);
    }

    fn challenge(&mut self) -> Fr {
        if !self.pending.is_empty() || self.drawn == RATE {
            self.absorb_pending();
        }
        self.drawn += 1;
        self.state[self.drawn - 1]
    }

    fn coefficient(&mut self) -> Fr {
        let words = self.challenge().into_bigint().0;
        Fr::from(u128::from(words[0]) | u128::from(words[1]) << 64)
    }

    /// The first of each is one; the others are drawn one by one.
    fn batch(&mut self, cur: usize, next: usize) -> [Vec<Fr>; 2] {
        [cur, next].map(|count| (0..count).map(|i| if i == 0 { Fr::from(1u64) } else { self.coefficient() }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{BigInteger, Field, UniformRand};

    #[test]
    fn limbs_make_up_the_coordinate() {
        let mut rng = ark_std::test_rng();
        for x in (0..50).map(|_| Fq::rand(&mut rng)).chain([Fq::zero(), -Fq::from(1u64)]) {
            let shift = Fq::from(2u64).pow([LIMB_BITS as u64]);
            let [a, b, c] = limbs(&x);
            assert!([a, b, c].iter().all(|limb| limb >> LIMB_BITS == 0));
            assert_eq!(Fq::from(a) + shift * Fq::from(b) + shift * shift * Fq::from(c), x);
            let joined = Fr::from(a) + Fr::from(2u64).pow([LIMB_BITS as u64]) * Fr::from(b);
            assert_eq!(join(a, b), joined);
            assert!(joined.into_bigint().num_bits() <= 176);
        }
    }

}
