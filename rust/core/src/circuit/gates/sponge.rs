//! Sponge rows: a permutation of the state of a sponge takes two rows of the program, columns 14..24.
//!
//! | row | R0..R3 | R4..R7 | R8 | R9 |
//! |---|---|---|---|---|
//! | 0 | x | H_j(x) of the lanes j | digest so far | unused |
//! | 1 | next three inputs, active | state s_j = H_j(x) - x_j | digest | unused |
//!
//! The digest becomes s_0 where `active` is 1. With qk on row 1 the next row's x is state plus inputs, and its digest so far is this digest;
//! with ql the digest also stands in R0, a copy column. With qk on row 0 the digest so far is 0.
//! Row 0 asks for the four hashes of x, always. What this is not: it knows no stream; `streams/digest.rs` does.

use ark_bn254::Fr;
use ark_ff::Field;
use plonk::Expr;

use super::{cur, elsewhere, message, next, Assembly, Fixed, Tag, WIRES};

/// The mark of row 0, among the rows that no selector takes.
pub(crate) const START: Fixed = Fixed::Q2;
/// The mark of row 1.
pub(crate) const END: Fixed = Fixed::Qs;
/// Column (in the group) of the digest.
pub(crate) const DIGEST: usize = 2 * WIRES;

/// The fixed columns of row 0.
#[must_use]
pub(crate) fn start(first: bool) -> Vec<(Fixed, Fr)> {
    vec![(START, Fr::ONE), (Fixed::Qk, Fr::from(u64::from(first)))]
}

/// The fixed columns of row 1.
#[must_use]
pub(crate) fn end(goes_on: bool, tells: bool) -> Vec<(Fixed, Fr)> {
    vec![(END, Fr::ONE), (Fixed::Qk, Fr::from(u64::from(goes_on))), (Fixed::Ql, Fr::from(u64::from(tells)))]
}

/// Adds constraints and the questions for hashes.
pub(crate) fn constrain(a: &mut Assembly) {
    let (first, second) = (elsewhere() * START.expr(), elsewhere() * END.expr());
    let goes_on = second.clone() * Fixed::Qk.expr();
    for j in 0..WIRES {
        a.constrain("sponge state", &first, next(WIRES + j) - cur(WIRES + j) + cur(j));
        let input = if j < WIRES - 1 { cur(j) } else { Expr::zero() };
        a.constrain("sponge absorbs", &goes_on, next(j) - cur(WIRES + j) - input);
    }
    let (before, active) = (cur(DIGEST), next(WIRES - 1));
    let chosen = active * (next(WIRES) - before.clone()) + before.clone();
    a.constrain("sponge digest", &first, next(DIGEST) - chosen);
    a.constrain("sponge starts without a digest", &(first.clone() * Fixed::Qk.expr()), before.clone());
    a.constrain("sponge keeps its digest", &goes_on, next(DIGEST) - before.clone());
    a.constrain("sponge tells its digest", &(second * Fixed::Ql.expr()), cur(0) - before);
    let hash = |lane: usize| {
        message(Expr::one(), Tag::hash(lane), (0..WIRES).map(cur).chain([cur(WIRES + lane)]))
    };
    a.first("sponge", first.clone(), (0..WIRES - 1).map(hash).collect());
    a.second("sponge", first, vec![hash(WIRES - 1)]);
}
