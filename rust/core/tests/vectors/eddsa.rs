//! The edge of EdDSA's acceptance set: one verdict with the specification, by coordinates and by wire form.

use l2rollup_core::eddsa::{verify, SignatureForm};
use l2rollup_core::primitives::babyjubjub::Affine;
use l2rollup_core::primitives::field::{from_bytes, integer_from_bytes};
use l2rollup_core::primitives::Fr;
use serde_json::Value;

use crate::json::{array, element, list, load, text};

fn coordinates(value: &Value) -> Option<Affine> {
    let parts: Option<Vec<Fr>> = list(value).iter().map(|x| from_bytes(&array(x)).ok()).collect();
    parts.map(|p| Affine { x: p[0], y: p[1] })
}

/// By coordinates, as a circuit is asked: what is no field element cannot even be asked.
fn is_valid(case: &Value) -> bool {
    let (Some(key), Some(r8)) = (coordinates(&case["key"]), coordinates(&case["r8"])) else { return false };
    let form = SignatureForm::new(r8, integer_from_bytes(&array(&case["s"])));
    form.is_ok_and(|form| verify(&key, &element(&case["message"]), &form).is_ok())
}

fn is_valid_on_the_wire(case: &Value) -> bool {
    let Some(key) = coordinates(&case["key"]) else { return false };
    let form = SignatureForm::from_bytes(&array(&case["signature"]));
    form.is_ok_and(|form| verify(&key, &element(&case["message"]), &form).is_ok())
}

#[test]
fn one_verdict() {
    let v = load("eddsa_edge");
    let mut counts = [0, 0];
    for case in list(&v["cases"]) {
        let expected = case["valid"].as_bool().unwrap();
        assert_eq!(is_valid(case), expected, "{}", text(&case["why"]));
        if !case["signature"].is_null() {
            assert_eq!(is_valid_on_the_wire(case), expected, "{}", text(&case["why"]));
        }
        counts[usize::from(expected)] += 1;
    }
    assert!(counts[0] >= 35 && counts[1] >= 6, "{counts:?}");
    for case in list(&v["refusedForms"]) {
        assert!(!is_valid_on_the_wire(case), "{}", text(&case["why"]));
    }
}
