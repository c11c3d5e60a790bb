//! Where bytes become field elements: an encoding that is not canonical is refused, never reduced.

use ark_ff::{BigInt, PrimeField};
use thiserror::Error;

use super::modulus::Modulus;

/// An encoding of a number that is not below the modulus.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[error("field element {index}: expected a number below the modulus, got {}", hex(.got))]
pub struct NotCanonical {
    /// Which element of the input.
    pub index: usize,
    /// Its bytes, little endian.
    pub got: [u8; 32],
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().rev().fold(String::from("0x"), |s, b| s + &format!("{b:02x}"))
}

/// Elements from 32 bytes each, little endian.
///
/// # Errors
/// `NotCanonical` with the index and bytes of the first number that is not below the modulus.
pub fn decode<M: Modulus>(bytes: &[[u8; 32]]) -> Result<Vec<M::Element>, NotCanonical>
where
    M::Element: PrimeField<BigInt = BigInt<4>>,
{
    let read = |(index, got): (usize, &[u8; 32])| {
        let mut words = [0u64; 4];
        for (word, chunk) in words.iter_mut().zip(got.chunks_exact(8)) {
            *word = chunk.iter().rev().fold(0, |w, b| w << 8 | u64::from(*b));
        }
        M::Element::from_bigint(BigInt(words)).ok_or(NotCanonical { index, got: *got })
    };
    bytes.iter().enumerate().map(read).collect()
}
