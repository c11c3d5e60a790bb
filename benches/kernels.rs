//! Kernels against arkworks' in one run: `cargo bench -p l2rollup-plonk --bench kernels [-- LOG...]`.
//!
//! Multi-scalar multiplication at 2^15, 2^18 and 2^20 (or the LOGs given) with full, 16-bit and 32-bit scalars, and field
//! multiplication. Core-microseconds are medians of this process's CPU time, so other load blurs them little;
//! wall times of the whole machine stand beside them and mean something only when nothing else runs.
//! What it is not: a test (`tests/msm.rs` is); the results are compared here all the same.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::{CurveGroup, PrimeGroup, VariableBaseMSM};
use ark_ff::{AdditiveGroup, UniformRand};
use ark_std::rand::{rngs::StdRng, Rng, SeedableRng};
use cpu_time::ProcessTime;
use plonk::field::lanes_available;

/// Median CPU and wall seconds of a call, over enough calls for a second and a half of CPU time.
fn measure<T>(mut call: impl FnMut() -> T) -> (f64, f64) {
    black_box(call());
    let (mut cpus, mut walls) = (Vec::new(), Vec::new());
    while cpus.iter().sum::<f64>() < 1.5 {
        let (cpu, wall) = (ProcessTime::now(), Instant::now());
        black_box(call());
        cpus.push(cpu.elapsed().as_secs_f64());
        walls.push(wall.elapsed().as_secs_f64());
    }
    let median = |mut all: Vec<f64>| {
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    (median(cpus), median(walls))
}

fn points(n: usize) -> Vec<G1Affine> {
    let mut rng = StdRng::seed_from_u64(1);
    let mut p = G1Projective::generator() * Fr::rand(&mut rng);
    let all: Vec<G1Projective> = (0..n)
        .map(|_| {
            p.double_in_place();
            p
        })
        .collect();
    G1Projective::normalize_batch(&all)
}

fn scalars(n: usize, bits: u32) -> Vec<Fr> {
    let mut rng = StdRng::seed_from_u64(2);
    (0..n).map(|_| if bits > 64 { Fr::rand(&mut rng) } else { Fr::from(rng.gen::<u64>() >> (64 - bits)) }).collect()
}

fn multiplications(logs: &[u32]) {
    println!("multi-scalar multiplication, core-us a point of one thread, wall us a point of all threads");
    println!(
        "{:>5} {:>5} {:>10} {:>10} {:>7} {:>10} {:>10}",
        "log n", "bits", "ours", "arkworks", "ratio", "ours wall", "ark wall"
    );
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for log in logs {
        let n = 1usize << log;
        let bases = points(n);
        for bits in [254, 32, 16] {
            let column = scalars(n, bits);
            let ours = || plonk::msm::msm(&bases, &column);
            let theirs = || G1Projective::msm_unchecked(&bases, &column);
            assert_eq!(ours(), theirs());
            let us = |seconds: f64| 1e6 * seconds / n as f64;
            let (a, b) = one.install(|| (us(measure(ours).0), us(measure(theirs).0)));
            let (c, d) = (us(measure(ours).1), us(measure(theirs).1));
            println!("{log:>5} {bits:>5} {a:>10.4} {b:>10.4} {:>6.1}x {c:>10.4} {d:>10.4}", b / a);
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod field {
    use super::*;
    use plonk::field::{Ifma, Kernel, Lanes, Modulus, Scalar};

    const OCTETS: usize = 64;
    const ROUNDS: usize = 2000;

    /// Products or squares over a small array, two octets at a time.
    struct Products {
        square: bool,
    }

    impl Kernel for Products {
        type Output = [[u64; 4]; 8];
        #[inline(always)]
        fn run(self, l: Ifma) -> Self::Output {
            let mut x: [Lanes<Scalar>; OCTETS] = [l.splat_words(Scalar::ONE); OCTETS];
            let factor = l.splat_words([3, 1, 4, 1]);
            for _ in 0..ROUNDS {
                for pair in x.chunks_exact_mut(2) {
                    let both = [pair[0], pair[1]];
                    let out = if self.square { l.sqr_many(both) } else { l.mul_many(both, [factor; 2]) };
                    pair.copy_from_slice(&out);
                }
            }
            let mut words = [[0; 4]; 8];
            l.store(x[OCTETS - 1], &mut words);
            words
        }
    }

    pub fn multiplications() {
        let Some(lanes) = Ifma::detect() else {
            println!("no lanes on this processor");
            return;
        };
        let each = |seconds: f64| 1e9 * seconds / (8 * OCTETS * ROUNDS) as f64;
        let product = each(measure(|| lanes.run(Products { square: false })).0);
        let square = each(measure(|| lanes.run(Products { square: true })).0);
        let mut rng = StdRng::seed_from_u64(3);
        let factor = Fr::rand(&mut rng);
        let mut x: Vec<Fr> = (0..8 * OCTETS).map(|_| Fr::rand(&mut rng)).collect();
        let scalar = measure(|| (0..ROUNDS).for_each(|_| x.iter_mut().for_each(|x| *x *= factor)));
        println!("field multiplication, ns a lane: {product:.2}, squaring {square:.2}; arkworks {:.2}", each(scalar.0));
    }
}

fn main() {
    let logs: Vec<u32> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("lanes {}, {threads} threads, load average {}", lanes_available(), load.trim());
    #[cfg(target_arch = "x86_64")]
    field::multiplications();
    multiplications(if logs.is_empty() { &[15, 18, 20] } else { &logs });
}
