//! Fiat-Shamir transcript: Keccak for L1, a sponge over a permutation of field elements for recursion ([`sponge`]). Which one
//! draws is a parameter of the key and bound by its digest; relation, message schema and rounds do not know it.
//!
//! Keccak: //! Every word is 32 bytes, big endian, so that Solidity hashes memory as it stands.
//! challenge: state := keccak256(state ++ absorbed since the last challenge); result = state mod r. A challenge drawn with
//! nothing absorbed since the last one hashes a counter byte (1, 2, ..) in place of the absorbed words.

use ark_bn254::{Fq, Fr, G1Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, Field, PrimeField, Zero};
use sha3::{Digest, Keccak256};

mod sponge;

pub use sponge::{Permutation, SpongeTranscript};

/// Domain tag absorbed first.
pub const DOMAIN_TAG: &[u8; 32] = b"l2rollup plonk keccak transcript";

/// What the rounds need of a transcript.
pub trait Transcript {
    /// Absorbs 32 raw bytes.
    fn absorb_bytes(&mut self, word: &[u8; 32]);
    /// Absorbs a scalar.
    fn absorb_scalar(&mut self, scalar: &Fr) {
        self.absorb_bytes(&scalar_bytes(scalar));
    }
    /// Absorbs a point as x, y; the point at infinity as (0, 0).
    fn absorb_point(&mut self, point: &G1Affine) {
        let bytes = point_bytes(point);
        let mut word = [0u8; 32];
        word.copy_from_slice(&bytes[..32]);
        self.absorb_bytes(&word);
        word.copy_from_slice(&bytes[32..]);
        self.absorb_bytes(&word);
    }
    /// Draws a challenge.
    fn challenge(&mut self) -> Fr;
    /// Draws the coefficient that joins two claims about points.
    fn coefficient(&mut self) -> Fr {
        self.challenge()
    }
    /// Draws the coefficients that batch the claims at both points of evaluation: powers of one challenge, from one on,
    /// the same for both.
    fn batch(&mut self, cur: usize, next: usize) -> [Vec<Fr>; 2] {
        let v = self.challenge();
        [cur, next].map(|count| std::iter::successors(Some(Fr::ONE), |power| Some(*power * v)).take(count).collect())
    }
}

/// The hash that draws a key's challenges.
#[derive(Clone, Copy, Debug, Default)]
pub enum TranscriptHash {
    /// Keccak-256, as the EVM has it.
    #[default]
    Keccak,
    /// A sponge over a permutation of four field elements.
    Sponge(Permutation),
}

impl TranscriptHash {
    /// A transcript that has absorbed nothing yet.
    #[must_use]
    pub fn start(&self) -> AnyTranscript {
        match self {
            Self::Keccak => AnyTranscript::Keccak(KeccakTranscript::default()),
            Self::Sponge(permutation) => AnyTranscript::Sponge(SpongeTranscript::new(*permutation)),
        }
    }

    /// "keccak", or the permutation's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Keccak => "keccak",
            Self::Sponge(permutation) => permutation.name,
        }
    }
}

/// A transcript of either hash.
#[derive(Clone, Debug)]
pub enum AnyTranscript {
    /// Keccak-256.
    Keccak(KeccakTranscript),
    /// The sponge.
    Sponge(SpongeTranscript),
}

impl AnyTranscript {
    fn get(&mut self) -> &mut dyn Transcript {
        match self {
            Self::Keccak(t) => t,
            Self::Sponge(t) => t,
        }
    }
}

impl Transcript for AnyTranscript {
    fn absorb_bytes(&mut self, word: &[u8; 32]) {
        self.get().absorb_bytes(word);
    }
    fn absorb_scalar(&mut self, scalar: &Fr) {
        self.get().absorb_scalar(scalar);
    }
    fn absorb_point(&mut self, point: &G1Affine) {
        self.get().absorb_point(point);
    }
    fn challenge(&mut self) -> Fr {
        self.get().challenge()
    }
    fn coefficient(&mut self) -> Fr {
        self.get().coefficient()
    }
    fn batch(&mut self, cur: usize, next: usize) -> [Vec<Fr>; 2] {
        self.get().batch(cur, next)
    }
}

/// The Keccak-256 transcript.
#[derive(Clone, Debug)]
pub struct KeccakTranscript {
    state: [u8; 32],
    pending: Vec<u8>,
    drawn: u8,
}

impl Default for KeccakTranscript {
    fn default() -> Self {
        Self { state: *DOMAIN_TAG, pending: Vec::new(), drawn: 0 }
    }
}

impl Transcript for KeccakTranscript {
    fn absorb_bytes(&mut self, word: &[u8; 32]) {
        self.pending.extend_from_slice(word);
    }
    fn challenge(&mut self) -> Fr {
        let mut h = Keccak256::new();
        h.update(self.state);
        if self.pending.is_empty() {
            self.drawn = self.drawn.wrapping_add(1);
            h.update([self.drawn]);
        } else {
            self.drawn = 0;
            h.update(&self.pending);
            self.pending.clear();
        }
        self.state = h.finalize().into();
        Fr::from_be_bytes_mod_order(&self.state)
    }
}

/// 32 bytes, big endian.
#[must_use]
pub fn scalar_bytes(x: &Fr) -> [u8; 32] {
    let mut out = [0u8; 32];
    out.copy_from_slice(&x.into_bigint().to_bytes_be());
    out
}

/// x then y, 32 bytes each, big endian; infinity is 64 zero bytes (EIP-196).
#[must_use]
pub fn point_bytes(p: &G1Affine) -> [u8; 64] {
    let mut out = [0u8; 64];
    let (x, y) = p.xy().unwrap_or((Fq::zero(), Fq::zero()));
    out[..32].copy_from_slice(&x.into_bigint().to_bytes_be());
    out[32..].copy_from_slice(&y.into_bigint().to_bytes_be());
    out
}
