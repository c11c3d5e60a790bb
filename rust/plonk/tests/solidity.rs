//! The generated Solidity verifier against its twin: the committed contracts are what the generator prints today, and what the
//! contract tests do to the committed proof (tests/contracts/Verifier.t.sol), done to the same bytes here, is refused here too.

use std::path::{Path, PathBuf};

use ark_bn254::G1Affine;
use ark_ec::AffineRepr;
use ark_ff::PrimeField;
use plonk::arithmetization::expr::Challenge;
use plonk::solidity::generate_within;
use plonk::verifier::{challenges, Proof};
use plonk::{generate, keygen, prove, small, verify, Fr, PlonkError, Progress, ProvingKey, Srs, VerifyError, VerifyingKey};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../python/l2rollup/data/srs/aztec-ignition-32768.srs");

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/contracts/fixtures/small")
}

fn key() -> ProvingKey {
    let srs = Srs::from_compressed_bytes(&std::fs::read(SHIPPED).expect("setup")).expect("the shipped setup");
    keygen(&small::relation(), &small::trace(), &srs).expect("keys")
}

/// Proof and public inputs of the committed fixture.
fn fixture() -> (Vec<u8>, Vec<Fr>) {
    let text = std::fs::read_to_string(folder().join("fixture.json")).expect("fixture");
    let field = |name: &str| {
        let start = text.find(&format!("\"{name}\": ")).expect("field") + name.len() + 4;
        text[start..].split('\n').next().expect("line").trim_end_matches(',').to_string()
    };
    let hex = field("proof").trim_matches('"')[2..].to_string();
    let proof = (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).expect("hex")).collect();
    let inputs = field("publicInputs")
        .trim_matches(['[', ']'])
        .split(", ")
        .map(|x| x.trim_matches('"').parse::<u64>().map(Fr::from).expect("a small number"))
        .collect();
    (proof, inputs)
}

#[test]
fn the_committed_contracts_are_what_the_generator_prints() {
    let key = key();
    let witness = small::witness(5, 9);
    let proof = prove(&key, &witness, Progress::default()).expect("proof");
    let how = "cargo run --release -p l2rollup-plonk --example export_small -- DIR";
    for (name, content) in generate(&key.vk, "Small").expect("sources").export(&key.vk, &witness.instance, &proof, how) {
        let committed = std::fs::read_to_string(folder().join(&name)).unwrap_or_default();
        assert!(committed == content, "{name} is stale: run {how}");
    }
    // The budget of examples/export_small.rs.
    let split = generate_within(&key.vk, "Split", 350).expect("sources").files;
    assert_eq!(split.len(), 5, "a verifier and four parts");
    for (name, content) in split {
        assert!(std::fs::read_to_string(folder().join(&name)).unwrap_or_default() == content, "{name} is stale: run {how}");
    }
    assert!(matches!(generate_within(&key.vk, "Split", 60), Err(PlonkError::Relation { .. })), "an identity that fits nowhere");
}

#[test]
fn every_byte_of_the_committed_proof_is_bound() {
    let key = key();
    let (proof, inputs) = fixture();
    verify(&key.vk, &inputs, &proof).expect("the committed proof holds");
    for i in 0..proof.len() {
        let mut bad = proof.clone();
        bad[i] ^= 1 << (i % 8);
        assert!(verify(&key.vk, &inputs, &bad).is_err(), "byte {i}");
    }
    for i in 0..inputs.len() {
        for delta in [Fr::from(1u64), -Fr::from(1u64)] {
            let mut bad = inputs.clone();
            bad[i] += delta;
            assert!(matches!(verify(&key.vk, &bad, &proof), Err(VerifyError::Rejected(_))), "input {i}");
        }
    }
}

/// An alias x + r of a scalar, or x + q of a coordinate, is malformed: one proof has one encoding.
#[test]
fn aliases_are_malformed() {
    let key = key();
    let (proof, inputs) = fixture();
    let mut at = 0;
    for message in key.vk.schema.messages() {
        let modulus: num_modulus::Words = if message.is_scalar() { Fr::MODULUS.0 } else { ark_bn254::Fq::MODULUS.0 };
        for word in (0..message.bytes()).step_by(32) {
            let mut bad = proof.clone();
            num_modulus::add(&mut bad[at + word..at + word + 32], &modulus);
            assert!(matches!(verify(&key.vk, &inputs, &bad), Err(VerifyError::Malformed { .. })), "{}", message.name());
        }
        at += message.bytes();
    }
    assert_eq!(at, proof.len());
}

/// Addition of a modulus to 32 big-endian bytes.
mod num_modulus {
    pub type Words = [u64; 4];

    pub fn add(bytes: &mut [u8], modulus: &Words) {
        let mut carry = 0u16;
        for (i, byte) in bytes.iter_mut().rev().enumerate() {
            let sum = u16::from(*byte) + ((modulus[i / 8] >> (8 * (i % 8))) & 0xff) as u16 + carry;
            *byte = sum as u8;
            carry = sum >> 8;
        }
        assert_eq!(carry, 0, "x + modulus fits 256 bits");
    }
}

/// Bus challenges as one list, then y, zeta, v, u: what is drawn after rounds 1, 1, 2, 3, 4, 5.
fn drawn(vk: &VerifyingKey, inputs: &[Fr], proof: &Proof) -> Vec<Vec<Fr>> {
    let c = challenges(vk, inputs, proof);
    let bus = [Challenge::Alpha, Challenge::Gamma, Challenge::Beta, Challenge::Delta].map(|name| c.bus[&name]);
    vec![bus.to_vec(), vec![c.y], vec![c.zeta], vec![c.v], vec![c.u]]
}

fn all_differ(a: &[Vec<Fr>], b: &[Vec<Fr>]) -> bool {
    a.iter().zip(b).all(|(x, y)| x.iter().zip(y).all(|(x, y)| x != y))
}

/// Solidity reaches the same verdict only by hashing the same bytes, so what is absorbed here is absorbed there.
#[test]
fn every_message_moves_every_later_challenge() {
    let key = key();
    let (bytes, inputs) = fixture();
    let proof = Proof::decode(&key.vk, &bytes).expect("proof");
    let good = drawn(&key.vk, &inputs, &proof);
    for (round, messages) in key.vk.schema.rounds.iter().enumerate() {
        for message in messages {
            let mut other = proof.clone();
            if let Some(x) = other.scalars.get_mut(message) {
                *x += Fr::from(1u64);
            } else {
                let point = other.points.get_mut(message).expect("a point or a scalar");
                *point = if point.is_zero() { G1Affine::generator() } else { -*point };
            }
            let moved = drawn(&key.vk, &inputs, &other);
            assert_eq!(moved[..round], good[..round], "{} is not read before its round", message.name());
            assert!(all_differ(&moved[round..], &good[round..]), "{} is absorbed", message.name());
        }
    }
    for i in 0..inputs.len() {
        let mut other = inputs.clone();
        other[i] += Fr::from(1u64);
        assert!(all_differ(&drawn(&key.vk, &other, &proof), &good), "input {i}");
    }
    let longer = [inputs.as_slice(), &[Fr::from(0u64)]].concat();
    assert!(all_differ(&drawn(&key.vk, &longer, &proof), &good), "count of inputs");
    let mut vk = key.vk.clone();
    vk.digest[31] ^= 1;
    assert!(all_differ(&drawn(&vk, &inputs, &proof), &good), "key digest");
}

#[test]
fn a_name_that_is_no_identifier_is_refused() {
    for name in ["", "1Small", "Small-1", "Sm all", "Größe"] {
        assert!(matches!(generate(&key().vk, name), Err(PlonkError::Relation { .. })), "{name}");
    }
}
