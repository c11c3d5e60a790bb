//! Native values the layout needs before a gate computes them. Twins of the engine's functions, never definitions.

use ark_bn254::Fr;

use crate::poseidon;

/// Hj(x) for j = 0 to 3.
#[must_use]
pub fn lane_hash(lane: u8, x: &[Fr; 4]) -> Fr {
    let mut state = *x;
    poseidon::permutation::permute(&mut state);
    let j = usize::from(lane % 4);
    state[j] + x[j]
}

/// The base point B8 of circomlib's EdDSA.
#[must_use]
pub fn base_point() -> [Fr; 2] {
    [BASE_X, BASE_Y]
}

/// x of B8.
pub const BASE_X: Fr =
    ark_ff::MontFp!("5299619240641551281634865583518297030282874472190772894086521144482721001553");
/// y of B8.
pub const BASE_Y: Fr =
    ark_ff::MontFp!("16950150798460657717958625567821834550301663161624707787222815936182638968203");
