//! Criterion benchmark of transforms against arkworks: `cargo bench -p l2rollup-plonk --bench fft`.
//!
//! One column on one thread (a pool of one), natural order in and out, tables made beforehand. Arkworks recomputes its roots
//! at each call. Times are processor time of that thread, so other load matters less. What it is not: a test.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;
use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion, Throughput};
use plonk::fft::{Direction, Transform};
use plonk::Fr;

use ark_ff::{Field, UniformRand};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};

/// Processor time of `runs` calls on the pool's thread.
fn timed<T>(pool: &rayon::ThreadPool, runs: u64, mut call: impl FnMut() -> T + Send) -> Duration {
    pool.install(|| {
        let start = ThreadTime::now();
        (0..runs).for_each(|_| drop(black_box(call())));
        start.elapsed()
    })
}

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
        let in_place = Transform::new(n, Direction::Forward, Fr::ONE).unwrap();
        let mut own = column.clone();
        group.bench_function(BenchmarkId::new("in place", log_n), |b| {
            b.iter_custom(|runs| timed(&pool, runs, || in_place.apply_in_place(&mut own)));
        });
        for (name, shift) in [("forward", Fr::ONE), ("coset", Fr::from(5u64))] {
            let plan = Transform::new(n, Direction::Forward, shift).unwrap();
            group.bench_function(BenchmarkId::new(name, log_n), |b| {
                b.iter_custom(|runs| timed(&pool, runs, || plan.apply(&column)))
            });
        }
        group.bench_function(BenchmarkId::new("arkworks", log_n), |b| {
            b.iter_custom(|runs| timed(&pool, runs, || domain.fft(&column)))
        });
    }
    group.finish();
}

criterion_group!(benches, fft);
criterion_main!(benches);
