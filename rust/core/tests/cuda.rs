//! Poseidon2 of the rollup on the GPU equals the processor's; where there is no GPU the test says `no device` and why.

use l2rollup_core::poseidon::constants::{DIAGONAL, FULL, PARTIAL};
use l2rollup_core::poseidon::permutation::{permute, State};
use l2rollup_core::primitives::Fr;
use plonk::cuda::{Device, Poseidon2};

#[test]
fn permutations_equal_the_processor() {
    let device = match Device::get() {
        Ok(device) => device,
        Err(error) => return println!("{error}"),
    };
    println!("device: {}", device.name());
    let poseidon2 = Poseidon2::new(device, &DIAGONAL, &FULL, &PARTIAL).expect("constants");
    for count in [0u64, 1, 3, 128, 1000] {
        let mut states: Vec<State> = (0..count).map(|i| std::array::from_fn(|k| Fr::from(i * k as u64))).collect();
        // A second round of the same gives states that look random.
        for _ in 0..2 {
            let mut expected = states.clone();
            expected.iter_mut().for_each(permute);
            poseidon2.permute_all(&mut states).expect("states");
            assert_eq!(states, expected, "{count} states");
        }
    }
}
