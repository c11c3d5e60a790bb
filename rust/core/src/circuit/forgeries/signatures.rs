//! Signatures: the edge cases of the vectors get one verdict in circuit and engine, and h and S have one form each.

use ark_ff::{AdditiveGroup, BigInt, BigInteger, Field, PrimeField};
use serde_json::Value;

use super::super::builder::{Builder, Finished, Var};
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
        let h = b.poseidon5(1, [s.r8.0, s.r8.1, key[0], key[1], message]);
        let key = key.map(|x| b.witness(x));
        let (message, one) = (b.witness(message), b.constant(Fr::ONE));
        check(b, 0, one, key, message, h, s.s);
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
    // S + l verifies as a scalar; it still has the 252 bits of a block, so that only the bound refuses
    let engine = funded(2);
    let wallet = Wallet(2);
    let key = crate::eddsa::public_key(&wallet.seed());
    let (signed, id) = (0..50u128)
        .map(|amount| signature(&engine, wallet, &transfer(wallet, Wallet(1).address(), amount, 0, 0)))
        .find(|(s, _)| (s.s + ORDER).into_bigint().num_bits() <= 252)
        .unwrap();
    assert!(accepts([key.x, key.y], id, &signed));
    let forged = Signature { s: signed.s + ORDER, ..signed };
    let form = SignatureForm::new(Affine { x: signed.r8.0, y: signed.r8.1 }, forged.s.into_bigint());
    assert!(form.is_err() || verify(&key, &id, &form.unwrap()).is_err());
    let circuit = circuit([key.x, key.y], id, &forged);
    let broken = violated_part(&circuit);
    assert!(!broken.is_empty() && broken.iter().all(|v| v.starts_with("arithmetic") || v.starts_with("hosted range")), "{broken:?}");
}

/// h + r where it still has the 254 bits of a block.
fn with_order(h: Fr) -> BigInt<4> {
    let mut other = h.into_bigint();
    assert!(!other.add_with_carry(&Fr::MODULUS) && other.num_bits() <= 254);
    other
}

/// Highest 86 and 170 of 254 bits.
fn parts(x: BigInt<4>) -> [Fr; 2] {
    [168, 84].map(|below| Fr::from_bigint(x >> below).unwrap())
}

#[test]
fn h_is_canonical() {
    let run = |h: Fr, parts: [Fr; 2]| {
        let circuit = part(|b: &mut Builder| {
            let [h, high, upper]: [Var; 3] = [h, parts[0], parts[1]].map(|x| b.witness(x));
            canonical(b, h, [high, upper]);
        })
        .unwrap();
        violated_part(&circuit).is_empty()
    };
    let middle = Fr::from_bigint(BigInt::new([0, 1 << 50, 0, 0])).unwrap();
    for small in [Fr::ZERO, Fr::from(5u64), Fr::from(u64::MAX), middle, middle.square()] {
        assert!(run(small, parts(small.into_bigint())));
        // h + r is the same field element with other bits
        assert!(!run(small, parts(with_order(small))), "{small} + r");
    }
    let largest = -Fr::ONE;
    assert!(run(largest, parts(largest.into_bigint())));
}

#[test]
fn no_borrow_makes_room_for_another_form() {
    // any integers pass for borrows, as long as nothing wraps; large ones do not help h + r
    let other = with_order(Fr::from(5u64));
    let [high, upper] = parts(other);
    for (first, second) in [(0u64, 0u64), (1, 0), (0, 1), (1, 1), (7, 65_535), (1 << 60, 65_536)] {
        for negative in [false, true] {
            let borrows = [first, second].map(|x| if negative { -Fr::from(x) } else { Fr::from(x) });
            assert!(!fits_with(Fr::from(5u64), [high, upper], borrows), "{first} {second}");
        }
    }
    let [high, upper] = parts(Fr::from(5u64).into_bigint());
    // u0 below 2^96 leaves room for 2^12 - 1 of the first borrow, u1 for as many of the second
    assert!(fits_with(Fr::from(5u64), [high, upper], [Fr::from(900u64), Fr::from(900u64)]));
}

/// The four ranges of `canonical` over integers, with borrows of the prover's choice.
fn fits_with(h: Fr, [high, upper]: [Fr; 2], [first, second]: [Fr; 2]) -> bool {
    let scale = Fr::from(2u64).pow([84]);
    let [most_high, most_upper] = parts((-Fr::ONE).into_bigint());
    let [most_low, most_middle] = [-Fr::ONE - most_upper * scale, most_upper - most_high * scale];
    let [low, middle] = [h - upper * scale, upper - high * scale];
    let u = [most_low - low + first * scale, most_middle - middle + second * scale - first, most_high - high - second];
    u.iter().all(|x| x.into_bigint().num_bits() <= 96) && second.into_bigint().num_bits() <= 16
}
