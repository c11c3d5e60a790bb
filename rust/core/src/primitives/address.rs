//! A 20-byte address, ordered as the integer it is.

use super::field::{self, hex, Fr};
use crate::parameters::FIRST_ADDRESS;

/// An Ethereum-shaped address; the order is that of the 160-bit integer.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub [u8; 20]);

impl Address {
    /// The zero address: the sentinel's, and the native token's on the wire.
    pub const ZERO: Self = Self([0; 20]);

    /// The address as a field element below 2^160.
    #[must_use]
    pub fn to_field(self) -> Fr {
        let mut word = [0u8; 32];
        word[12..].copy_from_slice(&self.0);
        field::from_bytes(&word).unwrap_or_default()
    }

    /// The address of a field element, if that is below 2^160.
    #[must_use]
    pub fn from_field(x: &Fr) -> Option<Self> {
        let word = field::to_bytes(x);
        let mut out = [0u8; 20];
        out.copy_from_slice(&word[12..]);
        word[..12].iter().all(|b| *b == 0).then_some(Self(out))
    }

    /// True below 2^16: reserved for system addresses, never an account or a recipient.
    #[must_use]
    pub fn is_reserved(self) -> bool {
        let mut low = [0u8; 16];
        low.copy_from_slice(&self.0[4..]);
        self.0[..4] == [0; 4] && u128::from_be_bytes(low) < FIRST_ADDRESS
    }

    /// The address of a small number, as system addresses are.
    #[must_use]
    pub fn from_low(low: u128) -> Self {
        let mut out = [0u8; 20];
        out[4..].copy_from_slice(&low.to_be_bytes());
        Self(out)
    }
}

impl core::fmt::Debug for Address {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl core::fmt::Display for Address {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&hex(&self.0))
    }
}
