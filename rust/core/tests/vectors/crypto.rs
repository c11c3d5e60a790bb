//! Hashes, keys, points and signatures: the specification's answers, and those of circomlibjs, poseidon-lite, zk-kit and
//! @zkpassport/poseidon2 in `tests/vectors/peers`.

use l2rollup_core::eddsa::{check_public_key, public_key, sign, verify, SignatureForm};
use l2rollup_core::poseidon::{
    circom, constants, hash_account, hash_id_node, hash_node, hash_value, permute, poseidon5, sponge, Tag,
};
use l2rollup_core::primitives::babyjubjub::{Affine, Extended, A, BASE8, D, SUBGROUP_ORDER};
use l2rollup_core::primitives::blake::blake512;
use l2rollup_core::primitives::field;
use l2rollup_core::primitives::keccak::keccak256;
use l2rollup_core::primitives::Fr;
use serde_json::Value;

use crate::json::{array, bytes, element, elements, integer, list, load};

fn point(value: &Value) -> Affine {
    let [x, y] = elements(value);
    Affine { x, y }
}

#[test]
fn poseidon2() {
    let v = load("poseidon2");
    let peer = load("peers/poseidon2");
    for case in list(&v["permutations"]).iter().chain(list(&peer["cases"])) {
        let mut state = elements(&case["input"]);
        permute(&mut state);
        assert_eq!(state, elements(&case["output"]));
    }
    for case in list(&v["lanes"]) {
        let x = elements(&case["input"]);
        let expected = ["node", "account", "idNode"].map(|name| element(&case[name]));
        assert_eq!([hash_node(&x), hash_account(&x), hash_id_node(&x)], expected);
    }
    for case in list(&v["values"]) {
        assert_eq!(hash_value(element(&case["value"])), element(&case["hash"]));
    }
    for case in list(&v["sponges"]) {
        let tag =
            [Tag::Words, Tag::Chain, Tag::QueueEntry].into_iter().nth(integer(&case["tag"]) as usize - 1).unwrap();
        let message: Vec<Fr> = list(&case["message"]).iter().map(element).collect();
        assert_eq!(sponge(tag, &message), element(&case["hash"]));
    }
}

#[test]
fn poseidon2_constants() {
    let v = load("poseidon2_constants");
    assert_eq!(constants::DIAGONAL, elements::<4>(&v["internalDiagonalMinusOne"]));
    let full: Vec<[Fr; 4]> = list(&v["full"]).iter().map(elements).collect();
    assert_eq!(constants::FULL.to_vec(), full);
    assert_eq!(constants::PARTIAL, elements::<56>(&v["partial"]));
}

#[test]
fn circom_poseidon() {
    for case in list(&load("poseidon")["cases"]).iter().chain(list(&load("peers/poseidon")["cases"])) {
        assert_eq!(poseidon5(&elements(&case["input"])), element(&case["output"]));
    }
    let v = load("poseidon5_constants");
    let rounds = [&v["fullRounds"], &v["partialRounds"]].map(|n| integer(n) as usize);
    assert_eq!(rounds, [circom::FULL_ROUNDS, circom::PARTIAL_ROUNDS]);
}

#[test]
fn curve_points_and_hashes() {
    let v = load("eddsa");
    let curve = &v["curve"];
    assert_eq!((A, D), (integer(&curve["a"]), integer(&curve["d"])));
    assert_eq!(field::integer_from_bytes(&array(&curve["order"])), SUBGROUP_ORDER);
    assert_eq!((*BASE8, BASE8.pack().to_vec()), (point(&curve["base"]), bytes(&curve["packedBase"])));
    for case in list(&v["hashes"]) {
        let input = bytes(&case["input"]);
        assert_eq!(blake512(&input), array::<64>(&case["blake512"]));
        assert_eq!(keccak256(&[&input]), array::<32>(&case["keccak256"]));
    }
    for case in list(&v["points"]) {
        let p = point(&case["point"]);
        assert_eq!(p.pack(), array::<32>(&case["packed"]));
        assert_eq!(Affine::unpack(&p.pack()), Ok(p));
        assert_eq!(check_public_key(&p).is_ok(), case["usableKey"].as_bool().unwrap());
    }
    for case in list(&v["refusedPoints"]) {
        assert!(Affine::unpack(&array(&case["packed"])).is_err(), "{}", case["why"]);
    }
}

/// x sqrt(a) satisfies x^2 + y^2 = 1 + (d/a) x^2 y^2, and the map is a homomorphism.
#[test]
fn the_isomorphic_form() {
    let v = load("eddsa");
    let mut pairs: Vec<(Affine, [Fr; 2])> = Vec::new();
    for case in list(&v["keys"]) {
        let (key, form) = (point(&case["key"]), elements::<2>(&case["a1Form"]));
        let [x2, y2] = [form[0] * form[0], form[1] * form[1]];
        assert_eq!((x2 + y2 - Fr::from(1u64)) * Fr::from(A), Fr::from(D) * x2 * y2);
        assert_eq!((x2, form[1]), (key.x * key.x * Fr::from(A), key.y));
        pairs.push((key, form));
    }
    // One root of a for all: the ratio of the x coordinates is the same.
    for pair in pairs.windows(2) {
        assert_eq!(pair[0].1[0] * pair[1].0.x, pair[1].1[0] * pair[0].0.x);
    }
}

#[test]
fn keys_and_signatures() {
    let v = load("eddsa");
    for case in list(&v["keys"]) {
        let (seed, message) = (bytes(&case["seed"]), element(&case["message"]));
        let key = public_key(&seed);
        assert_eq!((key, key.pack()), (point(&case["key"]), array(&case["packedKey"])));
        assert_eq!(sign(&seed, &message).to_bytes(), array::<64>(&case["signature"]));
        let clean = Extended::from(key).multiply(&SUBGROUP_ORDER);
        assert!(clean.is_identity());
    }
}

#[test]
fn keys_and_signatures_of_others() {
    for name in ["peers/eddsa", "peers/zk_kit"] {
        let v = load(name);
        let mut count = 0;
        for case in list(&v["cases"]) {
            let (seed, key) = (bytes(&case["seed"]), point(&case["key"]));
            assert_eq!((public_key(&seed), key.pack()), (key, array(&case["packedKey"])), "{name}");
            for signed in list(&case["signatures"]) {
                let (message, signature) = (element(&signed["message"]), array::<64>(&signed["signature"]));
                assert_eq!(sign(&seed, &message).to_bytes(), signature, "{name}");
                verify(&key, &message, &SignatureForm::from_bytes(&signature).unwrap()).unwrap();
                count += 1;
            }
        }
        assert!(count >= 40, "{name}: {count}");
    }
}
