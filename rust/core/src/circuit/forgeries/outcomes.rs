//! Outcomes that the state does not have: accounts twice, no-ops for those who have something, fees that go elsewhere, outputs of
//! another chunk.

use super::common::{every_kind, seal_items, Wallet};
use super::{forge, only, CHECKER, COMPILED};
use crate::batch::{Capacity, ChunkWitness};
use crate::circuit::assign;
use crate::primitives::Fr;

/// Places in [`every_kind`].
const SELF: usize = 3;
const CREATES: usize = 4;
const DEPOSIT_NEW: usize = 5;
const DEPOSIT_KNOWN: usize = 9;
const NOOP_LIVE: usize = 10;
const NOOP_ABSENT: usize = 11;

fn witness() -> ChunkWitness {
    let (mut engine, items) = every_kind();
    seal_items(&mut engine, &[(0, 3), (5, 2)], &items).witness
}

/// Index of the account before an address in the list, among those the chunk touches.
fn before(w: &ChunkWitness, wallet: Wallet) -> u32 {
    let below = w.accounts.iter().filter(|(_, a)| a.address < wallet.address() && !a.next_address.eq(&Fr::from(0u64)));
    below.max_by_key(|(_, a)| a.address).map_or(0, |(index, _)| *index)
}

#[test]
fn a_second_account_for_an_address() {
    let w = witness();
    // wallet 3 has an account; the deposit claims to create another one at the next free index
    let count = w.slots[NOOP_ABSENT - 3].receiver.max(w.slots[DEPOSIT_NEW].receiver) + 1;
    let broken = forge(
        &w,
        |w| {
            let place = before(w, Wallet(3));
            let slot = &mut w.slots[DEPOSIT_KNOWN];
            (slot.created, slot.receiver, slot.predecessor) = (true, count, place);
        },
        |_| (),
    );
    assert!(broken.iter().any(|v| v.contains("@ circuit/changes")), "{broken:#?}");
}

#[test]
fn a_new_account_that_starts_with_something() {
    let broken = forge(&witness(), |_| (), |f| f.slots[DEPOSIT_NEW].receiver.balance = 1 << 90);
    // the leaf at the next free index is empty, since nobody has opened it: the memory argument refuses another word
    assert!(broken.iter().any(|v| v.starts_with("bus")), "{broken:#?}");
}

#[test]
fn an_account_beyond_the_count() {
    let broken = forge(&witness(), |w| w.slots[CREATES].receiver += 5, |_| ());
    assert!(!broken.is_empty());
}

#[test]
fn a_noop_for_who_has_something() {
    // token 5 or ETH instead of token 6: wallet 2 has both
    let broken = forge(&witness(), |w| w.slots[NOOP_LIVE].token = 5, |_| ());
    only(&broken, "slot/kinds");
    let broken = forge(&witness(), |w| w.slots[NOOP_LIVE].token = 0, |_| ());
    only(&broken, "slot/kinds");
}

#[test]
fn a_forced_exit_pays_everything() {
    // the whole balance leaves, native or not: one unit less stays behind
    let (mut engine, items) = every_kind();
    let exits = [Wallet(2).force(0), Wallet(2).force(5)];
    let items: Vec<Vec<u8>> = items.into_iter().chain(exits).collect();
    let w = seal_items(&mut engine, &[(0, 3), (5, 2)], &items).witness;
    assert_eq!(forge(&w, |_| (), |_| ()), Vec::<String>::new());
    for (back, token) in [(2, 0), (1, 5)] {
        let at = w.slots.len() - back;
        assert!(w.slots[at].kind == crate::parameters::Kind::ForcedExit && w.slots[at].token == token);
        assert!(w.slots[at].amount > 1);
        only(&forge(&w, |w| w.slots[at].amount -= 1, |_| ()), "slot/kinds");
        // more than there is
        let broken = forge(&w, |w| w.slots[at].amount += 1, |_| ());
        assert!(broken.iter().any(|v| v.contains("slot/receiver")), "{broken:#?}");
    }
}

#[test]
fn a_live_account_called_absent() {
    let w = witness();
    let broken = forge(
        &w,
        |w| {
            let place = before(w, Wallet(2));
            let slot = &mut w.slots[NOOP_LIVE];
            (slot.sender, slot.predecessor, slot.token) = (0, place, 5);
        },
        |_| (),
    );
    only(&broken, "circuit/changes");
}

#[test]
fn an_absence_without_proof() {
    // the request of an absence in slot s, read as a plain change of slot s + 512, would skip the neighbours
    let w = witness();
    let broken = forge(
        &w,
        |w| {
            let slot = &mut w.slots[NOOP_LIVE];
            (slot.sender, slot.token) = (0, 5);
        },
        |f| {
            let change = f.changes.iter_mut().find(|c| c.slot == NOOP_LIVE as u64).unwrap();
            (change.slot, change.absent) = (change.slot + 512, false);
            let address = change.account.address;
            (change.predecessor.address, change.predecessor.next) = (address, address);
        },
    );
    only(&broken, "circuit/changes");
}

#[test]
fn an_absent_account_is_paid_nothing() {
    let w = witness();
    assert_eq!(w.slots[NOOP_ABSENT].kind, crate::parameters::Kind::Noop);
    only(&forge(&w, |w| w.slots[NOOP_ABSENT].amount = 5, |_| ()), "slot/kinds");
    // out of a balance that is not its own, native or not; no memory knows it, but it is no negative number
    let broken = forge(&w, |w| (w.slots[NOOP_ABSENT].amount, w.slots[NOOP_ABSENT].token) = (5, 6), |f| {
        f.slots[NOOP_ABSENT].receiver_token = -Fr::from(5u64);
    });
    assert!(broken.iter().all(|v| v.starts_with("hosted range")) && !broken.is_empty(), "{broken:#?}");
}

#[test]
fn fees_are_credited_once() {
    let w = witness();
    // a fee account that starts with more than it has
    only(&forge(&w, |_| (), |f| f.tail.account.balance += 1), "bus");
    // another fee account than the header names is no cell: the header's is the one credited
    let other = forge(&w, |_| (), |f| f.header.fee_account = 2);
    assert!(other.iter().any(|v| v.starts_with("bus")), "{other:#?}");
}

#[test]
fn an_order_of_fee_tokens() {
    let w = witness();
    for tokens in [[5, 5, 0], [0, 5, 0], [5, 4, 0]] {
        let broken = forge(&w, |_| (), |f| f.header.tokens = tokens);
        assert!(broken.iter().any(|v| v.contains(" @ circuit (")), "{tokens:?} {broken:#?}");
    }
}

#[test]
fn roots_and_digests_are_those_of_the_cells() {
    // the claim is laid out as a cell: what the chunk gives is another number
    let w = witness();
    let capacity = Capacity::leaf();
    let one = Fr::from(1u64);
    let claims: [fn(&mut ChunkWitness) -> &mut Fr; 5] =
        [|w| &mut w.root_out, |w| &mut w.id_root_out, |w| &mut w.tx_c_out, |w| &mut w.op_c_out, |w| &mut w.root_in];
    for claim in claims {
        let mut forged = w.clone();
        *claim(&mut forged) += one;
        let circuit = assign(&capacity, &forged, Fr::from(77u64)).unwrap();
        assert!(!CHECKER.check(&COMPILED.fixed, &circuit.witness, 1).is_empty());
    }
}

#[test]
fn to_oneself_pays_only_the_fee() {
    // credited without the debit: the receiver's turn reads what the sender's turn left
    let broken = forge(&witness(), |_| (), |f| f.slots[SELF].receiver.balance += 5);
    only(&broken, "bus");
}
