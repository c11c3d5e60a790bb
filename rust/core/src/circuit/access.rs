//! The memory argument: how kinds see accounts and balances.
//!
//! An access at time t receives the tuple that the previous access (or the leaf record, at time 0) sent and sends the
//! new one. Times are unique, t_prev < t, and a leaf record sends one initial and receives one final tuple per
//! address, so the accesses of one address form a single ordered chain (docs/spec/proof.md). Self-transfers and
//! repeats need no case of their own. What this is not: it knows no root; leaves.rs ties the ends of the chains to it.

use std::collections::BTreeMap;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::builder::{Builder, Fourth, Tag, Var};
use super::expression::{e, product, range, Expr};
use super::writes::STORAGE_BASE;

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
    /// The receiver's balance of the token moved; in set_storage the storage slot.
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

/// The native side of the memory: every access in the order of layout, and after [`Memory::settle`] the end of each chain.
#[derive(Debug, Default)]
pub struct Memory {
    accounts: BTreeMap<u64, ([Fr; 2], u64)>,
    balances: BTreeMap<(u64, u64), (Fr, u64)>,
    account_log: Vec<Access<u64, [Fr; 2]>>,
    balance_log: Vec<Access<(u64, u64), Fr>>,
}

/// An access that happens: address, time, value it leaves, and the variable for the time of the access before.
#[derive(Debug)]
struct Access<K, V> {
    key: K,
    time: u64,
    value: V,
    previous: Var,
}

/// Links accesses by address in the order of time.
fn link<K: Ord + Copy, V: Copy>(b: &mut Builder, log: &mut [Access<K, V>], ends: &mut BTreeMap<K, (V, u64)>) {
    log.sort_by_key(|access| access.time);
    for access in log {
        let before = ends.insert(access.key, (access.value, access.time));
        b.set(access.previous, Fr::from(before.map_or(0, |(_, time)| time)));
    }
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

    /// Starts the chain of a storage slot with its value under the old root.
    pub fn start_storage(&mut self, index: u64, slot: u64, value: Fr) {
        self.start_balance(index, STORAGE_BASE + slot, value);
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
        let (on, index) = (when.on.cell(b), index.cell(b));
        let previous = chain(b, Tag::Account, when, on, [index, old[0], old[1]], [index, new[0], new[1]]);
        if b.value(on) == Fr::ONE {
            let (key, time) = (small(b.value(index)), small(when.time.value(b)));
            let value = new.map(|x| b.value(x));
            self.account_log.push(Access { key, time, value, previous });
        }
    }

    /// Access to a balance of a token other than the native one.
    pub fn access_balance(&mut self, b: &mut Builder, when: &When, place: [&Expr; 2], old: Var, new: Var) {
        let (on, [index, token]) = (when.on.cell(b), place.map(|x| x.cell(b)));
        let previous = chain(b, Tag::Balance, when, on, [index, token, old], [index, token, new]);
        if b.value(on) == Fr::ONE {
            let key = (small(b.value(index)), small(b.value(token)));
            let (time, value) = (small(when.time.value(b)), b.value(new));
            self.balance_log.push(Access { key, time, value, previous });
        }
    }

    /// Access to a storage slot, where the boolean is 1, at a time that is a sum of cells; unused, the time before is the one just before.
    pub fn access_storage(&mut self, b: &mut Builder, on: Var, time: &Expr, place: [Var; 2], old: Var, new: Var) {
        let last_allowed = time.clone() - 1u64;
        let previous = b.witness(last_allowed.value(b));
        range(b, &(last_allowed - previous), 16);
        let [index, slot] = place;
        let base = [Fr::ZERO, Fr::from(STORAGE_BASE)];
        b.receive_plus(Tag::Balance, base, &[index, slot, old, previous], on);
        let at = time.cell(b);
        b.send_plus(Tag::Balance, base, &[index, slot, new, at], on);
        if b.value(on) == Fr::ONE {
            let key = (small(b.value(index)), STORAGE_BASE.saturating_add(small(b.value(slot))));
            let (time, value) = (small(b.value(at)), b.value(new));
            self.balance_log.push(Access { key, time, value, previous });
        }
    }

    /// The variable for the time of the access before, of the k-th account access that happens.
    #[cfg(test)]
    pub(super) fn previous(&self, k: usize) -> Var {
        self.account_log[k].previous
    }

    /// Fills in the times of previous accesses, once all are laid out.
    pub fn settle(&mut self, b: &mut Builder) {
        link(b, &mut self.account_log, &mut self.accounts);
        link(b, &mut self.balance_log, &mut self.balances);
    }
}

/// Receives the tuple left before and sends the one left now, where `on` is 1, with t - t_prev - 1 in [0, 2^16). Returns the variable
/// for t_prev, to be filled in.
fn chain(b: &mut Builder, tag: Tag, when: &When, on: Var, old: [Var; 3], new: [Var; 3]) -> Var {
    let last_allowed = when.time.clone() - 1u64;
    if last_allowed.terms().is_empty() {
        // a constant time takes no cell, and t_prev only a limb
        let previous = b.witness(last_allowed.offset());
        b.receive_four(tag, old, Fourth::Below(last_allowed.offset(), previous), on);
        b.send_four(tag, new, Fourth::Constant(when.time.offset()), on);
        return previous;
    }
    let previous = b.witness(Fr::ZERO);
    let gated = e(product(b, &when.on, &last_allowed));
    range(b, &(gated - previous), 16);
    let time = when.time.cell(b);
    b.receive(tag, &[old[0], old[1], old[2], previous], on);
    b.send(tag, &[new[0], new[1], new[2], time], on);
    previous
}

/// The number in a cell that holds a small integer; cells that do not are out of every table and map to the top.
fn small(value: Fr) -> u64 {
    use ark_ff::PrimeField;
    let limbs = value.into_bigint().0;
    if limbs[1] | limbs[2] | limbs[3] == 0 {
        limbs[0]
    } else {
        u64::MAX
    }
}
