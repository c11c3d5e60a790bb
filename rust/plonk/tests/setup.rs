//! The shipped ceremony loads, and damaged setups are refused with the property that fails.

use plonk::{Fr, Srs};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../python/l2rollup/data/srs/aztec-ignition-32768.srs");

#[test]
fn the_shipped_setup_passes_every_check() {
    let bytes = std::fs::read(SHIPPED).expect("shipped setup");
    let srs = Srs::from_compressed_bytes(&bytes).expect("checks");
    assert_eq!(srs.powers.len(), 32_769);
    assert_eq!(srs.to_compressed().expect("bytes"), bytes);
}

#[test]
fn damaged_setups_are_refused() {
    let good = Srs::unsafe_dev(Fr::from(77u64), 40);
    assert!(good.check().is_ok());
    let mut swapped = good.clone();
    swapped.powers.swap(5, 6);
    assert!(swapped.check().expect_err("order").to_string().contains("consecutive powers"));
    let mut first = good.clone();
    first.powers[0] = first.powers[1];
    assert!(first.check().expect_err("generator").to_string().contains("generator"));
    let mut g2 = good.clone();
    g2.beta_h = g2.h;
    assert!(g2.check().is_err());
    let bytes = good.to_compressed().expect("bytes");
    assert!(Srs::from_compressed_bytes(&bytes[..bytes.len() - 1]).is_err());
    let mut flipped = bytes.clone();
    flipped[40] ^= 4;
    assert!(Srs::from_compressed_bytes(&flipped).is_err());
    assert!(Srs::from_compressed_bytes(&bytes).is_ok());
}

#[test]
fn lagrange_bases_have_a_power_of_two_of_points_the_setup_has() {
    let srs = Srs::unsafe_dev(Fr::from(5u64), 9);
    for (n, named) in [(0, "rows"), (3, "rows"), (16, "powers")] {
        let error = srs.lagrange(n).expect_err("refused").to_string();
        assert!(error.contains(named) && error.contains(&n.to_string()), "{error}");
    }
    let basis = srs.lagrange(8).expect("nine powers");
    let sum = basis.iter().fold(ark_bn254::G1Projective::default(), |sum, p| sum + p);
    assert_eq!(sum, srs.powers[0], "the Lagrange polynomials sum to one");
}
