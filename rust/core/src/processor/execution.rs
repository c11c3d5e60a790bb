//! What an accepted item does, complete enough to apply it, to encode it and to prove it.
//!
//! Made by a kind's `plan` from an unchanged state; [`Execution::touches`] is the one place that says which leaves an
//! item touches. What it is not: a promise; it is applied to the state it was planned on or not at all.

use ark_ff::{AdditiveGroup, PrimeField};

use crate::bridge::Record;
use crate::eddsa::SignatureForm;
use crate::parameters::Kind;
use crate::primitives::{Address, Fr};

/// An accepted item. What a kind does not use is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// What happens (a forced exit that pays nothing is a noop).
    pub kind: Kind,
    /// Account index of the sender.
    pub sender: u32,
    /// Account index of the credited account; the new index if created.
    pub receiver: u32,
    /// List predecessor, for a creation or a proof of absence.
    pub predecessor: u32,
    /// True when the item creates `receiver`.
    pub created: bool,
    /// Address of the sender.
    pub sender_address: Address,
    /// Recipient, credited account or owner.
    pub to: Address,
    /// Token index.
    pub token: u16,
    /// Fee token index.
    pub fee_token: u16,
    /// Position of the fee token in the chunk's list.
    pub fee_slot: u8,
    /// Amount that moves.
    pub amount: u128,
    /// Fee charged in the fee token.
    pub fee: u128,
    /// Signed nonce.
    pub nonce: u64,
    /// Signed gas limit.
    pub gas_limit: u32,
    /// Signed gas price.
    pub gas_price: u64,
    /// Signed validUntil.
    pub valid_until: u64,
    /// New key.
    pub key: (Fr, Fr),
    /// (slot, value) of set_storage, (group, 0) of linked_transfer.
    pub data: [Fr; 2],
    /// EdDSA signature of the sender.
    pub signature: Option<SignatureForm>,
    /// Transaction id or id of the queue entry.
    pub id: Fr,
    /// The operation record, for kinds that have one.
    pub record: Option<Record>,
}

/// Leaves that an item touches; may name one twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touches {
    /// Account indices.
    pub accounts: Vec<u32>,
    /// (account, token), token not 0.
    pub balances: Vec<(u32, u16)>,
    /// (account, slot).
    pub storage: Vec<(u32, u16)>,
}

impl Execution {
    /// An execution of a kind with nothing in it.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            sender: 0,
            receiver: 0,
            predecessor: 0,
            created: false,
            sender_address: Address::ZERO,
            to: Address::ZERO,
            token: 0,
            fee_token: 0,
            fee_slot: 0,
            amount: 0,
            fee: 0,
            nonce: 0,
            gas_limit: 0,
            gas_price: 0,
            valid_until: 0,
            key: (Fr::ZERO, Fr::ZERO),
            data: [Fr::ZERO; 2],
            signature: None,
            id: Fr::ZERO,
            record: None,
        }
    }

    /// The storage slot that set_storage writes.
    #[must_use]
    pub fn storage_slot(&self) -> u16 {
        self.data[0].into_bigint().0[0] as u16
    }

    /// True when the item creates an account, sets a key, or shows an account absent.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.created || self.kind.sets_key() || self.kind == Kind::Noop && self.sender == 0
    }

    /// The leaves touched. Index 0 stands for nobody or the sentinel, which every chunk touches anyway.
    #[must_use]
    pub fn touches(&self) -> Touches {
        let accounts = [self.sender, self.receiver, self.predecessor].into_iter().filter(|i| *i != 0).collect();
        let mut balances = Vec::new();
        let moves = self.kind.is_transfer()
            || matches!(self.kind, Kind::Withdraw | Kind::Deposit | Kind::ForcedExit | Kind::Noop);
        if moves && self.token != 0 {
            balances.extend([self.sender, self.receiver].into_iter().filter(|i| *i != 0).map(|i| (i, self.token)));
        }
        if self.fee_token != 0 {
            balances.push((self.sender, self.fee_token));
        }
        let storage = if self.kind == Kind::SetStorage { vec![(self.sender, self.storage_slot())] } else { Vec::new() };
        Touches { accounts, balances, storage }
    }
}
