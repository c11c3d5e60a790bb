//! Digests of a stream: the chained sponge C and the evaluation y (docs/spec/data.md, Digests).
//!
//! Words come with activity flags that are 1 and then 0; an inactive word is 0. What this is not: it does not know
//! where words come from.

use ark_bn254::Fr;

use super::super::builder::{Builder, Var};
use super::super::expression::{e, pow2, product_plus, range, Expr};

/// Sponge tag of the words of one stream.
pub const TAG_WORDS: u64 = 1;
/// Sponge tag of the stream chain.
pub const TAG_CHAIN: u64 = 2;
/// Sponge tag of the id of a queue entry.
pub const TAG_QUEUE: u64 = 3;

/// Start state of sponge(tag, k elements); k may be a cell.
#[must_use]
pub fn start(tag: u64, count: &Expr) -> [Expr; 4] {
    let zero = Expr::from(0u64);
    [zero.clone(), zero.clone(), zero, count.clone() + Fr::from(tag) * pow2(64)]
}

/// Absorbs three elements: P(x) = (H_j(x) - x_j) for the four lanes j.
pub fn absorb(b: &mut Builder, state: &[Expr; 4], input: [&Expr; 3]) -> [Expr; 4] {
    let x = add(b, state, input);
    [0, 1, 2, 3].map(|j| e(b.hash(j as u8, x)) - x[j])
}

/// The last absorption: only lane 0 is read.
pub fn finish(b: &mut Builder, state: &[Expr; 4], input: [&Expr; 3]) -> Expr {
    let x = add(b, state, input);
    e(b.hash(0, x)) - x[0]
}

fn add(b: &mut Builder, state: &[Expr; 4], input: [&Expr; 3]) -> [Var; 4] {
    let sums =
        [state[0].clone() + input[0], state[1].clone() + input[1], state[2].clone() + input[2], state[3].clone()];
    sums.map(|s| s.cell(b))
}

/// sponge(1, the active words): every block is computed, the last active one is selected.
/// `words` are pairs (word, active).
pub fn words(b: &mut Builder, words: &[(Expr, Expr)], count: &Expr) -> Var {
    let zero = Expr::from(0u64);
    let mut state = start(TAG_WORDS, count);
    let mut result: Option<Expr> = None;
    for block in words.chunks(3) {
        let word = |i: usize| block.get(i).map_or(&zero, |w| &w.0);
        state = absorb(b, &state, [word(0), word(1), word(2)]);
        let chosen = match result {
            // the sponge permutes once even where there is no word
            None => state[0].clone(),
            Some(before) => {
                let difference = state[0].clone() - &before;
                e(product_plus(b, &block[0].1, &difference, &before))
            }
        };
        result = Some(chosen);
    }
    result.unwrap_or(zero).cell(b)
}

/// C' = sponge(2, C, D, number of words).
pub fn chain(b: &mut Builder, before: Var, digest: Var, count: &Expr) -> Expr {
    let state = start(TAG_CHAIN, &Expr::from(3u64));
    finish(b, &state, [&e(before), &e(digest), count])
}

/// y' = y z + w for active words; inactive words are 0 and multiply by 1.
pub fn evaluate(b: &mut Builder, start: Expr, z: Var, words: &[(Expr, Expr)]) -> Expr {
    let mut y = start;
    let mut factor: Option<(Expr, Expr)> = None;
    for (word, active) in words {
        let step = match &factor {
            Some((flag, step)) if flag.terms() == active.terms() && flag.offset() == active.offset() => step.clone(),
            // 1 + active (z - 1)
            _ => e(product_plus(b, active, &(e(z) - 1u64), &Expr::from(1u64))),
        };
        factor = Some((active.clone(), step.clone()));
        y = e(product_plus(b, &y, &step, word));
    }
    y
}

/// y as two limbs: y = low + 2^128 high, both of 128 bits.
pub fn from_limbs(b: &mut Builder, low: Var, high: Var) -> Expr {
    range(b, &e(low), 128);
    range(b, &e(high), 128);
    e(low) + e(high) * pow2(128)
}
