//! Criterion benchmark of the permutations, one thread: `cargo bench -p l2rollup-core --bench poseidon`.
//!
//! Throughput counts permutations. `L2ROLLUP_LANES=off` makes the batches scalar. What it is not: a test.
#![allow(missing_docs, clippy::unwrap_used)]

use std::time::Duration;

use criterion::{criterion_group, criterion_main, Criterion, Throughput};
use l2rollup_core::poseidon::{permute, permute_all, poseidon5, poseidon5_all};
use l2rollup_core::primitives::Fr;

const BATCH: usize = 1 << 12;

fn poseidon(criterion: &mut Criterion) {
    println!("lanes: {}", plonk::field::lanes_available());
    let mut group = criterion.benchmark_group("poseidon");
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    group.throughput(Throughput::Elements(BATCH as u64));
    let mut states: Vec<[Fr; 4]> =
        (0..BATCH as u64).map(|i| core::array::from_fn(|j| Fr::from(4 * i + j as u64))).collect();
    group.bench_function("poseidon2 t=4 batch", |b| b.iter(|| permute_all(&mut states)));
    group.bench_function("poseidon2 t=4 one by one", |b| b.iter(|| states.iter_mut().for_each(permute)));
    let inputs: Vec<[Fr; 5]> =
        (0..BATCH as u64).map(|i| core::array::from_fn(|j| Fr::from(5 * i + j as u64))).collect();
    group.bench_function("circomlib t=6 batch", |b| b.iter(|| poseidon5_all(&inputs)));
    group.bench_function("circomlib t=6 one by one", |b| {
        b.iter(|| inputs.iter().map(poseidon5).collect::<Vec<Fr>>());
    });
    group.finish();
}

criterion_group!(benches, poseidon);
criterion_main!(benches);
