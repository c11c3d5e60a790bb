//! Digests of a stream: the chained sponge C and the evaluation y (docs/spec/data.md, Digests).
//!
//! Words come with activity flags that are 1 and then 0; an inactive word is 0. What this is not: it does not know
//! where words come from.

use ark_bn254::Fr;

use super::super::builder::{After, Builder, Permutation, Var};
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

/// The permutation that ends a sponge: P(x) in lane 0 is H0(x) - x0.
fn finish(b: &mut Builder, x: [Var; 4]) -> Expr {
    e(b.hash(0, x)) - x[0]
}

/// sponge(tag, five elements).
pub fn of_five(b: &mut Builder, tag: u64, words: &[Var; 5]) -> Expr {
    let [w0, w1, w2, w3, w4] = *words;
    let [.., length] = start(tag, &Expr::from(5u64));
    let (length, zero) = (length.cell(b), b.constant(Fr::from(0u64)));
    let step = Permutation { active: zero, after: After::Absorb([w3, w4, zero]) };
    let x = b.sponge([w0, w1, w2, length], &[step]);
    finish(b, x)
}

/// sponge(1, the active words): every block is computed, the last active one is chosen. The sponge permutes once even where there is no word.
/// `words` are pairs (word, active).
pub fn words(b: &mut Builder, words: &[(Expr, Expr)], count: &Expr) -> Var {
    let (zero, one) = (b.constant(Fr::from(0u64)), b.constant(Fr::from(1u64)));
    let cells: Vec<(Var, Var)> = words.iter().map(|(word, active)| (word.cell(b), active.cell(b))).collect();
    let blocks: Vec<[Var; 3]> =
        cells.chunks(3).map(|block| [0, 1, 2].map(|i: usize| block.get(i).map_or(zero, |w| w.0))).collect();
    let [.., length] = start(TAG_WORDS, count);
    let length = length.cell(b);
    let steps: Vec<Permutation> = (0..blocks.len())
        .map(|i| Permutation {
            active: if i == 0 { one } else { cells[3 * i].1 },
            after: blocks.get(i + 1).map_or(After::Digest, |next| After::Absorb(*next)),
        })
        .collect();
    let [first, second, third] = blocks.first().copied().unwrap_or([zero; 3]);
    b.sponge([first, second, third, length], &steps)[0]
}

/// C' = sponge(2, C, D, number of words).
pub fn chain(b: &mut Builder, before: Var, digest: Var, count: &Expr) -> Expr {
    let [.., length] = start(TAG_CHAIN, &Expr::from(3u64));
    let x = [before, digest, count.cell(b), length.cell(b)];
    finish(b, x)
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
