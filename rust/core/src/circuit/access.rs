//! The memory argument: how kinds see accounts and balances.
//!
//! An access at time t receives the tuple that the previous access (or the leaf record, at time 0) sent and sends the
//! new one. Times are unique, t_prev < t, and a leaf record sends one initial and receives one final tuple per
//! address, so the accesses of one address form a single ordered chain (docs/spec/proof.md). Self-transfers and
//! repeats need no case of their own. What this is not: it knows no root; leaves.rs ties the ends of the chains to it.

use std::collections::BTreeMap;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::builder::{Builder, Tag, Var};
use super::expression::{e, product, range, Expr};

/// Time slots reserved for one transaction slot; accesses of slot s happen at 8 s + k + 1.
pub const TIMES_PER_SLOT: u64 = 8;

/// Order of the accesses inside a slot.
#[derive(Clone, Copy, Debug)]
pub enum Turn {
    /// The sender's account.
    Sender = 0,
    /// The sender's balance of the token moved.
    SenderToken = 1,
    /// The sender's balance of the fee token.
    SenderFee = 2,
    /// The receiver's (or owner's) account.
    Receiver = 3,
    /// The receiver's balance of the token moved.
    ReceiverToken = 4,
    /// The account before an address in the list of addresses.
    Predecessor = 5,
    /// The sentinel, for its count.
    Sentinel = 6,
}

/// The time of an access of slot `slot`; the slot may be a constant or a cell.
#[must_use]
pub fn time_of(slot: &Expr, turn: Turn) -> Expr {
    slot.clone() * TIMES_PER_SLOT + (turn as u64 + 1)
}

/// The native side of the memory: present value and time of the last access of each address.
#[derive(Debug, Default)]
pub struct Memory {
    accounts: BTreeMap<u64, ([Fr; 2], u64)>,
    balances: BTreeMap<(u64, u64), (Fr, u64)>,
}

/// When an access happens and whether it does.
#[derive(Clone, Debug)]
pub struct When {
    /// Boolean; derived from the kind, never free.
    pub on: Expr,
    /// The time, unique among all accesses.
    pub time: Expr,
}

impl Memory {
    /// Starts the chain of an account with its (static, dynamic) under the old root.
    pub fn start_account(&mut self, index: u64, value: [Fr; 2]) {
        self.accounts.insert(index, (value, 0));
    }

    /// Starts the chain of a balance with its value under the old root.
    pub fn start_balance(&mut self, index: u64, token: u64, value: Fr) {
        self.balances.insert((index, token), (value, 0));
    }

    /// Present (static, dynamic) of an account and the time it was set; zero where it was never started.
    #[must_use]
    pub fn account(&self, index: u64) -> ([Fr; 2], u64) {
        self.accounts.get(&index).copied().unwrap_or_default()
    }

    /// Present value of a balance and the time it was set; zero where it was never started.
    #[must_use]
    pub fn balance(&self, index: u64, token: u64) -> (Fr, u64) {
        self.balances.get(&(index, token)).copied().unwrap_or_default()
    }

    /// Access to an account: (static, dynamic) from `old` to `new`.
    pub fn access_account(&mut self, b: &mut Builder, when: &When, index: &Expr, old: [Var; 2], new: [Var; 2]) {
        let key = small(index.value(b));
        let (on, time) = (when.on.value(b) == Fr::ONE, small(when.time.value(b)));
        let previous = if on { self.account(key).1 } else { 0 };
        let previous = b.witness(Fr::from(previous));
        order(b, when, previous);
        let (on_cell, time_cell, index) = (when.on.cell(b), when.time.cell(b), index.cell(b));
        b.receive(Tag::Account, &[index, old[0], old[1], previous], on_cell);
        b.send(Tag::Account, &[index, new[0], new[1], time_cell], on_cell);
        if on {
            let value = [b.value(new[0]), b.value(new[1])];
            self.accounts.insert(key, (value, time));
        }
    }

    /// Access to a balance of a token other than the native one.
    pub fn access_balance(&mut self, b: &mut Builder, when: &When, place: [&Expr; 2], old: Var, new: Var) {
        let key = (small(place[0].value(b)), small(place[1].value(b)));
        let (on, time) = (when.on.value(b) == Fr::ONE, small(when.time.value(b)));
        let previous = if on { self.balance(key.0, key.1).1 } else { 0 };
        let previous = b.witness(Fr::from(previous));
        order(b, when, previous);
        let (on_cell, time_cell) = (when.on.cell(b), when.time.cell(b));
        let (index, token) = (place[0].cell(b), place[1].cell(b));
        b.receive(Tag::Balance, &[index, token, old, previous], on_cell);
        b.send(Tag::Balance, &[index, token, new, time_cell], on_cell);
        if on {
            let value = b.value(new);
            self.balances.insert(key, (value, time));
        }
    }
}

/// t - t_prev - 1 in [0, 2^16) when the access happens. When it does not, t_prev is a number nobody reads.
fn order(b: &mut Builder, when: &When, previous: Var) {
    let last_allowed = when.time.clone() - 1u64;
    let gated = if last_allowed.terms().is_empty() {
        when.on.clone() * last_allowed.offset()
    } else {
        e(product(b, &when.on, &last_allowed))
    };
    range(b, &(gated - previous), 16);
}

/// A native copy of a cell that holds a small integer; cells that do not are out of every table and map to the top.
fn small(value: Fr) -> u64 {
    use ark_ff::PrimeField;
    let limbs = value.into_bigint().0;
    if limbs[1] | limbs[2] | limbs[3] == 0 {
        limbs[0]
    } else {
        u64::MAX
    }
}

/// Zero, for openings that no access reads.
pub const NOTHING: Fr = Fr::ZERO;
