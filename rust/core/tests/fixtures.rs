//! Proofs of earlier versions still verify, and refuse what they refused.
#![allow(clippy::unwrap_used)]

use l2rollup_core::batch::Capacity;
use l2rollup_core::circuit::compile;
use l2rollup_core::primitives::{field, Fr};
use plonk::{small, verify, Relation, VerifyingKey};
use serde_json::Value;

fn bytes(hex: &Value) -> Vec<u8> {
    let text = hex.as_str().unwrap();
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
}

fn still_verifies(name: &str, relation: &Relation) {
    let path = format!("{}/../../tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let vk = VerifyingKey::from_bytes(relation, &bytes(&file["vk"])).unwrap();
    assert_eq!(vk.digest.to_vec(), bytes(&file["vkDigest"]), "{name}: the relation is another");
    let inputs: Vec<Fr> = file["publicInputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|x| field::from_bytes(&bytes(x).try_into().unwrap()).unwrap())
        .collect();
    let proof = bytes(&file["proof"]);
    verify(&vk, &inputs, &proof).unwrap();
    let mut other = proof.clone();
    other[proof.len() - 1] ^= 1;
    assert!(verify(&vk, &inputs, &other).is_err());
    let mut other = inputs.clone();
    other[0] += Fr::from(1u64);
    assert!(verify(&vk, &other, &proof).is_err());
}

#[test]
fn the_small_circuit() {
    still_verifies("plonk-small-1", &small::relation());
}

#[test]
fn a_batch_of_ninety_nine_slots() {
    still_verifies("batch-leaf-99", &compile(&Capacity::leaf()).unwrap().relation);
}
