//! The Poseidon2 permutation over BN254, t = 4, 8 full and 56 partial rounds, S-box x^5 (eprint 2023/323, section 5).
//!
//! What it is not: a hash; see [`super::compress`] and [`super::sponge()`].

use ark_ff::{AdditiveGroup, Field};

use super::constants::{DIAGONAL, FULL, FULL_ROUNDS, PARTIAL};
use crate::primitives::Fr;

/// A state of four field elements.
pub type State = [Fr; 4];

/// Applies the permutation in place.
pub fn permute(state: &mut State) {
    #[cfg(target_arch = "x86_64")]
    if let Some(adx) = plonk::field::Adx::detect() {
        return super::words::permute(adx, std::array::from_mut(state));
    }
    permute_plainly(state);
}

/// The same by its definition, on every processor.
pub fn permute_plainly(state: &mut State) {
    external(state);
    let (first, last) = FULL.split_at(FULL_ROUNDS / 2);
    first.iter().for_each(|constants| full_round(state, constants));
    PARTIAL.iter().for_each(|constant| partial_round(state, constant));
    last.iter().for_each(|constants| full_round(state, constants));
}

/// One full round: constants, S-box on all lanes, external matrix.
pub fn full_round(state: &mut State, constants: &[Fr; 4]) {
    for (x, c) in state.iter_mut().zip(constants) {
        *x += c;
        *x = sbox(x);
    }
    external(state);
}

/// One partial round: constant and S-box on lane 0, internal matrix.
pub fn partial_round(state: &mut State, constant: &Fr) {
    state[0] += constant;
    state[0] = sbox(&state[0]);
    internal(state);
}

/// x^5.
#[must_use]
pub fn sbox(x: &Fr) -> Fr {
    let fourth = x.square().square();
    fourth * x
}

/// Multiplies by the external matrix M4 (section 5.1: eight additions and four doublings).
pub fn external(state: &mut State) {
    let t0 = state[0] + state[1];
    let t1 = state[2] + state[3];
    let t2 = state[1].double() + t1;
    let t3 = state[3].double() + t0;
    let t4 = t1.double().double() + t3;
    let t5 = t0.double().double() + t2;
    *state = [t3 + t5, t5, t2 + t4, t4];
}

/// Multiplies by the internal matrix: all ones plus the diagonal.
pub fn internal(state: &mut State) {
    let sum = state[0] + state[1] + state[2] + state[3];
    for (x, d) in state.iter_mut().zip(&DIAGONAL) {
        *x *= d;
        *x += sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_second_source() {
        for seed in 1..50u64 {
            let input: State = core::array::from_fn(|i| Fr::from(seed).pow([1000 + 13 * i as u64]));
            let mut ours = input;
            permute(&mut ours);
            assert_eq!(ours, taceo_poseidon2::bn254::t4::permutation(&input));
        }
    }

    #[test]
    fn one_by_one_and_together_are_the_definition() {
        for seed in 0..60u64 {
            let states: [State; 3] = core::array::from_fn(|k| {
                core::array::from_fn(|i| Fr::from(seed % 20).pow([7 * k as u64 + i as u64 + seed / 20 * 1000]) - Fr::ONE)
            });
            let mut wanted = states;
            wanted.iter_mut().for_each(permute_plainly);
            let mut got = states;
            got.iter_mut().for_each(permute);
            assert_eq!(got, wanted);
            #[cfg(target_arch = "x86_64")]
            if let Some(adx) = plonk::field::Adx::detect() {
                got = states;
                super::super::words::permute(adx, &mut got);
                assert_eq!(got, wanted);
            }
        }
    }

    #[test]
    fn equals_the_published_vector() {
        let mut state: State = core::array::from_fn(|i| Fr::from(i as u64));
        permute(&mut state);
        let first = crate::primitives::field::hex(&crate::primitives::field::to_bytes(&state[0]));
        assert_eq!(first, "0x01bd538c2ee014ed5141b29e9ae240bf8db3fe5b9a38629a9647cf8d76c01737");
    }
}
