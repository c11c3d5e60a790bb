//! The multiplication equals arkworks' on every kind of input, with lanes and without.

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::{AffineRepr, CurveGroup, PrimeGroup, VariableBaseMSM};
use ark_ff::{Field, PrimeField, UniformRand};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use ark_std::rand::{rngs::StdRng, Rng, SeedableRng};
use plonk::field::{lanes_available, set_lanes};
use plonk::msm::{interpolate, msm, products, Bases};

/// Held for reading by every comparison, for writing by the test that switches lanes off.
static SWITCH: std::sync::RwLock<()> = std::sync::RwLock::new(());

fn rng() -> StdRng {
    StdRng::seed_from_u64(7)
}

/// Distinct points, cheaply.
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

fn random(n: usize) -> Vec<Fr> {
    let mut rng = rng();
    (0..n).map(|_| Fr::rand(&mut rng)).collect()
}

/// Scalars of at most so many bits, of either sign.
fn small(n: usize, bits: u32) -> Vec<Fr> {
    let mut rng = rng();
    (0..n)
        .map(|_| {
            let x = Fr::from(rng.gen::<u64>() >> (64 - bits));
            if rng.gen() {
                x
            } else {
                -x
            }
        })
        .collect()
}

fn check(name: &str, bases: &[G1Affine], scalars: &[Fr]) {
    let _guard = SWITCH.read();
    let n = bases.len().min(scalars.len());
    let expected = G1Projective::msm_unchecked(&bases[..n], &scalars[..n]);
    assert_eq!(msm(bases, scalars), expected, "{name}, {n}");
    assert_eq!(Bases::new(bases).msm(scalars), expected, "{name}, prepared, {n}");
}

#[test]
fn every_length() {
    let (bases, scalars) = (points(4097), random(4097));
    for n in
        [0, 1, 7, 8, 9, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 4095, 4096, 4097]
    {
        check("random", &bases[..n], &scalars[..n]);
        check("few scalars of many bases", &bases, &scalars[..n]);
        check("16 bits", &bases[..n], &small(n, 16));
    }
    check("fewer scalars", &bases, &scalars[..100]);
    check("fewer bases", &bases[..100], &scalars);
}

#[test]
fn every_size_of_scalar() {
    let bases = points(1000);
    for bits in 1..=64 {
        check("bits", &bases, &small(1000, bits));
    }
    for power in (65..=254).step_by(7) {
        let high = Fr::from(2u64).pow([power]);
        check("wide", &bases, &small(1000, 40).iter().map(|s| *s * high).collect::<Vec<_>>());
    }
}

#[test]
fn scalars_at_the_edges() {
    let bases = points(300);
    let half = Fr::from_bigint(Fr::MODULUS_MINUS_ONE_DIV_TWO).expect("below r");
    for s in [
        Fr::from(0u64),
        Fr::ONE,
        -Fr::ONE,
        half,
        half + Fr::ONE,
        -Fr::from(2u64),
        Fr::from(1u64 << 63),
        Fr::from(u64::MAX),
        -Fr::from(u64::MAX),
    ] {
        check("one scalar for all", &bases, &vec![s; 300]);
    }
    let powers: Vec<Fr> = (0..300u64).map(|i| Fr::from(2u64).pow([i % 254])).collect();
    check("powers of two", &bases, &powers);
    check("powers of two less one", &bases, &powers.iter().map(|p| *p - Fr::ONE).collect::<Vec<_>>());
    check("negative powers of two", &bases, &powers.iter().map(|p| -*p).collect::<Vec<_>>());
}

#[test]
fn columns_of_mixed_sizes() {
    let (bases, full) = (points(3000), random(3000));
    let mut rng = rng();
    for rare in [2, 10, 100, 1000] {
        let mut mixed = small(3000, 16);
        for (i, s) in mixed.iter_mut().enumerate() {
            match rng.gen_range(0..rare) {
                0 => *s = full[i],
                1 => *s = Fr::from(0u64),
                2 => *s = Fr::ONE,
                3 => *s = -Fr::from(rng.gen::<u32>()),
                _ => {}
            }
        }
        check("mixed", &bases, &mixed);
    }
    let mut one = vec![Fr::from(0u64); 3000];
    one[1234] = full[0];
    check("one scalar", &bases, &one);
    let boolean: Vec<Fr> = (0..3000).map(|_| Fr::from(u64::from(rng.gen::<bool>()))).collect();
    check("boolean", &bases, &boolean);
    check("constant", &bases, &vec![full[0]; 3000]);
}

#[test]
fn equal_opposite_and_infinite_bases() {
    let distinct = points(2000);
    let full = random(2000);
    check("one point", &vec![distinct[0]; 2000], &full);
    check("one point, small scalars", &vec![distinct[0]; 2000], &small(2000, 8));
    check("one point, one scalar", &vec![distinct[0]; 2000], &vec![full[0]; 2000]);
    let opposite: Vec<G1Affine> =
        (0..2000).map(|i| if i % 2 == 0 { distinct[i / 7] } else { -distinct[i / 7] }).collect();
    check("pairs of opposite points", &opposite, &full);
    check("sum is infinity", &opposite, &vec![full[0]; 2000]);
    check("few points", &(0..2000).map(|i| distinct[i % 5]).collect::<Vec<_>>(), &full);
    let infinite: Vec<G1Affine> = (0..2000).map(|i| if i % 3 == 0 { G1Affine::zero() } else { distinct[i] }).collect();
    check("infinity among them", &infinite, &full);
    check("infinity, small scalars", &infinite, &small(2000, 4));
    check("all infinity", &vec![G1Affine::zero(); 2000], &full);
    let multiples: Vec<G1Affine> = {
        let g = G1Projective::generator();
        G1Projective::normalize_batch(&(1..=2000u64).map(|i| g * Fr::from(i)).collect::<Vec<_>>())
    };
    check("sums that meet", &multiples, &vec![Fr::ONE; 2000]);
    check("sums that meet, small scalars", &multiples, &small(2000, 3));
}

#[test]
fn many_columns_over_the_same_bases() {
    let bases = points(1500);
    let columns = [random(1500), small(1500, 1), small(1500, 16), vec![Fr::from(0u64); 1500], random(700), Vec::new()];
    let views: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
    let sums = Bases::new(&bases).msm_columns(&views);
    assert_eq!(sums.len(), columns.len());
    for (sum, column) in sums.iter().zip(&columns) {
        assert_eq!(*sum, G1Projective::msm_unchecked(&bases[..column.len()], column));
    }
}

#[test]
fn large_and_uneven() {
    let n = (1 << 16) + 3;
    let bases = points(n);
    check("random", &bases, &random(n));
    check("bytes", &bases, &small(n, 8));
}

#[test]
fn every_point_times_its_scalar() {
    let _guard = SWITCH.read();
    let (bases, mut scalars) = (points(2500), random(2500));
    let half = Fr::from_bigint(Fr::MODULUS_MINUS_ONE_DIV_TWO).expect("below r");
    let edges =
        [Fr::from(0u64), Fr::ONE, -Fr::ONE, half, half + Fr::ONE, Fr::from(8u64), -Fr::from(8u64), Fr::from(u64::MAX)];
    scalars[..8].copy_from_slice(&edges);
    for i in 0..254u64 {
        scalars[8 + i as usize] = Fr::from(2u64).pow([i]);
    }
    let expect = |points: &[G1Affine], scalars: &[Fr]| -> Vec<G1Affine> {
        let all: Vec<G1Projective> = points.iter().zip(scalars).map(|(p, s)| *p * s).collect();
        G1Projective::normalize_batch(&all)
    };
    assert_eq!(products(&bases, &scalars), expect(&bases, &scalars));
    let generators = vec![G1Affine::generator(); 600];
    assert_eq!(products(&generators, &scalars), expect(&generators, &scalars));
    let infinite: Vec<G1Affine> = (0..300).map(|i| if i % 2 == 0 { G1Affine::zero() } else { bases[i] }).collect();
    assert_eq!(products(&infinite, &scalars), expect(&infinite, &scalars));
}

#[test]
fn transforms_of_points() {
    let _guard = SWITCH.read();
    for log in [0, 1, 4, 8, 9, 10] {
        let domain = Radix2EvaluationDomain::<Fr>::new(1 << log).expect("a power of two");
        let distinct = points(1 << log);
        let equal = vec![distinct[0]; 1 << log];
        let mixed: Vec<G1Affine> =
            distinct.iter().enumerate().map(|(i, p)| if i % 5 == 0 { G1Affine::zero() } else { *p }).collect();
        let single: Vec<G1Affine> =
            distinct.iter().enumerate().map(|(i, p)| if i == 0 { *p } else { G1Affine::zero() }).collect();
        for input in [distinct, equal, mixed, single] {
            let mut expected: Vec<G1Projective> = input.iter().map(|p| p.into_group()).collect();
            domain.ifft_in_place(&mut expected);
            assert_eq!(interpolate(&input, &domain), G1Projective::normalize_batch(&expected), "2^{log}");
        }
    }
}

#[test]
fn lanes_and_scalar_code_agree() {
    let (bases, scalars) = (points(500), random(500));
    let _guard = SWITCH.write();
    let before = lanes_available();
    let on = {
        set_lanes(true);
        msm(&bases, &scalars)
    };
    let off = {
        set_lanes(false);
        msm(&bases, &scalars)
    };
    set_lanes(before);
    assert_eq!(on, off);
}
