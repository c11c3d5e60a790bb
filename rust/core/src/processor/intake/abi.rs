//! The calls that an L2Transaction's `data` can make, as ABI: selector and static words, nothing else.
//!
//! A decoded call re-encodes to the same bytes, because every word is checked for its type's range and the length is
//! exact. What it is not: a general ABI decoder.

use super::super::Fault;
use crate::primitives::keccak::{address_word, keccak256, word};
use crate::primitives::{field, Address};

/// A call in a transaction's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// transfer(address,uint256) on a token address.
    Transfer(Address, u128),
    /// withdraw(address token,uint256 amount,address recipient) on the system address.
    Withdraw(Address, u128, Address),
    /// setKey(uint256 ax,uint256 ay) on the system address.
    SetKey([u8; 32], [u8; 32]),
    /// setStorage(uint256 slot,uint256 value) on the system address.
    SetStorage([u8; 32], [u8; 32]),
    /// linkedTransfer(address token,address recipient,uint256 amount,uint256 group) on the system address.
    LinkedTransfer(Address, Address, u128, [u8; 32]),
}

/// Signatures of the calls, in the order of [`Call`].
const SIGNATURES: [&str; 5] = [
    "transfer(address,uint256)",
    "withdraw(address,uint256,address)",
    "setKey(uint256,uint256)",
    "setStorage(uint256,uint256)",
    "linkedTransfer(address,address,uint256,uint256)",
];

fn selector(signature: &str) -> [u8; 4] {
    let hash = keccak256(&[signature.as_bytes()]);
    [hash[0], hash[1], hash[2], hash[3]]
}

impl Call {
    /// Reads a call.
    ///
    /// # Errors
    /// `unknown_call` for another selector, `malformed_data` for another length or a word out of its type's range,
    /// `out_of_range` for an amount from 2^128 on.
    pub fn decode(data: &[u8]) -> Result<Self, Fault> {
        let Some((head, body)) = data.split_first_chunk::<4>() else {
            return Err(Fault::compared("malformed_data", "data has no selector", "4 bytes", data.len()));
        };
        let Some(which) = SIGNATURES.iter().position(|s| selector(s) == *head) else {
            let expected = SIGNATURES.join(", ");
            return Err(Fault::compared("unknown_call", "data calls an unknown function", expected, field::hex(head)));
        };
        let words = SIGNATURES[which].matches(',').count() + 1;
        if body.len() != 32 * words {
            let message = format!("the arguments of {} have another length", SIGNATURES[which]);
            return Err(Fault::compared("malformed_data", message, 32 * words, body.len()));
        }
        let at = |i: usize| {
            let mut out = [0u8; 32];
            out.copy_from_slice(&body[32 * i..32 * (i + 1)]);
            out
        };
        let call = match which {
            0 => Self::Transfer(address(&at(0))?, amount(&at(1))?),
            1 => Self::Withdraw(address(&at(0))?, amount(&at(1))?, address(&at(2))?),
            2 => Self::SetKey(at(0), at(1)),
            3 => Self::SetStorage(at(0), at(1)),
            _ => Self::LinkedTransfer(address(&at(0))?, address(&at(1))?, amount(&at(2))?, at(3)),
        };
        if call.encode() != data {
            return Err(Fault::new("malformed_data", "data does not re-encode to itself"));
        }
        Ok(call)
    }

    /// The ABI encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let (which, words) = match self {
            Self::Transfer(to, x) => (0, vec![address_word(*to), word(*x)]),
            Self::Withdraw(token, x, to) => (1, vec![address_word(*token), word(*x), address_word(*to)]),
            Self::SetKey(x, y) => (2, vec![*x, *y]),
            Self::SetStorage(slot, value) => (3, vec![*slot, *value]),
            Self::LinkedTransfer(token, to, x, group) => {
                (4, vec![address_word(*token), address_word(*to), word(*x), *group])
            }
        };
        let mut out = selector(SIGNATURES[which]).to_vec();
        words.iter().for_each(|w| out.extend_from_slice(w));
        out
    }
}

fn address(word: &[u8; 32]) -> Result<Address, Fault> {
    let mut out = [0u8; 20];
    out.copy_from_slice(&word[12..]);
    if word[..12] != [0; 12] {
        return Err(Fault::compared("malformed_data", "an address argument is too large", "< 2^160", field::hex(word)));
    }
    Ok(Address(out))
}

fn amount(word: &[u8; 32]) -> Result<u128, Fault> {
    let mut out = [0u8; 16];
    out.copy_from_slice(&word[16..]);
    if word[..16] != [0; 16] {
        return Err(Fault::compared("out_of_range", "an amount argument is too large", "< 2^128", field::hex(word)));
    }
    Ok(u128::from_be_bytes(out))
}
