//! Lanes and scalars agree on random programs, whose sums run long and whose values are as large as they get.

use ark_bn254::Fr;
use ark_ff::{Field, UniformRand, Zero};
use ark_std::rand::Rng;

use super::{Evaluator, Source};
use crate::arithmetization::expr::{Challenge, Leaf, Rotation};
use crate::arithmetization::program::{Op, Program};

const N: usize = 64;

/// A program of random steps over a few leaves; `linear` of ten steps are sums or differences.
fn random_program(rng: &mut impl Rng, steps: usize, linear: u32) -> Program {
    let mut ops = vec![
        Op::Constant(-Fr::ONE),
        Op::Constant(Fr::from(3u64)),
        Op::Leaf(Leaf::Challenge(Challenge::Alpha)),
        Op::Leaf(Leaf::Challenge(Challenge::Delta)),
        Op::Leaf(Leaf::Advice(0, Rotation::Cur)),
        Op::Leaf(Leaf::Advice(0, Rotation::Next)),
        Op::Leaf(Leaf::Fixed(0)),
        Op::Leaf(Leaf::Periodic(0)),
        Op::Leaf(Leaf::Periodic(1)),
    ];
    while ops.len() < steps {
        // Mostly recent steps, so that values grow; sometimes any, so that registers live long.
        let mut pick = || {
            let any = rng.gen_range(0..ops.len());
            if rng.gen_range(0..4) == 0 {
                any as u32
            } else {
                rng.gen_range(ops.len().saturating_sub(6)..ops.len()) as u32
            }
        };
        let (a, b) = (pick(), pick());
        ops.push(match rng.gen_range(0..10) {
            x if x >= linear => Op::Mul(a, b),
            x if x % 2 == 0 => Op::Add(a, b),
            _ => Op::Sub(a, b),
        });
    }
    let outputs = (0..12).map(|_| rng.gen_range(0..ops.len()) as u32).chain([0, 2, ops.len() as u32 - 1]).collect();
    Program { ops, outputs }
}

fn columns(rng: &mut impl Rng, largest: bool) -> Vec<Vec<Fr>> {
    let lengths = [N, N, 2, 16];
    lengths.map(|n| (0..n).map(|_| if largest { -Fr::ONE } else { Fr::rand(rng) }).collect()).to_vec()
}

fn source<'a>(columns: &'a [Vec<Fr>]) -> impl Fn(Leaf) -> Source<'a> + Sync {
    |leaf| match leaf {
        Leaf::Advice(_, Rotation::Next) => Source::next(&columns[0]),
        Leaf::Fixed(_) => Source::cur(&columns[1]),
        Leaf::Periodic(k) => Source::cur(&columns[2 + k]),
        _ => Source::cur(&columns[0]),
    }
}

#[test]
fn lanes_equal_scalars() {
    let mut rng = ark_std::test_rng();
    for round in 0..120 {
        let program = random_program(&mut rng, 40 + 10 * (round % 30), (round % 10) as u32);
        let (alpha, delta) = (Fr::rand(&mut rng), -Fr::ONE);
        let fast = Evaluator::new(&program, |c| if c == Challenge::Alpha { alpha } else { delta });
        let mut slow = fast.clone();
        slow.without_lanes();
        let columns = columns(&mut rng, round % 3 == 0);
        let (y, scale) = (Fr::rand(&mut rng), Fr::rand(&mut rng));
        assert_eq!(
            fast.values(source(&columns), 16, 32),
            slow.values(source(&columns), 16, 32),
            "values of {program:?}"
        );
        assert_eq!(fast.fold(source(&columns), N, y, scale), slow.fold(source(&columns), N, y, scale), "{program:?}");
        assert_eq!(fast.nonzero_rows(source(&columns), N), slow.nonzero_rows(source(&columns), N), "{program:?}");
    }
}

#[test]
fn rows_that_are_not_zero_are_found() {
    // x - z on rows where both agree but for two; then the same times a zero, which holds everywhere.
    let ops = vec![
        Op::Leaf(Leaf::Advice(0, Rotation::Cur)),
        Op::Leaf(Leaf::Fixed(0)),
        Op::Sub(0, 1),
        Op::Constant(Fr::zero()),
        Op::Mul(2, 3),
    ];
    let mut columns = columns(&mut ark_std::test_rng(), true);
    columns[0][3] += Fr::ONE;
    columns[0][63] = Fr::zero();
    for (outputs, expected) in [(vec![4, 2], vec![3, 63]), (vec![4], vec![])] {
        let mut evaluator = Evaluator::new(&Program { ops: ops.clone(), outputs }, |_| Fr::zero());
        assert_eq!(evaluator.nonzero_rows(source(&columns), N), expected);
        evaluator.without_lanes();
        assert_eq!(evaluator.nonzero_rows(source(&columns), N), expected);
    }
}
