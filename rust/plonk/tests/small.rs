//! The small circuit end to end: completeness, and one refusal per clause, message and public input.

use ark_ff::{BigInteger, PrimeField};
use plonk::{
    check, keygen, prove, small, verify, Fr, PlonkError, Progress, ProvingKey, Srs, VerifyError, VerifyingKey,
};

fn key() -> ProvingKey {
    let srs = Srs::unsafe_dev(Fr::from(987_654_321u64), 65);
    keygen(&small::relation(), &small::trace(), &srs).expect("keys")
}

fn refused(vk: &VerifyingKey, instance: &[Fr], proof: &[u8]) {
    assert!(verify(vk, instance, proof).is_err());
}

#[test]
fn a_true_statement_is_proven_and_verified() {
    let pk = key();
    let w = small::witness(5, 9);
    assert_eq!(check(&small::relation(), &small::trace(), &w, 10), vec![]);
    let proof = prove(&pk, &w, Progress::default()).expect("proof");
    assert_eq!(proof.len(), pk.vk.schema.proof_bytes());
    verify(&pk.vk, &w.instance, &proof).expect("verifies");
    let parts = plonk::verifier::Proof::decode(&pk.vk, &proof).expect("decodes");
    assert_eq!(parts.encode(&pk.vk), proof);
}

#[test]
fn every_message_and_public_input_is_bound() {
    let pk = key();
    let w = small::witness(5, 9);
    let proof = prove(&pk, &w, Progress::default()).expect("proof");
    let mut at = 0;
    for m in pk.vk.schema.messages() {
        for offset in [m.bytes() - 1, 0, m.bytes() / 2] {
            let mut bad = proof.clone();
            bad[at + offset] ^= 1;
            refused(&pk.vk, &w.instance, &bad);
        }
        // Replaced by another well-formed value: only the mathematics can refuse.
        let mut bad = proof.clone();
        if m.is_scalar() {
            let x = Fr::from_be_bytes_mod_order(&proof[at..at + 32]) + Fr::from(1u64);
            bad[at..at + 32].copy_from_slice(&x.into_bigint().to_bytes_be());
        } else {
            bad[at..at + 64].fill(0);
            bad[at + 31] = 1;
            bad[at + 63] = 2;
        }
        assert!(matches!(verify(&pk.vk, &w.instance, &bad), Err(VerifyError::Rejected(_))), "{}", m.name());
        at += m.bytes();
    }
    for i in 0..w.instance.len() {
        let mut instance = w.instance.clone();
        instance[i] += Fr::from(1u64);
        assert!(matches!(verify(&pk.vk, &instance, &proof), Err(VerifyError::Rejected(_))));
    }
    refused(&pk.vk, &w.instance[1..], &proof);
    refused(&pk.vk, &w.instance, &proof[1..]);
    refused(&pk.vk, &w.instance, &[proof.as_slice(), &[0]].concat());
}

#[test]
fn every_clause_refuses_in_check_and_in_proof() {
    let pk = key();
    let (relation, trace) = (small::relation(), small::trace());
    let good = small::witness(5, 9);
    let mut cases: Vec<(&str, plonk::Witness)> = Vec::new();
    let mut w = good.clone();
    w.advice[2][4] += Fr::from(1u64);
    cases.push(("gate", w));
    let mut w = good.clone();
    w.advice[2][8] += Fr::from(1u64);
    cases.push(("fifth power", w));
    let mut w = good.clone();
    w.advice[0][7] = Fr::from(6u64);
    w.advice[3][5] -= Fr::from(1u64);
    w.advice[3][6] += Fr::from(1u64);
    cases.push(("copy", w));
    cases.push(("bus range", small::witness(5, 64)));
    let mut w = good.clone();
    w.advice[3][11] += Fr::from(1u64);
    cases.push(("bus table", w));
    for (label, w) in cases {
        let found = check(&relation, &trace, &w, 100);
        assert!(found.iter().any(|v| v.label == label), "{label}: {found:?}");
        assert!(matches!(prove(&pk, &w, Progress::default()), Err(PlonkError::Unsatisfied { .. })));
        let forced = prove(&pk, &w, Progress { skip_check: true, ..Progress::default() }).expect("bytes");
        assert!(matches!(verify(&pk.vk, &w.instance, &forced), Err(VerifyError::Rejected(_))), "{label}");
    }
}

#[test]
fn a_key_of_another_circuit_or_ceremony_refuses() {
    let pk = key();
    let w = small::witness(5, 9);
    let proof = prove(&pk, &w, Progress::default()).expect("proof");
    let other_srs = Srs::unsafe_dev(Fr::from(55u64), 65);
    let other = keygen(&small::relation(), &small::trace(), &other_srs).expect("keys");
    refused(&other.vk, &w.instance, &proof);
    let mut trace = small::trace();
    trace.fixed[3][4] = Fr::from(8u64);
    let srs = Srs::unsafe_dev(Fr::from(987_654_321u64), 65);
    let other = keygen(&small::relation(), &trace, &srs).expect("keys");
    assert_ne!(other.vk.digest, pk.vk.digest);
    refused(&other.vk, &w.instance, &proof);
}

#[test]
fn a_key_cache_is_bound_to_its_circuit() {
    let pk = key();
    let srs = Srs::unsafe_dev(Fr::from(987_654_321u64), 65);
    let bytes = pk.to_cache().expect("cache");
    let again = ProvingKey::from_cache(&small::relation(), &small::trace(), &srs, &bytes).expect("same circuit");
    assert_eq!(again.vk.digest, pk.vk.digest);
    let mut trace = small::trace();
    trace.fixed[3][4] = Fr::from(8u64);
    assert!(ProvingKey::from_cache(&small::relation(), &trace, &srs, &bytes).is_err());
    let mut bad = bytes.clone();
    bad[100] ^= 1;
    assert!(ProvingKey::from_cache(&small::relation(), &small::trace(), &srs, &bad).is_err());
    assert!(ProvingKey::from_cache(&small::relation(), &small::trace(), &srs, &bytes[..20]).is_err());
}

#[test]
fn a_degree_above_six_is_refused() {
    let mut relation = small::relation();
    let x = plonk::Expr::cur(0);
    relation.constraints.push(plonk::Constraint { label: "seventh".into(), expr: x.pow5() * x.clone() * x });
    let srs = Srs::unsafe_dev(Fr::from(3u64), 65);
    let error = keygen(&relation, &small::trace(), &srs).expect_err("degree 7");
    assert!(error.to_string().contains("seventh"), "{error}");
}

#[test]
fn a_set_cancel_flag_stops() {
    let flag = std::sync::atomic::AtomicBool::new(true);
    let progress = Progress { cancel: Some(&flag), ..Progress::default() };
    assert_eq!(prove(&key(), &small::witness(1, 2), progress), Err(PlonkError::Cancelled));
}

#[test]
fn lanes_on_and_off_give_the_same_proof() {
    let (pk, w) = (key(), small::witness(5, 9));
    let prove_with = |lanes: bool| {
        plonk::field::set_lanes(lanes);
        prove(&pk, &w, Progress::default()).expect("proof")
    };
    let (off, on) = (prove_with(false), prove_with(true));
    assert!(off == on);
}
