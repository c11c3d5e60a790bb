//! One exit natively: what the circuit takes, and the check of it. Twin of `relation`, and of contracts/src/proof/AccountReader.sol.

use ark_ff::{PrimeField, Zero};

use super::relation::{INPUTS, REST_BITS};
use crate::poseidon::{hash_account, hash_node, hash_value};
use crate::primitives::field::power_of_two;
use crate::primitives::Fr;
use crate::state::{AccountProof, LeafProof};

/// Levels of the account tree and of a balance tree.
pub const DEPTHS: (usize, usize) = (16, 8);

/// An account's balance of a token with all that shows it. Paths from the leaf upwards, the children of each node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// address + 2^160 scheme, next address, A.x, A.y.
    pub identity: [Fr; 4],
    /// Native balance + 2^128 nonce + 2^176 flags.
    pub dynamic: Fr,
    /// Root of the storage tree.
    pub storage_root: Fr,
    /// Leaf index.
    pub index: u32,
    /// Token index, 0 for native.
    pub token: u16,
    /// The value in the balance tree, 0 for native.
    pub value: Fr,
    /// Nodes of the balance tree above the token.
    pub balances: [[Fr; 4]; 8],
    /// Nodes of the account tree above the account.
    pub accounts: [[Fr; 4]; 16],
}

/// Why an exit does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("exit {what}: expected {expected}, got {got}")]
pub struct ExitError {
    /// The part.
    pub what: &'static str,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub got: String,
}

fn refuse<T>(what: &'static str, expected: impl ToString, got: impl ToString) -> Result<T, ExitError> {
    Err(ExitError { what, expected: expected.to_string(), got: got.to_string() })
}

fn low_bits(x: &Fr, bits: usize) -> u128 {
    let limbs = x.into_bigint().0;
    let whole = u128::from(limbs[0]) | u128::from(limbs[1]) << 64;
    if bits == 128 { whole } else { whole & ((1 << bits) - 1) }
}

/// x / 2^128 as an integer, none where it takes more than 126 bits (it never does: r < 2^254).
fn high_bits(x: &Fr) -> u128 {
    let limbs = x.into_bigint().0;
    u128::from(limbs[2]) | u128::from(limbs[3]) << 64
}

impl Exit {
    /// From proofs of the state: of the account, and of its balance of the token (of the empty place 0 for native).
    ///
    /// # Errors
    /// [`ExitError`] for a proof of absence or of other depths.
    pub fn new(proof: &AccountProof, balance: &LeafProof) -> Result<Self, ExitError> {
        if !proof.is_inclusion() {
            return refuse("account", "one in the state", proof.address);
        }
        let upwards = |path: &[[Fr; 4]]| path.iter().rev().copied().collect::<Vec<_>>();
        let Ok(accounts) = upwards(&proof.path).try_into() else {
            return refuse("path", DEPTHS.0, proof.path.len());
        };
        let Ok(balances) = upwards(&balance.path).try_into() else {
            return refuse("balance path", DEPTHS.1, balance.path.len());
        };
        let leaf = &proof.leaf;
        Ok(Self {
            identity: [leaf.identity(), leaf.next_address, leaf.key.0, leaf.key.1],
            dynamic: leaf.dynamic(),
            storage_root: leaf.storage_root,
            index: proof.index,
            token: balance.position,
            value: balance.value,
            balances,
            accounts,
        })
    }

    /// Whether the balance is the native one.
    #[must_use]
    pub fn is_native(&self) -> bool {
        self.token == 0
    }

    /// The amount that leaves.
    #[must_use]
    pub fn amount(&self) -> u128 {
        low_bits(if self.is_native() { &self.dynamic } else { &self.value }, 128)
    }

    /// The owner's address as a field element.
    #[must_use]
    pub fn owner(&self) -> Fr {
        self.identity[0] - Fr::from(u64::from(self.has_scheme())) * power_of_two(160)
    }

    /// Whether the account has a key: scheme 1.
    fn has_scheme(&self) -> bool {
        high_bits(&self.identity[0]) >> 32 != 0
    }

    /// Nonce and flags: what stands above the native balance.
    #[must_use]
    pub fn rest(&self) -> u128 {
        high_bits(&self.dynamic)
    }

    /// Token, native bit and index in one number: 16, 1 and 32 bits.
    #[must_use]
    pub fn position(&self) -> u64 {
        u64::from(self.token) | u64::from(self.is_native()) << 16 | u64::from(self.index) << 17
    }

    /// The public inputs for a root: value, position, owner, native balance, root.
    #[must_use]
    pub fn inputs(&self, root: Fr) -> [Fr; INPUTS] {
        let native = if self.is_native() { Fr::from(self.amount()) } else { Fr::zero() };
        let value = if self.is_native() { Fr::zero() } else { Fr::from(self.amount()) };
        [value, Fr::from(self.position()), self.owner(), native, root]
    }

    /// Checks the exit against a root.
    ///
    /// # Errors
    /// [`ExitError`] naming the first part that does not hold.
    pub fn check(&self, root: &Fr) -> Result<(), ExitError> {
        if high_bits(&self.identity[0]) >> 33 != 0 {
            return refuse("scheme", "0 or 1", self.identity[0]);
        }
        if self.is_native() && self.rest() >> REST_BITS != 0 {
            return refuse("nonce and flags", format!("below 2^{REST_BITS}"), self.rest());
        }
        let wanted = if self.is_native() { Fr::zero() } else { Fr::from(self.amount()) };
        if self.value != wanted {
            return refuse("value", wanted, self.value);
        }
        let balances = climb("balance path", hash_value(self.value), u64::from(self.token), &self.balances)?;
        let leaf = hash_account(&[hash_account(&self.identity), self.dynamic, balances, self.storage_root]);
        let got = climb("account path", leaf, u64::from(self.index), &self.accounts)?;
        if got != *root {
            return refuse("root", root, got);
        }
        Ok(())
    }
}

fn climb(what: &'static str, leaf: Fr, mut position: u64, path: &[[Fr; 4]]) -> Result<Fr, ExitError> {
    let mut node = leaf;
    for children in path {
        let place = children[(position & 3) as usize];
        if place != node {
            return refuse(what, node, place);
        }
        node = hash_node(children);
        position >>= 2;
    }
    Ok(node)
}
