//! The last step of a chunk: the sums of fees are credited to the fee account, once a listed token.
//!
//! An access happens exactly where a sum is not zero. What this is not: the fees themselves are in fees.rs.

use ark_bn254::Fr;

use super::access::{Memory, When, TIMES_PER_SLOT};
use super::builder::Builder;
use super::expression::{assert_nonzero, e, is_zero, pow2, range, Expr};
use super::facts::TailFacts;
use super::fees::{Header, PACKED_BITS};
use super::parties::Dynamic;
use super::slots::{ranged, Carry};
use super::streams::operations::halves;

/// Credits the sums.
pub fn credit(b: &mut Builder, memory: &mut Memory, header: &Header, carry: &Carry, slots: u64, facts: &TailFacts) {
    let [first_sum, second_sum] = carry.fees.clone();
    let ([f1, f2], [f3, f0]) = (unpack(b, &first_sum), unpack(b, &second_sum));
    // sums of non-negative numbers far below r: zero exactly if all are
    let none = is_zero(b, &(first_sum + second_sum));
    let on = Expr::from(1u64) - none;
    let first = slots * TIMES_PER_SLOT + 1;
    // not the sentinel, and an account that exists
    assert_nonzero(b, &(e(header.fee_account) + none));
    let static_word = b.witness(facts.static_word);
    assert_nonzero(b, &(e(static_word) + none));
    let dynamic = Dynamic::open(b, &facts.account, &Expr::from(0u64));
    let (_, word) = dynamic.change(b, &f0, &Expr::from(1u64));
    let when = When { on, time: Expr::from(first) };
    let index = e(header.fee_account);
    memory.access_account(b, &when, &index, [static_word, dynamic.word], [static_word, word]);
    for (i, sum) in [f1, f2, f3].into_iter().enumerate() {
        let nothing = is_zero(b, &sum);
        let old = b.witness(Fr::from(facts.balances[i]));
        let new = (e(old) + &sum).cell(b);
        range(b, &e(new), 128);
        let when = When { on: Expr::from(1u64) - nothing, time: Expr::from(first + 1 + i as u64) };
        memory.access_balance(b, &when, [&index, &e(header.tokens[i])], old, new);
    }
}

/// The two sums that share a cell, each of at most 112 bits, so that there is one way to take them apart.
fn unpack(b: &mut Builder, packed: &Expr) -> [Expr; 2] {
    let (high, low) = halves(packed.value(b), PACKED_BITS as u32);
    let [low, high] = [low, high].map(|x| ranged(b, x, PACKED_BITS as u32));
    (e(high) * pow2(PACKED_BITS) + low - packed).assert_zero(b);
    [e(low), e(high)]
}
