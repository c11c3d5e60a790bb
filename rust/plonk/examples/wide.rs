//! A wide circuit of realistic size, for measuring: `wide LOG_N [DIR]` proves it, and writes its Solidity verifier to DIR.
//!
//! 25 advice and 2 multiplicity columns, 18 fixed, 4 helpers, 4 copy columns, periodic selectors and coefficients, 20 public inputs.
//! The constraints have the shape of S-boxes, mixing layers, products and range look-ups; they mean nothing.

use std::time::Instant;

use plonk::{keygen, prove, verify, Progress, Srs};
use plonk::{BusGroup, BusTerm, Constraint, Expr, FixedTrace, Fr, Helper, Relation, Witness};

const ADVICE: usize = 25;
/// Mixing layers, a power of two: one indicator column each.
const LAYERS: usize = 8;
const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../python/l2rollup/data/srs/aztec-ignition-32768.srs");

fn relation(log_n: usize) -> Relation {
    let mut constraints = Vec::new();
    // On indicator k a different mixing layer links this row's fifth powers to the next row.
    for k in 0..LAYERS {
        for j in 0..16usize {
            let mix = Expr::sum((0..4).map(|i| Expr::cur((j + i) % 16).pow5() * factor(k, i, j)));
            let expr = Expr::periodic(k) * (Expr::next(j) - mix + Expr::fixed(j));
            constraints.push(Constraint { label: format!("mix {k} {j}"), expr });
        }
    }
    for j in 0..24usize {
        let product = Expr::cur(j) * Expr::cur((j + 1) % ADVICE) - Expr::cur((j + 2) % ADVICE) * Expr::periodic(LAYERS);
        let expr = Expr::periodic(LAYERS + 1) * product * (Expr::cur(24) - Expr::one());
        constraints.push(Constraint { label: format!("product {j}"), expr });
    }
    constraints.push(Constraint { label: "input".into(), expr: Expr::instance() - Expr::fixed(16) * Expr::cur(24) });
    let one = Expr::one;
    let helper = |first: usize| Helper {
        groups: vec![BusGroup {
            label: format!("range {first}"),
            selector: one(),
            terms: (first..first + 4).map(|c| BusTerm { numerator: one(), payload: vec![one(), Expr::cur(c)] }).collect(),
        }],
    };
    let table = Helper {
        groups: vec![BusGroup {
            label: "table".into(),
            selector: one(),
            terms: vec![BusTerm { numerator: -Expr::cur(25), payload: vec![one(), Expr::fixed(17)] }],
        }],
    };
    let indicator = |k: usize| (0..LAYERS).map(|i| Fr::from(u64::from(i == k))).collect::<Vec<_>>();
    let mut periodic: Vec<Vec<Fr>> = (0..LAYERS).map(indicator).collect();
    // The products are printed and evaluated, and switched off.
    periodic.push((0..64).map(|i| Fr::from(i * i + 1u64)).collect());
    periodic.push(vec![Fr::from(0u64); 8]);
    Relation {
        name: "wide".into(),
        log_n,
        advice: ADVICE,
        multiplicity: 2,
        fixed: 18,
        periodic,
        instance_len: 20,
        instance_row0: 0,
        instance_runs: Vec::new(),
        copy_columns: vec![0, 1, 2, 3],
        constraints,
        helpers: vec![helper(0), helper(4), helper(8), table],
    }
}

/// Entry of a mixing layer.
fn factor(k: usize, i: usize, j: usize) -> Fr {
    Fr::from((1 + k + 3 * i + j) as u64)
}

/// A full-width value: what a hash state looks like to a multi-scalar multiplication.
fn mixed(row: u64, column: u64) -> Fr {
    let x = Fr::from(row * 64 + column + 3);
    let y = x * x * x * x * x;
    y * y * y * y * y
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let log_n: usize = args.next().ok_or("usage: wide LOG_N [DIR]")?.parse()?;
    let n = 1usize << log_n;
    let relation = relation(log_n);
    let mut fixed = vec![vec![Fr::from(0u64); n]; 18];
    fixed[17] = (0..n).map(|row| Fr::from(row as u64)).collect();
    for cell in fixed[16].iter_mut().take(20) {
        *cell = Fr::from(1u64);
    }
    let mut advice = vec![vec![Fr::from(0u64); n]; ADVICE + 2];
    for row in 0..n {
        for (j, column) in advice.iter_mut().enumerate().take(12) {
            let value = (row * 7919 + j * 104_729) % n;
            column[row] = Fr::from(value as u64);
        }
        for (j, column) in advice.iter_mut().enumerate().take(24).skip(12) {
            column[row] = mixed(row as u64, j as u64);
        }
    }
    for row in 0..n - 1 {
        advice[1][row + 1] = advice[0][row];
    }
    for (i, cell) in advice[24].iter_mut().enumerate().take(20) {
        *cell = Fr::from(100 + i as u64);
    }
    // Fixed columns absorb what the mixing layers leave over, so that any witness satisfies them.
    for row in 0..n {
        let fifth: Vec<Fr> = (0..16).map(|j| advice[j][row]).map(|x| x * x * x * x * x).collect();
        for j in 0..16 {
            let mix: Fr = (0..4).map(|i| fifth[(j + i) % 16] * factor(row % LAYERS, i, j)).sum();
            fixed[j][row] = mix - advice[j][(row + 1) % n];
        }
    }
    let trace = FixedTrace { fixed, copies: (0..n - 1).map(|r| ((0, r), (1, r + 1))).collect() };
    let mut counts = vec![0u64; n];
    for column in &advice[..12] {
        for value in column {
            use ark_ff::PrimeField;
            counts[value.into_bigint().0[0] as usize] += 1;
        }
    }
    advice[25] = counts.into_iter().map(Fr::from).collect();
    let instance: Vec<Fr> = (0..20u64).map(|i| Fr::from(100 + i)).collect();
    let witness = Witness { advice, instance };

    let at = Instant::now();
    let srs = Srs::from_compressed_bytes(&std::fs::read(SHIPPED)?)?;
    println!("setup {} loaded and checked in {:.2?}", srs.name, at.elapsed());
    let at = Instant::now();
    let key = keygen(&relation, &trace, &srs)?;
    println!("keys in {:.2?}; steps (mul, linear) {:?}", at.elapsed(), key.vk.program.cost());
    let at = Instant::now();
    println!("violations {:?} in {:.2?}", plonk::check(&relation, &trace, &witness, 3), at.elapsed());
    for _ in 0..2 {
        let at = Instant::now();
        let report = |round: usize| println!("  round {round} begins at {:.2?}", at.elapsed());
        let progress = Progress { report: Some(&report), ..Progress::default() };
        let proof = prove(&key, &witness, progress)?;
        println!("proof of {} bytes in {:.2?}", proof.len(), at.elapsed());
        let at = Instant::now();
        verify(&key.vk, &witness.instance, &proof)?;
        println!("verified in {:.2?}", at.elapsed());
        if let Some(directory) = args.next() {
            std::fs::create_dir_all(&directory)?;
            for (name, content) in plonk::generate(&key.vk, "Wide")?.export(&key.vk, &witness.instance, &proof, "wide LOG_N DIR") {
                std::fs::write(std::path::Path::new(&directory).join(name), content)?;
            }
        }
    }
    Ok(())
}
