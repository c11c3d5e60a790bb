//! The verifiers that ship are the verifiers of today's circuits: contracts/src/proof/generated is what the generator prints.
//!
//! What this is not: a test of the generator; that is rust/plonk/tests/solidity.rs.

use std::path::Path;

use l2rollup_core::batch::Capacity;
use l2rollup_core::circuit::{compile, exit, CONTRACT_BUDGET};
use plonk::solidity::generate_within;
use plonk::{keygen, Srs, VerifyingKey};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn check_generated(vk: &VerifyingKey, name: &str, json: &str) {
    let verifier = generate_within(vk, name, CONTRACT_BUDGET).expect("sources");
    let key = read(&format!("contracts/src/proof/generated/{json}"));
    let how = format!("stale: run the command in contracts/src/proof/generated/{json}, then `make contracts`");
    assert!(key.contains(&format!("\"0x{}\"", hex(&vk.digest))), "digest 0x{}: {how}", hex(&vk.digest));
    assert!(key.contains(&format!("\"0x{}\"", hex(&verifier.key_data))), "key data: {how}");
    for (file, source) in &verifier.files {
        assert!(read(&format!("contracts/src/proof/generated/{file}")) == *source, "{file} is {how}");
    }
}

fn shipped() -> Srs {
    let setup =
        std::fs::read(Path::new(ROOT).join("python/l2rollup/data/srs/aztec-ignition-32768.srs")).expect("setup");
    Srs::from_compressed_bytes(&setup).expect("the shipped setup")
}

#[test]
fn the_generated_contracts_are_of_this_circuit() {
    let circuit = compile(&Capacity::leaf()).expect("circuit");
    let vk = keygen(&circuit.relation, &circuit.fixed, &shipped()).expect("keys").vk;
    check_generated(&vk, "Batch", "key.json");
    // The limits of LEAF and of one L1 transaction depend on these.
    assert_eq!(vk.schema.messages().filter(|m| !m.is_scalar()).count(), 38, "points of a proof");
    assert_eq!(circuit.relation.instance_len, 26, "public inputs");
}

#[test]
fn the_generated_exit_verifiers_are_of_this_circuit() {
    for (slots, name, json) in [(1, "Exit", "exit_key.json"), (exit::SLOTS, "SharedExit", "shared_exit_key.json")] {
        let vk = keygen(&exit::relation(slots), &exit::fixed(slots), &shipped()).expect("keys").vk;
        check_generated(&vk, name, json);
        assert_eq!(vk.schema.messages().filter(|m| !m.is_scalar()).count(), 14, "points of a proof");
    }
}
