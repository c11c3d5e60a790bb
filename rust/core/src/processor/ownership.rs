//! The EIP-712 signature by which an owner sets a key, checked as L1's ecrecover checks it: low s only, v 27 or 28.

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

use super::context::Chain;
use super::transaction::Transaction;
use super::Fault;
use crate::primitives::keccak::{address_word, keccak256, word};
use crate::primitives::{field, Address};

/// The digest of SetKey(address account,uint256 ax,uint256 ay,uint64 nonce).
#[must_use]
pub fn set_key_digest(chain: &Chain, transaction: &Transaction) -> [u8; 32] {
    let struct_hash = keccak256(&[
        &keccak256(&[b"SetKey(address account,uint256 ax,uint256 ay,uint64 nonce)"]),
        &address_word(transaction.from),
        &field::to_bytes(&transaction.data[0]),
        &field::to_bytes(&transaction.data[1]),
        &word(u128::from(transaction.nonce)),
    ]);
    chain.typed_digest(&struct_hash)
}

/// Checks that the owner of the account signed the new key.
///
/// # Errors
/// `bad_signature` naming the expected and the recovered address.
pub fn check_owner(chain: &Chain, transaction: &Transaction) -> Result<(), Fault> {
    let signature = &transaction.signature;
    let refused = |got: String| {
        let expected = format!("a low-s ECDSA signature by {}", transaction.from);
        Fault::compared("bad_signature", "the owner did not sign this key", expected, got)
    };
    let parity = match signature[64] {
        27 => false,
        28 => true,
        v => return Err(refused(format!("v = {v}"))),
    };
    let parsed = Signature::from_slice(&signature[..64]).map_err(|_| refused("r or s out of range".into()))?;
    if parsed.normalize_s().is_some() {
        return Err(refused("high s".into()));
    }
    let digest = set_key_digest(chain, transaction);
    let key = VerifyingKey::recover_from_prehash(&digest, &parsed, RecoveryId::new(parity, false))
        .map_err(|_| refused("no recoverable key".into()))?;
    let recovered = address_of(&key);
    if recovered != transaction.from {
        return Err(refused(recovered.to_string()));
    }
    Ok(())
}

/// The Ethereum address of a public key.
fn address_of(key: &VerifyingKey) -> Address {
    let point = key.to_encoded_point(false);
    let hash = keccak256(&[&point.as_bytes()[1..]]);
    let mut out = [0u8; 20];
    out.copy_from_slice(&hash[12..]);
    Address(out)
}
