//! Criterion benchmark of the leaf prover: `cargo bench -p l2rollup-core --bench prover`.
//!
//! A full chunk of plain transfers on the shipped setup: assigning its cells, proving it, verifying the proof. It prints its
//! conditions first. The whole machine works on one proof. What it is not: a test; nothing here passes or fails.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../rust/core/tests/common/mod.rs"]
mod common;

use std::time::Duration;

use common::{funded, seal_items, transfer, Wallet};
use criterion::{criterion_group, criterion_main, Criterion};
use l2rollup_core::batch::{Capacity, SealedChunk};
use l2rollup_core::circuit::{assign, compile};
use l2rollup_core::primitives::Fr;
use plonk::{keygen, prove, verify, Progress, Srs};

const SETUP: &[u8] = include_bytes!("../python/l2rollup/data/srs/aztec-ignition-32768.srs");
const ACCOUNTS: u8 = 30;

/// A chunk of transfers among thirty accounts, as many as it has slots.
fn full_chunk(slots: usize) -> SealedChunk {
    let mut engine = funded(ACCOUNTS);
    let number = |i: usize| Wallet(1 + (i % usize::from(ACCOUNTS)) as u8);
    let items: Vec<Vec<u8>> = (0..slots)
        .map(|i| {
            let nonce = (i / usize::from(ACCOUNTS)) as u64;
            let from = number(i);
            from.signed(&engine, transfer(from, number(7 * i + 3).address(), 1_000_000 + i as u128, 0, nonce))
        })
        .collect();
    seal_items(&mut engine, &[(0, 3)], &items)
}

fn prover(criterion: &mut Criterion) {
    let capacity = Capacity::leaf();
    let sealed = full_chunk(capacity.slots);
    let circuit = compile(&capacity).unwrap();
    let srs = Srs::from_compressed_bytes(SETUP).unwrap();
    let key = keygen(&circuit.relation, &circuit.fixed, &srs).unwrap();
    let (rows, columns) = (circuit.relation.n(), circuit.relation.advice);
    println!(
        "n = {rows}, {columns} advice columns, {} transfers, {:.0} cells a transfer, {} threads, shipped setup",
        capacity.slots,
        (rows * columns) as f64 / capacity.slots as f64,
        std::thread::available_parallelism().map_or(1, usize::from),
    );
    let z = Fr::from(12_345u64);
    let witness = assign(&capacity, &sealed.witness, z).unwrap().witness;
    let options = || Progress { skip_check: true, ..Progress::default() };
    let proof = prove(&key, &witness, options()).unwrap();
    println!("proof of {} bytes", proof.len());

    let mut group = criterion.benchmark_group("leaf");
    group.sample_size(10).warm_up_time(Duration::from_secs(1));
    group.bench_function("assign", |b| b.iter(|| assign(&capacity, &sealed.witness, z).unwrap()));
    group.bench_function("prove", |b| b.iter(|| prove(&key, &witness, options()).unwrap()));
    group.bench_function("verify", |b| b.iter(|| verify(&key.vk, &witness.instance, &proof).unwrap()));
    group.finish();
}

criterion_group!(benches, prover);
criterion_main!(benches);
