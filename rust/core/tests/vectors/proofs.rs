//! Account proofs: the engine writes the specification's documents, and refuses what shows nothing.

use l2rollup_core::engine::json::account_proof;
use l2rollup_core::primitives::{Address, Fr};
use l2rollup_core::state::{AccountLeaf, AccountProof, LeafProof, Path};
use serde_json::Value;

use crate::json::{address, decimal, element, elements, integer, list, load, text};
use crate::transitions::after;

#[test]
fn written_as_the_specification_writes() {
    let v = load("proofs");
    let mut e = after(text(&v["scenario"]));
    for case in list(&v["accepted"]) {
        let position = |name: &str| case[name].as_u64().map(|x| u16::try_from(x).unwrap());
        let (root, proof) = e.prove(address(&case["proof"]["address"]), position("token"), position("slot"));
        proof.check(&root).unwrap();
        assert_eq!(root, element(&v["root"]));
        let written: Value = serde_json::from_str(&account_proof(&root, &proof)).unwrap();
        assert_eq!(written, case["proof"]);
        assert_eq!(read(&case["proof"]).1, proof);
    }
}

fn path(value: &Value) -> Path {
    list(value).iter().map(elements).collect()
}

fn leaf_proof(value: &Value) -> Option<LeafProof> {
    let position = u16::try_from(value.get("position")?.as_u64().unwrap()).unwrap();
    Some(LeafProof { position, value: element(&value["value"]), path: path(&value["path"]) })
}

/// (included, proof) of a document.
fn read(v: &Value) -> (bool, AccountProof) {
    let l = &v["leaf"];
    let [x, y]: [Fr; 2] = elements(&l["key"]);
    let leaf = AccountLeaf {
        address: address(&l["address"]),
        scheme: integer(&l["scheme"]) as u8,
        next_address: element(&l["nextAddress"]),
        key: (x, y),
        balance: decimal(&l["balance"]),
        nonce: integer(&l["nonce"]),
        flags: integer(&l["flags"]) as u32,
        balances_root: element(&l["balancesRoot"]),
        storage_root: element(&l["storageRoot"]),
    };
    let asked: Address = address(&v["address"]);
    let index = integer(&v["index"]) as u32;
    let (balance, storage) = (leaf_proof(&v["token"]), leaf_proof(&v["storage"]));
    let proof = AccountProof { address: asked, index, leaf, path: path(&v["path"]), balance, storage };
    (v["included"].as_bool().unwrap(), proof)
}

#[test]
fn refused_when_they_show_nothing() {
    let v = load("proofs");
    let root = element(&v["root"]);
    for case in list(&v["refused"]) {
        let mut document = v["accepted"][integer(&case["base"]) as usize]["proof"].clone();
        let place = list(&case["at"]).iter().fold(&mut document, |place, step| match step.as_u64() {
            Some(i) => &mut place[i as usize],
            None => &mut place[text(step)],
        });
        assert_ne!(*place, case["value"]);
        *place = case["value"].clone();
        let (included, proof) = read(&document);
        let shown = proof.check(&root).is_ok() && proof.is_inclusion() == included;
        assert!(!shown, "{}", case["why"]);
    }
}
