//! The verifier that ships is the verifier of today's circuit: contracts/src/proof/generated is what the generator prints.
//!
//! What this is not: a test of the generator; that is rust/plonk/tests/solidity.rs.

use std::path::Path;

use l2rollup_core::batch::Capacity;
use l2rollup_core::circuit::{compile, CONTRACT_BUDGET};
use plonk::solidity::generate_within;
use plonk::{keygen, Srs};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn the_generated_contracts_are_of_this_circuit() {
    let setup =
        std::fs::read(Path::new(ROOT).join("python/l2rollup/data/srs/aztec-ignition-32768.srs")).expect("setup");
    let srs = Srs::from_compressed_bytes(&setup).expect("the shipped setup");
    let circuit = compile(&Capacity::leaf()).expect("circuit");
    let vk = keygen(&circuit.relation, &circuit.fixed, &srs).expect("keys").vk;
    let verifier = generate_within(&vk, "Batch", CONTRACT_BUDGET).expect("sources");
    let key = read("contracts/src/proof/generated/key.json");
    let how = "stale: run the command in contracts/src/proof/generated/key.json, then `make contracts`";
    assert!(key.contains(&format!("\"0x{}\"", hex(&vk.digest))), "digest 0x{}: {how}", hex(&vk.digest));
    assert!(key.contains(&format!("\"0x{}\"", hex(&verifier.key_data))), "key data: {how}");
    for (name, source) in &verifier.files {
        assert!(read(&format!("contracts/src/proof/generated/{name}")) == *source, "{name} is {how}");
    }
    // The limits of LEAF and of one L1 transaction depend on these.
    assert_eq!(vk.schema.messages().filter(|m| !m.is_scalar()).count(), 38, "points of a proof");
    assert_eq!(circuit.relation.instance_len, 26, "public inputs");
}
