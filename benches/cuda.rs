//! Kernels on the GPU against the processor's, in one run: `cargo bench -p l2rollup-plonk --features cuda --bench cuda [-- widths]`.
//!
//! Multi-scalar multiplication of uniform scalars, transforms and Poseidon2 permutations; wall milliseconds, medians. *Resident*
//! begins and ends with columns on the device, *from host* adds the copies; *processor* is this crate on all threads of the
//! same machine. With `widths`, multiplication with windows of every width. What it is not: a test (`tests/cuda.rs` is), though the
//! sums are compared here all the same.
#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::{CurveGroup, PrimeGroup};
use ark_ff::{AdditiveGroup, Field, UniformRand};
use ark_std::rand::{rngs::StdRng, SeedableRng};
use plonk::cuda::{Bases, Columns, Device, Poseidon2, Transform};
use plonk::fft::{self, Direction};

/// Median wall milliseconds of a call, over three calls and half a second at least.
fn measure<T>(mut call: impl FnMut() -> T) -> f64 {
    black_box(call());
    let mut times: Vec<f64> = Vec::new();
    while times.len() < 3 || (times.iter().sum::<f64>() < 500.0 && times.len() < 50) {
        let start = Instant::now();
        black_box(call());
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn points(n: usize) -> Vec<G1Affine> {
    let mut p = G1Projective::generator() * Fr::rand(&mut StdRng::seed_from_u64(1));
    let all: Vec<G1Projective> = (0..n)
        .map(|_| {
            p.double_in_place();
            p
        })
        .collect();
    G1Projective::normalize_batch(&all)
}

fn random(n: usize) -> Vec<Fr> {
    let mut rng = StdRng::seed_from_u64(2);
    (0..n).map(|_| Fr::rand(&mut rng)).collect()
}

fn row(name: &str, log: u32, columns: usize, [resident, host, processor]: [f64; 3]) {
    println!(
        "| {name} | 2^{log} | {columns} | {resident:.3} | {host:.3} | {processor:.2} | {:.1}x |",
        processor / resident
    );
}

fn multiplications(device: &'static Device, widths: bool) {
    for (log, columns) in [(15, 1), (15, 24), (18, 1), (20, 1)] {
        let n = 1usize << log;
        let bases = points(n);
        let all = random(n * columns);
        let host: Vec<&[Fr]> = all.chunks(n).collect();
        let on_device = Columns::upload(device, &host).unwrap();
        let ours = plonk::msm::Bases::new(&bases);
        let theirs = Bases::new(device, &bases).unwrap();
        assert_eq!(theirs.msm(&on_device).unwrap(), ours.msm_columns(&host));
        let resident = measure(|| theirs.msm(&on_device).unwrap());
        let from_host = measure(|| theirs.msm_columns(&host).unwrap());
        row("MSM G1", log, columns, [resident, from_host, measure(|| ours.msm_columns(&host))]);
        for width in (8..=16).filter(|_| widths) {
            println!("{width} bits: {:.3}", measure(|| theirs.msm_with_width(&on_device, width).unwrap()));
        }
    }
}

fn transforms(device: &'static Device) {
    let shift = Fr::from(5u64);
    for (log, columns) in [(15, 24), (18, 1), (20, 1), (22, 1)] {
        let n = 1usize << log;
        let all = random(n * columns);
        let host: Vec<&[Fr]> = all.chunks(n).collect();
        let on_device = Columns::upload(device, &host).unwrap();
        let plan = Transform::new(device, n, Direction::Forward, shift).unwrap();
        let ours = fft::Transform::new(n, Direction::Forward, shift).unwrap();
        let resident = measure(|| {
            drop(plan.apply(&on_device).unwrap());
            device.synchronize().unwrap();
        });
        let from_host = measure(|| plan.apply(&Columns::upload(device, &host).unwrap()).unwrap().download().unwrap());
        row("coset FFT", log, columns, [resident, from_host, measure(|| ours.apply_all(&host))]);
    }
}

fn permutations(device: &'static Device) {
    let c = random(4 + 32 + 56);
    let full: Vec<[Fr; 4]> = c[4..36].chunks(4).map(|c| [c[0], c[1], c[2], c[3]]).collect();
    let poseidon2 = Poseidon2::new(device, &[c[0], c[1], c[2], c[3]], &full, &c[36..]).unwrap();
    let mut states = vec![[Fr::ONE, Fr::ZERO, Fr::from(2u64), Fr::from(3u64).pow([77])]; 1 << 20];
    let mut on_device = Columns::upload(device, &states).unwrap();
    let resident = measure(|| {
        poseidon2.permute(&mut on_device).unwrap();
        device.synchronize().unwrap();
    });
    let from_host = measure(|| poseidon2.permute_all(&mut states).unwrap());
    println!(
        "Poseidon2 t = 4, 2^20 states: {resident:.3} ms resident ({:.1} M/s), {from_host:.3} ms from host",
        1048.576 / resident
    );
}

fn main() {
    let start = Instant::now();
    let device = match Device::get() {
        Ok(device) => device,
        Err(error) => return println!("{error}"),
    };
    println!("device: {}; opened in {:.2} s", device.name(), start.elapsed().as_secs_f64());
    println!("processor: {} threads, lanes {}", rayon::current_num_threads(), plonk::field::lanes_available());
    println!("\n| kernel | size | columns | resident ms | from host ms | processor ms | processor / resident |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    transforms(device);
    multiplications(device, std::env::args().any(|a| a == "widths"));
    println!();
    permutations(device);
}
