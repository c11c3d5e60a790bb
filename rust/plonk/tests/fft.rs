//! Transforms equal arkworks' bit for bit: every size, both directions, cosets, edges, lanes on and off.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use plonk::fft::{Direction, Transform};

fn columns(n: usize) -> Vec<Vec<Fr>> {
    let mut rng = ark_std::test_rng();
    let random = (0..n).map(|_| Fr::rand(&mut rng)).collect();
    let mut one = vec![Fr::ZERO; n];
    one[n - 1] = Fr::ONE;
    // The largest residue everywhere makes every sum as large as it gets.
    vec![random, one, vec![-Fr::ONE; n], vec![Fr::ZERO; n]]
}

fn agrees(n: usize, shift: Fr, columns: &[Vec<Fr>]) {
    let domain = Radix2EvaluationDomain::<Fr>::new(n).and_then(|d| d.get_coset(shift)).expect("a domain");
    for direction in [Direction::Forward, Direction::Inverse] {
        let plan = Transform::new(n, direction, shift).expect("a plan");
        let expected = |c: &Vec<Fr>| match direction {
            Direction::Forward => domain.fft(c),
            Direction::Inverse => domain.ifft(c),
        };
        let all = plan.apply_all(columns);
        for (column, got) in columns.iter().zip(&all) {
            let expected = expected(column);
            assert!(*got == expected, "n = {n}, {direction:?}, shift {shift}");
            assert!(plan.apply(column) == expected, "n = {n}, {direction:?}, shift {shift}, one column");
            let mut own = column.clone();
            plan.apply_in_place(&mut own);
            assert!(own == expected, "n = {n}, {direction:?}, shift {shift}, in place");
        }
    }
}

#[test]
fn every_size_equals_arkworks() {
    for log_n in 1..=20 {
        let n = 1usize << log_n;
        let columns = columns(n);
        let few = if log_n > 16 { &columns[..1] } else { &columns[..] };
        agrees(n, Fr::ONE, few);
        if log_n <= 16 {
            agrees(n, Fr::from(5u64), few);
            agrees(n, -Fr::from(7u64).inverse().expect("not zero"), few);
        }
    }
}

#[test]
fn bad_sizes_and_shifts_are_refused() {
    for (n, shift) in [(48, Fr::ONE), (0, Fr::ONE), (64, Fr::ZERO)] {
        assert!(Transform::new(n, Direction::Forward, shift).is_err(), "{n} {shift}");
    }
}
