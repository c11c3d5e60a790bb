//! Criterion benchmark of transforms against arkworks: `cargo bench -p l2rollup-plonk --bench fft`.
//!
//! One column on one thread (a pool of one), natural order in and out, tables made beforehand. Arkworks recomputes its roots
//! at each call. What it is not: a test; nothing here passes or fails.
#![allow(missing_docs, clippy::unwrap_used)]

use std::time::Duration;

use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion, Throughput};
use plonk::fft::{Direction, Transform};
use plonk::Fr;

use ark_ff::{Field, UniformRand};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};

fn fft(criterion: &mut Criterion) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    println!("lanes: {}", plonk::field::lanes_available());
    let mut group = criterion.benchmark_group("fft");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
    for log_n in [15, 18, 20] {
        let n = 1usize << log_n;
        let mut rng = ark_std::test_rng();
        let column: Vec<Fr> = (0..n).map(|_| Fr::rand(&mut rng)).collect();
        group.throughput(Throughput::Elements(n as u64));
        let domain = Radix2EvaluationDomain::<Fr>::new(n).unwrap();
        for (name, shift) in [("forward", Fr::ONE), ("coset", Fr::from(5u64))] {
            let plan = Transform::new(n, Direction::Forward, shift).unwrap();
            group.bench_function(BenchmarkId::new(name, log_n), |b| b.iter(|| pool.install(|| plan.apply(&column))));
        }
        group.bench_function(BenchmarkId::new("arkworks", log_n), |b| b.iter(|| pool.install(|| domain.fft(&column))));
    }
    group.finish();
}

criterion_group!(benches, fft);
criterion_main!(benches);
