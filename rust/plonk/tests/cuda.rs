//! Kernels of the GPU equal the processor's bit for bit; where there is no GPU each test says `no device` and why.
//!
//! `L2ROLLUP_CUDA_DRIVER` names the emulated driver (cuda/emulator.cpp) where the logic is to be tested without a GPU.

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::{AffineRepr, CurveGroup, PrimeGroup, VariableBaseMSM};
use ark_ff::{AdditiveGroup, Field, PrimeField, UniformRand};
use ark_std::rand::{rngs::StdRng, Rng, SeedableRng};
use plonk::cuda::{Bases, Columns, CudaError, Device, Poseidon2, Transform};
use plonk::fft::{self, Direction};

fn device() -> Option<&'static Device> {
    match Device::get() {
        Ok(device) => {
            println!("device: {}", device.name());
            Some(device)
        }
        Err(error @ CudaError::NoDevice(_)) => {
            println!("{error}");
            None
        }
        Err(error) => panic!("expected a device or the fact that there is none, got {error}"),
    }
}

fn rng() -> StdRng {
    StdRng::seed_from_u64(11)
}

fn random(n: usize) -> Vec<Fr> {
    let mut rng = rng();
    (0..n).map(|_| Fr::rand(&mut rng)).collect()
}

fn points(n: usize) -> Vec<G1Affine> {
    let mut rng = rng();
    let mut p = G1Projective::generator() * Fr::rand(&mut rng);
    let step = G1Projective::generator() * Fr::rand(&mut rng);
    let all: Vec<G1Projective> = (0..n)
        .map(|_| {
            p += step;
            p
        })
        .collect();
    G1Projective::normalize_batch(&all)
}

#[test]
fn columns_come_back_as_they_went() {
    let Some(device) = device() else { return };
    let edges = [Fr::ZERO, Fr::ONE, -Fr::ONE];
    let columns = Columns::upload(device, &[random(3), edges.to_vec(), random(1), Vec::new()]).expect("columns");
    let mut expected = vec![random(3), edges.to_vec(), random(1), Vec::new()];
    expected.iter_mut().for_each(|c| c.resize(3, Fr::ZERO));
    assert_eq!(columns.download().expect("columns"), expected);
    let none = Columns::upload::<Vec<Fr>>(device, &[]).expect("columns");
    assert_eq!((none.count(), none.n()), (0, 0));
    assert_eq!(none.download().expect("columns"), Vec::<Vec<Fr>>::new());
    for (base, n) in [(Fr::from(3u64), 1001), (Fr::ZERO, 5), (-Fr::ONE, 1), (Fr::ONE, 0)] {
        let expected: Vec<Fr> = (0..n).map(|i| Fr::from(7u64) * base.pow([i as u64])).collect();
        let got = Columns::powers(device, base, Fr::from(7u64), n).and_then(|c| c.download()).expect("a column");
        assert_eq!(got, [expected], "powers of {base}");
    }
}

#[test]
fn transforms_of_every_size_equal_the_processor() {
    let Some(device) = device() else { return };
    // Three passes begin at 2^21: too much for an emulated device.
    let largest = if device.name().contains("emulated") { 15 } else { 21 };
    for log_n in (0..=13).chain([15, largest]) {
        let n = 1usize << log_n;
        let mut one = vec![Fr::ZERO; n];
        one[n - 1] = Fr::ONE;
        let mut columns = vec![random(n)];
        if log_n < 14 {
            columns.extend([one, vec![-Fr::ONE; n], vec![Fr::ZERO; n]]);
        }
        let on_device = Columns::upload(device, &columns).expect("columns");
        let shifts = [Fr::ONE, Fr::from(5u64), -Fr::from(7u64).inverse().expect("not zero")];
        for shift in &shifts[..if log_n > 13 { 2 } else { 3 }] {
            for direction in [Direction::Forward, Direction::Inverse] {
                let expected = fft::Transform::new(n, direction, *shift).expect("a plan").apply_all(&columns);
                let plan = Transform::cached(device, n, direction, *shift).expect("a plan");
                let got = plan.apply(&on_device).and_then(|c| c.download()).expect("columns");
                assert!(got == expected, "n = {n}, {direction:?}, shift {shift}");
            }
        }
    }
}

#[test]
fn a_coset_extension_stays_on_the_device() {
    let Some(device) = device() else { return };
    let n = 1 << 11;
    let values = [random(n), (0..n as u64).map(Fr::from).collect()];
    let on_device = Columns::upload(device, &values).expect("columns");
    let interpolate = Transform::cached(device, n, Direction::Inverse, Fr::ONE).expect("a plan");
    let extend = Transform::cached(device, n, Direction::Forward, Fr::from(5u64)).expect("a plan");
    let got = interpolate.apply(&on_device).and_then(|c| extend.apply(&c)).and_then(|c| c.download());
    let coefficients = fft::Transform::cached(n, Direction::Inverse).expect("a plan").apply_all(&values);
    let coset = fft::Transform::new(n, Direction::Forward, Fr::from(5u64)).expect("a plan");
    assert_eq!(got.expect("columns"), coset.apply_all(&coefficients));
    // The same columns committed where they are.
    let bases = points(n);
    let got = Bases::new(device, &bases).and_then(|b| b.msm(&on_device)).expect("sums");
    let expected: Vec<_> = values.iter().map(|v| G1Projective::msm_unchecked(&bases, v)).collect();
    assert_eq!(got, expected);
}

#[test]
fn bad_shapes_are_refused() {
    let Some(device) = device() else { return };
    for (n, shift) in [(48, Fr::ONE), (0, Fr::ONE), (64, Fr::ZERO)] {
        assert!(matches!(Transform::new(device, n, Direction::Forward, shift), Err(CudaError::Shape { .. })));
    }
    let plan = Transform::new(device, 8, Direction::Forward, Fr::ONE).expect("a plan");
    let seven = Columns::upload(device, &[random(7)]).expect("columns");
    assert!(matches!(plan.apply(&seven), Err(CudaError::Shape { .. })));
    let bases = Bases::new(device, &points(6)).expect("bases");
    assert!(matches!(bases.msm(&seven), Err(CudaError::Shape { .. })));
    assert!(matches!(bases.msm_with_width(&seven, 17), Err(CudaError::Shape { .. })));
    assert!(matches!(Poseidon2::new(device, &[Fr::ONE; 4], &[[Fr::ONE; 4]; 3], &[]), Err(CudaError::Shape { .. })));
}

fn check(device: &'static Device, name: &str, bases: &[G1Affine], columns: &[&[Fr]]) {
    let expected: Vec<G1Projective> = columns
        .iter()
        .map(|c| {
            let n = c.len().min(bases.len());
            G1Projective::msm_unchecked(&bases[..n], &c[..n])
        })
        .collect();
    let got = Bases::new(device, bases).and_then(|b| b.msm_columns(columns)).expect("sums");
    assert_eq!(got, expected, "{name}, {} bases", bases.len());
}

#[test]
fn sums_of_every_length_equal_the_processor() {
    let Some(device) = device() else { return };
    let (bases, scalars) = (points(4097), random(4097));
    for n in [0, 1, 2, 3, 7, 31, 32, 33, 127, 255, 256, 257, 1023, 1025, 4096, 4097] {
        check(device, "random", &bases[..n], &[&scalars[..n]]);
    }
    check(device, "columns of many lengths", &bases, &[&scalars[..9], &[], &scalars, &scalars[5..800]]);
    check(device, "fewer bases", &bases[..100], &[&scalars]);
    check(device, "no column", &bases[..100], &[]);
}

#[test]
fn sums_of_edge_scalars_equal_the_processor() {
    let Some(device) = device() else { return };
    let bases = points(300);
    let half = Fr::from_bigint(Fr::MODULUS_MINUS_ONE_DIV_TWO).expect("below r");
    let edges = [Fr::ZERO, Fr::ONE, -Fr::ONE, half, half + Fr::ONE, -Fr::from(2u64), Fr::from(u64::MAX)];
    let all: Vec<Vec<Fr>> = edges.iter().map(|s| vec![*s; 300]).collect();
    let powers: Vec<Fr> = (0..300u64).map(|i| Fr::from(2u64).pow([i % 254])).collect();
    let near: Vec<Fr> = powers.iter().enumerate().map(|(i, p)| if i % 2 == 0 { *p - Fr::ONE } else { -*p }).collect();
    let mut rng = rng();
    let small: Vec<Fr> = (0..300).map(|_| Fr::from(rng.gen::<u16>())).collect();
    let mut columns: Vec<&[Fr]> = all.iter().map(Vec::as_slice).collect();
    columns.extend([&powers[..], &near, &small]);
    check(device, "edges", &bases, &columns);
    let on_device = Columns::upload(device, &columns).expect("columns");
    let expected: Vec<_> = columns.iter().map(|c| G1Projective::msm_unchecked(&bases, c)).collect();
    let bases = Bases::new(device, &bases).expect("bases");
    for width in 2..=16 {
        assert_eq!(bases.msm_with_width(&on_device, width).expect("sums"), expected, "windows of {width} bits");
    }
}

#[test]
fn sums_of_equal_opposite_and_infinite_bases_equal_the_processor() {
    let Some(device) = device() else { return };
    let p = points(600);
    let scalars = random(600);
    check(device, "equal", &vec![p[0]; 600], &[&scalars, &vec![Fr::ONE; 600], &vec![-Fr::from(3u64); 600]]);
    let opposite: Vec<G1Affine> = (0..600).map(|i| if i % 2 == 0 { p[0] } else { -p[0] }).collect();
    check(device, "opposite", &opposite, &[&scalars, &vec![Fr::ONE; 600], &vec![Fr::from(9u64); 599]]);
    let infinite: Vec<G1Affine> = (0..600).map(|i| if i % 3 == 0 { G1Affine::zero() } else { p[i] }).collect();
    check(device, "infinite", &infinite, &[&scalars, &vec![Fr::ONE; 600]]);
    check(device, "all infinite", &vec![G1Affine::zero(); 600], &[&scalars]);
    let few: Vec<G1Affine> = (0..600).map(|i| p[i % 3]).collect();
    check(device, "sums that meet", &few, &[&(0..600u64).map(|i| Fr::from(i % 5)).collect::<Vec<_>>()]);
}

#[test]
fn one_full_bucket_is_cut_in_pieces() {
    let Some(device) = device() else { return };
    let bases = points(1 << 14);
    check(device, "ones", &bases, &[&vec![Fr::ONE; 1 << 14], &random(1 << 14)]);
}

/// Section 5 of ePrint 2023/323, as it is written there.
fn permuted(mut s: [Fr; 4], diagonal: &[Fr; 4], full: &[[Fr; 4]], partial: &[Fr]) -> [Fr; 4] {
    let external = |s: [Fr; 4]| {
        let rows = [[5u64, 7, 1, 3], [4, 6, 1, 1], [1, 3, 5, 7], [1, 1, 4, 6]];
        rows.map(|row| row.iter().zip(s).map(|(m, x)| Fr::from(*m) * x).sum::<Fr>())
    };
    let round = |s: [Fr; 4], c: &[Fr; 4]| external(std::array::from_fn(|k| (s[k] + c[k]).pow([5])));
    let (first, last) = full.split_at(full.len() / 2);
    s = first.iter().fold(external(s), round);
    for c in partial {
        s[0] = (s[0] + c).pow([5]);
        let sum: Fr = s.iter().sum();
        s = std::array::from_fn(|k| s[k] * diagonal[k] + sum);
    }
    last.iter().fold(s, round)
}

#[test]
fn permutations_equal_the_definition() {
    let Some(device) = device() else { return };
    let c = random(4 + 32 + 56);
    let diagonal = [c[0], c[1], c[2], c[3]];
    let full: Vec<[Fr; 4]> = c[4..36].chunks(4).map(|c| [c[0], c[1], c[2], c[3]]).collect();
    let partial = &c[36..];
    let poseidon2 = Poseidon2::new(device, &diagonal, &full, partial).expect("constants");
    for count in [0, 1, 5, 127, 128, 129, 1000] {
        let mut states: Vec<[Fr; 4]> = random(4 * count).chunks(4).map(|s| [s[0], s[1], s[2], s[3]]).collect();
        for (state, edge) in states.iter_mut().zip([Fr::ZERO, Fr::ONE, -Fr::ONE]) {
            *state = [edge; 4];
        }
        let expected: Vec<[Fr; 4]> = states.iter().map(|s| permuted(*s, &diagonal, &full, partial)).collect();
        let mut columns = Columns::upload(device, &states).expect("columns");
        poseidon2.permute(&mut columns).expect("states");
        assert_eq!(columns.download().expect("columns").concat(), expected.as_flattened(), "{count} states");
        poseidon2.permute_all(&mut states).expect("states");
        assert_eq!(states, expected, "{count} states");
    }
}
