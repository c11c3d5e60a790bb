//! Keccak-256 as Ethereum uses it, and the 32-byte words of its ABI encoding.

use sha3::{Digest, Keccak256};

use super::field::{self, Fr};
use super::Address;

/// keccak256 of the concatenated parts.
#[must_use]
pub fn keccak256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

/// The low 248 bits of a digest as a field element.
#[must_use]
pub fn low_248(digest: &[u8; 32]) -> Fr {
    field::from_short_bytes(&digest[1..]).unwrap_or_default()
}

/// The ABI word of an unsigned integer.
#[must_use]
pub fn word(x: u128) -> [u8; 32] {
    let mut out = [0u8; 32];
    out[16..].copy_from_slice(&x.to_be_bytes());
    out
}

/// The ABI word of an address.
#[must_use]
pub fn address_word(address: Address) -> [u8; 32] {
    let mut out = [0u8; 32];
    out[12..].copy_from_slice(&address.0);
    out
}
