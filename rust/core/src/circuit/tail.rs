//! The last step of a chunk: the sums of fees are credited to the fee account, once a listed token.
//!
//! An access happens exactly where a sum is not zero. What this is not: the fees themselves are in fees.rs.

use ark_bn254::Fr;

use super::access::{Memory, When, TIMES_PER_SLOT};
use super::builder::Builder;
use super::expression::{assert_nonzero, e, is_zero, range, Expr};
use super::facts::TailFacts;
use super::fees::Header;
use super::parties::Dynamic;
use super::slots::Carry;

/// Credits the sums.
pub fn credit(b: &mut Builder, memory: &mut Memory, header: &Header, carry: &Carry, slots: u64, facts: &TailFacts) {
    let [f0, f1, f2, f3] = carry.fees.clone();
    // sums of non-negative numbers far below r: zero exactly if all are
    let none = is_zero(b, &(f0.clone() + f1 + f2 + f3));
    let on = Expr::from(1u64) - none;
    let first = slots * TIMES_PER_SLOT + 1;
    // not the sentinel, and an account that exists
    assert_nonzero(b, &(e(header.fee_account) + none));
    let static_word = b.witness(facts.static_word);
    assert_nonzero(b, &(e(static_word) + none));
    let dynamic = Dynamic::open(b, &facts.account);
    let zero = b.constant(Fr::from(0u64));
    let word = dynamic.change(b, &f0, zero);
    let when = When { on, time: Expr::from(first) };
    let index = e(header.fee_account);
    memory.access_account(b, &when, &index, [static_word, dynamic.word], [static_word, word]);
    for i in 0..3 {
        let sum = carry.fees[i + 1].clone();
        let nothing = is_zero(b, &sum);
        let old = b.witness(Fr::from(facts.balances[i]));
        let new = (e(old) + &sum).cell(b);
        range(b, &e(new), 128);
        let when = When { on: Expr::from(1u64) - nothing, time: Expr::from(first + 1 + i as u64) };
        memory.access_balance(b, &when, [&index, &e(header.tokens[i])], old, new);
    }
}
