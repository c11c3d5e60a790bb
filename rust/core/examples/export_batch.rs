//! Writes the batch circuit's Solidity verifier: `export_batch DIR`.
//!
//! DIR gets the sources and `key.json` (code of the key's data contract, digest, contract names). The setup is the shipped
//! ceremony. What it is not: a proof; tests/contracts/fixtures/make_real.py makes one.

use std::fmt::Write;
use std::path::Path;

use l2rollup_core::batch::Capacity;
use l2rollup_core::circuit::{compile, CONTRACT_BUDGET};
use plonk::solidity::generate_within;
use plonk::{keygen, Srs};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../python/l2rollup/data/srs/aztec-ignition-32768.srs");
const HOW: &str = "cargo run --release -p l2rollup-core --example export_batch -- contracts/src/proof/generated";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = std::env::args().nth(1).ok_or("usage: export_batch DIR")?;
    let directory = Path::new(&directory);
    let srs = Srs::from_compressed_bytes(&std::fs::read(SHIPPED)?)?;
    let circuit = compile(&Capacity::leaf())?;
    let vk = keygen(&circuit.relation, &circuit.fixed, &srs)?.vk;
    let verifier = generate_within(&vk, "Batch", CONTRACT_BUDGET)?;
    std::fs::create_dir_all(directory)?;
    for (name, source) in &verifier.files {
        std::fs::write(directory.join(name), source)?;
    }
    let contracts: Vec<String> = verifier.contracts.iter().map(|c| format!("\"{c}\"")).collect();
    let key = format!(
        "{{\n \"regenerate\": \"{HOW}\",\n \"contracts\": [{}],\n \"vkDigest\": \"{}\",\n \"key\": \"{}\"\n}}\n",
        contracts.join(", "),
        hex(&vk.digest),
        hex(&verifier.key_data)
    );
    std::fs::write(directory.join("key.json"), key)?;
    let (points, evaluations) = (vk.schema.messages().filter(|m| !m.is_scalar()).count(), vk.schema.rounds[3].len());
    println!(
        "{} identities, {} periodic columns, proof of {} bytes ({points} points, {evaluations} evaluations)",
        vk.program.outputs.len(),
        vk.relation.periodic.len(),
        vk.schema.proof_bytes()
    );
    Ok(())
}
