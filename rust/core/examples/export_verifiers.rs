//! Writes the Solidity verifiers of the batch circuit and of the exit circuit: `export_verifiers DIR`.
//!
//! DIR gets the sources, and for each circuit a JSON file (code of the key's data contract, digest, contract names). The setup is
//! the shipped ceremony. What it is not: a proof; tests/contracts/fixtures/make_real.py makes one.

use std::fmt::Write;
use std::path::Path;

use l2rollup_core::batch::Capacity;
use l2rollup_core::circuit::{compile, exit, CONTRACT_BUDGET};
use plonk::solidity::generate_within;
use plonk::{keygen, Srs, VerifyingKey};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../python/l2rollup/data/srs/aztec-ignition-32768.srs");
const HOW: &str = "cargo run --release -p l2rollup-core --example export_verifiers -- contracts/src/proof/generated";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

fn export(directory: &Path, vk: &VerifyingKey, name: &str, json: &str) -> Result<(), Box<dyn std::error::Error>> {
    let verifier = generate_within(vk, name, CONTRACT_BUDGET)?;
    for (file, source) in &verifier.files {
        std::fs::write(directory.join(file), source)?;
    }
    let contracts: Vec<String> = verifier.contracts.iter().map(|c| format!("\"{c}\"")).collect();
    let key = format!(
        "{{\n \"regenerate\": \"{HOW}\",\n \"contracts\": [{}],\n \"vkDigest\": \"{}\",\n \"key\": \"{}\"\n}}\n",
        contracts.join(", "),
        hex(&vk.digest),
        hex(&verifier.key_data)
    );
    std::fs::write(directory.join(json), key)?;
    let (points, evaluations) = (vk.schema.messages().filter(|m| !m.is_scalar()).count(), vk.schema.rounds[3].len());
    println!(
        "{name}: {} identities, {} periodic columns, proof of {} bytes ({points} points, {evaluations} evaluations)",
        vk.program.outputs.len(),
        vk.relation.periodic.len(),
        vk.schema.proof_bytes()
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = std::env::args().nth(1).ok_or("usage: export_verifiers DIR")?;
    let directory = Path::new(&directory);
    std::fs::create_dir_all(directory)?;
    let srs = Srs::from_compressed_bytes(&std::fs::read(SHIPPED)?)?;
    let batch = compile(&Capacity::leaf())?;
    export(directory, &keygen(&batch.relation, &batch.fixed, &srs)?.vk, "Batch", "key.json")?;
    for (slots, name, json) in [(1, "Exit", "exit_key.json"), (exit::SLOTS, "SharedExit", "shared_exit_key.json")] {
        let key = keygen(&exit::relation(slots), &exit::fixed(slots), &srs)?;
        export(directory, &key.vk, name, json)?;
    }
    Ok(())
}
