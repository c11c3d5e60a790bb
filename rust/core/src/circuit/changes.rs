//! Records of accounts created, keys replaced and addresses shown to be absent.
//!
//! A slot that does one of these sends one CHANGE message; one record here takes it and lays out the openings, so that
//! the other slots pay nothing for them. The accesses happen at the slot's times. What this is not: a place in the
//! order; records may take the messages in any order, each message is taken exactly once.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::access::{time_of, Memory, Turn, When};
use super::builder::{Builder, Tag, Var};
use super::expression::{assert_when, assert_zero_product, e, pow2, product_plus, range, Expr};
use super::facts::{ChangeFacts, Opening};
use super::parties::static_part;
use super::outcomes::request;
use super::slots::ranged;
use super::streams::operations::halves;
use crate::parameters::FIRST_ADDRESS;

/// Bits of a slot number; a shape has at most 2^7 slots.
pub const SLOT_BITS: u64 = 7;

/// Lays out one record; None leaves it unused. `next` is the position behind what the slot posts, of which an address is the last.
pub fn layout(b: &mut Builder, memory: &mut Memory, facts: Option<&ChangeFacts>, next: Fr) {
    let empty = ChangeFacts::unused();
    let live = b.boolean(facts.is_some_and(|f| !f.idle));
    let facts = facts.unwrap_or(&empty);
    let created = b.boolean(facts.created);
    let keyed = b.boolean(facts.keyed);
    let absent = b.boolean(facts.absent);
    let posted = b.boolean(facts.posted);
    // seven bits: together with the booleans the request has one reading, so a slot's message cannot be taken for another
    let slot = ranged(b, Fr::from(facts.slot), SLOT_BITS as u32);
    let end = b.hint(next);
    let index = b.witness(Fr::from(facts.account.index));
    let address = b.witness(facts.account.address);
    let new_key = facts.new_key.map(|x| b.witness(x));
    // 1 to 2^160, so that an address and a scheme have one sum; no account is created at a reserved address
    range(b, &(e(address) - 1u64 - e(created) * Fr::from(FIRST_ADDRESS - 1)), 160);
    // an unused record touches and posts nothing
    let off = Expr::from(1u64) - live;
    assert_zero_product(b, &off, &(e(created) + absent + posted));

    let before = &facts.account;
    let (old_scheme, next) = (b.boolean(before.scheme), b.witness(before.next));
    let old_key = before.key.map(|x| b.witness(x));
    // a new account has no key before; its static word was 0
    for cell in [old_scheme, old_key[0], old_key[1]] {
        assert_zero_product(b, &e(created), &e(cell));
    }
    let open = static_part(b, &e(address), &e(old_scheme), next, old_key);
    let minus_created = e(created) * -Fr::ONE;
    let word_before = product_plus(b, &minus_created, &e(open), &e(open));
    // keyed: scheme 1 and the new key; the slot holds new_key = 0 when not keyed
    let minus_keyed = e(keyed) * -Fr::ONE;
    let key = [0, 1].map(|i: usize| product_plus(b, &minus_keyed, &e(old_key[i]), &(e(old_key[i]) + new_key[i])));
    let scheme = product_plus(b, &minus_keyed, &e(old_scheme), &(e(old_scheme) + keyed));
    let word_after = static_part(b, &e(address), &e(scheme), next, key);

    let asks = e(created) * request::CREATED
        + e(keyed) * request::KEYED
        + e(absent) * request::ABSENT
        + e(posted) * request::POSTED;
    let request = e(slot) + asks * pow2(SLOT_BITS);
    let payload = [request.cell(b), end, index, word_before, word_after, new_key[0], new_key[1]];
    b.receive(Tag::Change, &payload, live);
    post(b, address, end, posted);

    let on = e((e(created) + absent).cell(b));
    predecessor(b, memory, &e(slot), &on, created, address, next, &facts.predecessor);
    sentinel(b, memory, &e(slot), created, index, facts);
}

/// The data slots of a created address, the last before `end`: its high 64 bits, then its low 96.
fn post(b: &mut Builder, address: Var, end: Var, posted: Var) {
    let (high, low) = halves(b.value(address), 96);
    let (high, low) = (ranged(b, high, 64), ranged(b, low, 96));
    (e(high) * pow2(96) + low - address).assert_zero(b);
    for (i, part) in [(0u64, high), (1, low)] {
        b.send_plus(Tag::Data, [Fr::from(i) - Fr::from(2u64), Fr::from(0u64)], &[end, part], posted);
    }
}

/// predecessor.address < address < predecessor.next; on creation the predecessor's next becomes the address and the
/// new account takes over the old next.
#[allow(clippy::too_many_arguments)]
fn predecessor(
    b: &mut Builder,
    memory: &mut Memory,
    slot: &Expr,
    on: &Expr,
    created: Var,
    address: Var,
    next: Var,
    account: &Opening,
) {
    let index = b.witness(Fr::from(account.index));
    let low = ranged(b, account.address, 160);
    let scheme = b.boolean(account.scheme);
    let high = b.witness(account.next);
    let key = account.key.map(|x| b.witness(x));
    // when the record is not used the neighbours equal the address
    range(b, &(e(address) - low - on), 160);
    range(b, &(e(high) - address - on), 160);
    assert_when(b, created, &(e(next) - high));
    let before = static_part(b, &e(low), &e(scheme), high, key);
    let high_after = product_plus(b, &e(created), &(e(address) - high), &e(high));
    let after = static_part(b, &e(low), &e(scheme), high_after, key);
    let dynamic = b.witness(account.dynamic());
    let when = When { on: on.clone(), time: time_of(slot, Turn::Predecessor) };
    memory.access_account(b, &when, &e(index), [before, dynamic], [after, dynamic]);
}

/// The sentinel's count is the new account's index, and grows by one.
fn sentinel(b: &mut Builder, memory: &mut Memory, slot: &Expr, created: Var, index: Var, facts: &ChangeFacts) {
    let word = b.witness(facts.sentinel_static);
    let count = b.witness(Fr::from(facts.count));
    assert_when(b, created, &(e(index) - count));
    let count_after = (e(count) + created).cell(b);
    let when = When { on: e(created), time: time_of(slot, Turn::Sentinel) };
    memory.access_account(b, &when, &Expr::constant(Fr::ZERO), [word, count], [word, count_after]);
}
