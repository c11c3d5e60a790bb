//! Many permutations at once: on lanes where the processor has them, else one after the other. Results are equal.
//!
//! Everything runs on the calling thread; callers split large batches themselves. What it is not: a third hash; every function
//! here is another of this module, many times.

use ark_ff::AdditiveGroup;

use super::circom::{self, poseidon5};
use super::compress::Lane;
use super::permutation::{permute, State};
use crate::primitives::Fr;

/// Permutations from which on lanes are faster: one call of lanes costs about as much as two scalar permutations.
#[cfg(target_arch = "x86_64")]
const WORTH_LANES: usize = 3;

/// States that a processor without lanes works on at once.
#[cfg(target_arch = "x86_64")]
const TOGETHER: usize = 3;

/// `permute` on every state.
pub fn permute_all(states: &mut [State]) {
    #[cfg(target_arch = "x86_64")]
    if let Some(l) = plonk::field::Ifma::detect().filter(|_| states.len() >= WORTH_LANES) {
        return l.run(super::lanes::Permute(states));
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(adx) = plonk::field::Adx::detect() {
        let (groups, rest) = states.as_chunks_mut::<TOGETHER>();
        groups.iter_mut().for_each(|group| super::words::permute(adx, group));
        return rest.iter_mut().for_each(permute);
    }
    states.iter_mut().for_each(permute);
}

/// `compress` with one lane as the domain, of every state.
#[must_use]
pub fn compress_all(lane: Lane, inputs: &[State]) -> Vec<Fr> {
    let mut states = inputs.to_vec();
    permute_all(&mut states);
    states.iter().zip(inputs).map(|(out, x)| out[lane as usize] + x[lane as usize]).collect()
}

/// `poseidon5` of every five inputs.
#[must_use]
pub fn poseidon5_all(inputs: &[[Fr; 5]]) -> Vec<Fr> {
    #[cfg(target_arch = "x86_64")]
    if let Some(l) = plonk::field::Ifma::detect().filter(|_| inputs.len() >= WORTH_LANES) {
        let mut states: Vec<circom::State> =
            inputs.iter().map(|[a, b, c, d, e]| [Fr::ZERO, *a, *b, *c, *d, *e]).collect();
        l.run(super::lanes::PermuteCircom(&mut states));
        return states.iter().map(|s| s[0]).collect();
    }
    inputs.iter().map(poseidon5).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::Field;

    /// Edges first, then what looks random.
    fn element(seed: u64) -> Fr {
        match seed {
            0 => Fr::ZERO,
            1 => Fr::ONE,
            2..8 => -Fr::from(seed - 1),
            _ => Fr::from(seed).pow([1_000 + 13 * seed]),
        }
    }

    #[test]
    fn batches_of_every_length_equal_single_permutations() {
        for count in (0..40).chain([64, 101]) {
            let states: Vec<State> = (0..count)
                .map(|i| core::array::from_fn(|j| element((i + j as u64) % 7 + 9 * (i / 7) * j as u64)))
                .collect();
            let mut expected = states.clone();
            expected.iter_mut().for_each(permute);
            let mut got = states.clone();
            permute_all(&mut got);
            assert_eq!(got, expected, "{count} states");
            let lane = Lane::IdNode;
            let compressed: Vec<Fr> = states.iter().map(|s| super::super::compress::compress(lane, s)).collect();
            assert_eq!(compress_all(lane, &states), compressed, "{count} states");
        }
    }

    #[test]
    fn batches_of_five_inputs_equal_single_hashes() {
        for count in (0..36).chain([80]) {
            let inputs: Vec<[Fr; 5]> = (0..count)
                .map(|i| core::array::from_fn(|j| element((i + j as u64) % 7 + 5 * (i / 7) * j as u64)))
                .collect();
            let expected: Vec<Fr> = inputs.iter().map(poseidon5).collect();
            assert_eq!(poseidon5_all(&inputs), expected, "{count} inputs");
        }
    }
}
