//! MSM in G1 and FFT over Fr, ours and arkworks': `cargo bench -p l2rollup-plonk --bench peers -- RUNS LOG...`.
//!
//! One JSON record a line: {system, kernel, log, threads, calls, wall_s, core_s}, the same as the Go program of gnark/ prints.
//! Scalars are uniform, so that every window is full. What it is not: a test; the kernels' own tests compare them.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::{CurveGroup, PrimeGroup, VariableBaseMSM};
use ark_ff::UniformRand;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use ark_std::rand::SeedableRng;
use cpu_time::ProcessTime;
use plonk::fft::{Direction, Transform};
use plonk::msm::Bases;

/// CPU seconds for which a call is repeated at least.
const ENOUGH: f64 = 0.5;
const THREADS: [usize; 2] = [1, 2];

struct Inputs {
    points: Vec<G1Affine>,
    scalars: Vec<Fr>,
}

/// Uniform scalars, and points that differ: the first multiples of the generator.
fn inputs(size: usize) -> Inputs {
    let mut random = ark_std::rand::rngs::StdRng::seed_from_u64(size as u64);
    let generator = G1Projective::generator();
    let multiples: Vec<G1Projective> =
        std::iter::successors(Some(generator), |p| Some(*p + generator)).take(size).collect();
    Inputs {
        points: G1Projective::normalize_batch(&multiples),
        scalars: (0..size).map(|_| Fr::rand(&mut random)).collect(),
    }
}

/// Repeats a call until it took long enough, and prints its mean.
fn measure<T>(system: &str, kernel: &str, log: u32, threads: usize, call: impl Fn() -> T) {
    black_box(call());
    let (wall, core, mut calls) = (Instant::now(), ProcessTime::now(), 0u32);
    while calls == 0 || core.elapsed().as_secs_f64() < ENOUGH {
        black_box(call());
        calls += 1;
    }
    let (wall, core) = (wall.elapsed().as_secs_f64(), core.elapsed().as_secs_f64());
    let each = |seconds: f64| seconds / f64::from(calls);
    println!(
        "{{\"system\": \"{system}\", \"kernel\": \"{kernel}\", \"log\": {log}, \"threads\": {threads}, \
         \"calls\": {calls}, \"wall_s\": {:e}, \"core_s\": {:e}}}",
        each(wall),
        each(core)
    );
}

/// Both kernels of both systems in the current thread pool.
fn run(log: u32, threads: usize, inputs: &Inputs) {
    let (points, scalars) = (&inputs.points, &inputs.scalars);
    let bases = Bases::new(points);
    measure("l2rollup", "msm", log, threads, || bases.msm(scalars));
    measure("arkworks", "msm", log, threads, || G1Projective::msm_unchecked(points, scalars));
    let plan = Transform::cached(scalars.len(), Direction::Forward).unwrap();
    measure("l2rollup", "fft", log, threads, || plan.apply(scalars));
    let domain = Radix2EvaluationDomain::<Fr>::new(scalars.len()).unwrap();
    measure("arkworks", "fft", log, threads, || domain.fft(scalars));
}

fn main() {
    // cargo adds flags of its own
    let numbers: Vec<u32> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let Some((runs, logs)) = numbers.split_first() else {
        eprintln!("expected RUNS LOG..., got no number");
        std::process::exit(2);
    };
    let pools = THREADS.map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
    for &log in logs {
        let inputs = inputs(1 << log);
        for _ in 0..*runs {
            for (pool, threads) in pools.iter().zip(THREADS) {
                pool.install(|| run(log, threads, &inputs));
            }
        }
    }
}
