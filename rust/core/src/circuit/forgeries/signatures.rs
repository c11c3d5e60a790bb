//! Signatures: the edge cases of the vectors get one verdict in circuit and engine, and h and S have one form each.

use ark_ff::{BigInteger, Field, PrimeField};
use serde_json::Value;

use super::super::builder::{Builder, Finished, Var};
use super::super::expression::e;
use super::super::signature::{canonical, check, ORDER};
use super::common::{funded, transfer, Wallet};
use super::{part, signature, violated_part};
use crate::batch::Signature;
use crate::eddsa::{verify, SignatureForm};
use crate::primitives::babyjubjub::Affine;
use crate::primitives::Fr;

fn element(value: &Value) -> Option<Fr> {
    let bytes = (1..33).map(|i| u8::from_str_radix(value.as_str()?.get(2 * i..2 * i + 2)?, 16).ok());
    let bytes = bytes.collect::<Option<Vec<u8>>>()?;
    // a number of r or more has no cell
    crate::primitives::field::from_bytes(&<[u8; 32]>::try_from(bytes).ok()?).ok()
}

fn circuit(key: [Fr; 2], message: Fr, s: &Signature) -> Finished {
    part(|b| {
        let key = key.map(|x| b.witness(x));
        let (message, one) = (b.witness(message), b.constant(Fr::ONE));
        check(b, 0, one, key, message, Some(s));
    })
    .unwrap()
}

fn accepts(key: [Fr; 2], message: Fr, s: &Signature) -> bool {
    let circuit = circuit(key, message, s);
    violated_part(&circuit).is_empty()
}

#[test]
fn edge_cases_have_one_verdict() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/eddsa_edge.json"));
    let file: Value = serde_json::from_str(&text.unwrap()).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for case in file["cases"].as_array().unwrap() {
        let pair = |name: &str| Some([element(&case[name][0])?, element(&case[name][1])?]);
        let cells = || Some((pair("key")?, element(&case["message"])?, pair("r8")?, element(&case["s"])?));
        let Some((key, message, r8, s)) = cells() else { continue };
        let expected = case["valid"].as_bool().unwrap();
        let got = accepts(key, message, &Signature { r8: (r8[0], r8[1]), s });
        assert_eq!(got, expected, "{}", case["why"]);
        *(if expected { &mut valid } else { &mut invalid }) += 1;
    }
    assert!(valid >= 3 && invalid >= 8, "{valid} valid, {invalid} invalid");
}

#[test]
fn s_has_one_form() {
    // S + l verifies as a scalar; take a signature where it still has 251 bits, so that only the bound refuses
    let engine = funded(2);
    let wallet = Wallet(2);
    let key = crate::eddsa::public_key(&wallet.seed());
    let (signed, id) = (0..50u128)
        .map(|amount| signature(&engine, wallet, &transfer(wallet, Wallet(1).address(), amount, 0, 0)))
        .find(|(s, _)| (s.s + ORDER).into_bigint().num_bits() <= 251)
        .unwrap();
    assert!(accepts([key.x, key.y], id, &signed));
    let forged = Signature { s: signed.s + ORDER, ..signed };
    let form = SignatureForm::new(Affine { x: signed.r8.0, y: signed.r8.1 }, forged.s.into_bigint());
    assert!(form.is_err() || verify(&key, &id, &form.unwrap()).is_err());
    let circuit = circuit([key.x, key.y], id, &forged);
    let broken = violated_part(&circuit);
    assert!(!broken.is_empty() && broken.iter().all(|v| v.starts_with("arithmetic")), "{broken:?}");
}

#[test]
fn h_is_canonical() {
    let run = |h: Fr, middle: Fr| {
        let circuit = part(|b: &mut Builder| {
            let [h, middle]: [Var; 2] = [h, middle].map(|x| b.witness(x));
            canonical(b, h, middle);
            // both are read by a gate whatever `canonical` does
            (e(h) - h + middle - middle).assert_zero(b);
        })
        .unwrap();
        violated_part(&circuit).is_empty()
    };
    let high = |mut x: ark_ff::BigInt<4>| {
        x >>= 127;
        Fr::from_bigint(x).unwrap()
    };
    for small in [0u64, 5, u64::MAX] {
        let h = Fr::from(small);
        assert!(run(h, high(h.into_bigint())));
        // h + r is the same field element with other bits
        let mut other = h.into_bigint();
        assert!(!other.add_with_carry(&Fr::MODULUS));
        assert!(!run(h, high(other)), "{small} + r");
    }
    let largest = -Fr::ONE;
    assert!(run(largest, high(largest.into_bigint())));
}
