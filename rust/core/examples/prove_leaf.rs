//! Where a leaf proof's time goes: `prove_leaf [RUNS]` proves a full chunk of transfers and prints core-seconds and wall by phase.
//!
//! Core-seconds are the kernel's count over all threads of this process (Linux), so other load on the machine hardly enters.
//! `L2ROLLUP_CUDA=1` asks for a GPU, in a build with the feature `cuda`. The last line carries the Keccak digest of the proof:
//! equal inputs give equal bytes on every path.
//! What it is not: a benchmark with statistics; that is `benches/prover.rs`.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::sync::Mutex;
use std::time::Instant;

use common::{funded, seal_items, transfer, Wallet};
use l2rollup_core::batch::{Capacity, SealedChunk};
use l2rollup_core::circuit::{assign, compile};
use l2rollup_core::primitives::Fr;
use plonk::{keygen, prove, verify, Progress, Srs};
use sha3::{Digest, Keccak256};

const ACCOUNTS: u8 = 30;
const SETUP: &[u8] = include_bytes!("../../../python/l2rollup/data/srs/aztec-ignition-32768.srs");

/// Seconds of processor time of all threads so far, in steps of a hundredth.
fn core_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// A figure of /proc/self/status in MiB.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|w| w.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn full_chunk(slots: usize) -> SealedChunk {
    let mut engine = funded(ACCOUNTS);
    let number = |i: usize| Wallet(1 + (i % usize::from(ACCOUNTS)) as u8);
    let item = |i: usize| {
        let (from, nonce) = (number(i), (i / usize::from(ACCOUNTS)) as u64);
        from.signed(&engine, transfer(from, number(7 * i + 3).address(), 1_000_000 + i as u128, 0, nonce))
    };
    let items: Vec<Vec<u8>> = (0..slots).map(item).collect();
    seal_items(&mut engine, &[(0, 3)], &items)
}

fn main() {
    let runs: usize = std::env::args().nth(1).map_or(1, |s| s.parse().unwrap());
    let capacity = Capacity::leaf();
    let sealed = full_chunk(capacity.slots);
    let srs = Srs::from_compressed_bytes(SETUP).unwrap();
    let circuit = compile(&capacity).unwrap();
    let start = core_seconds();
    let key = keygen(&circuit.relation, &circuit.fixed, &srs).unwrap();
    println!("keys: {:.2} core-s, {} MiB resident", core_seconds() - start, memory("VmRSS"));
    let relation = &key.vk.relation;
    let cells = (relation.n() * relation.advice) as f64;
    let (muls, sums) = key.vk.program.cost();
    println!("n = {}, {cells} cells, {muls} products and {sums} sums a row", relation.n());
    for _ in 0..runs {
        let times: Mutex<Vec<(&str, [f64; 2])>> = Mutex::default();
        let begin = [core_seconds(), 0.0];
        let wall = Instant::now();
        let now = || [core_seconds(), wall.elapsed().as_secs_f64()];
        let last = Mutex::new(begin);
        let mark = |name: &'static str| {
            let now = now();
            let before = std::mem::replace(&mut *last.lock().unwrap(), now);
            let spent = [now[0] - before[0], now[1] - before[1]];
            let mut times = times.lock().unwrap();
            match times.iter_mut().find(|(n, _)| *n == name) {
                Some((_, total)) => total.iter_mut().zip(spent).for_each(|(t, s)| *t += s),
                None => times.push((name, spent)),
            }
        };
        let witness = assign(&capacity, &sealed.witness, Fr::from(12_345u64)).unwrap().witness;
        mark("witness");
        let device = |found: Result<&str, &plonk::CudaError>| match found {
            Ok(name) => println!("device: {name}"),
            Err(error) => println!("processor: {error}"),
        };
        let progress = Progress { phase: Some(&mark), device: Some(&device), ..Progress::default() };
        let proof = prove(&key, &witness, progress).unwrap();
        mark("rest");
        let [end, wall] = now();
        let total = ("total", [end - begin[0], wall]);
        for (name, [core, wall]) in times.lock().unwrap().iter().chain([&total]) {
            println!("{name:24} {core:8.3} core-s {:8.3} core-us a cell {wall:8.3} s wall", core * 1e6 / cells);
        }
        println!("peak {} MiB", memory("VmHWM"));
        verify(&key.vk, &witness.instance, &proof).unwrap();
        let digest: String = Keccak256::digest(&proof).iter().take(8).map(|b| format!("{b:02x}")).collect();
        println!("proof {digest}");
    }
}
