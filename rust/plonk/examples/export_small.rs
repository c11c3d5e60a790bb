//! Writes the small circuit's Solidity verifier, key data and a proof fixture: `export_small DIR`.
//!
//! DIR gets the sources, `key_init.hex` (init code of the data contract) and `fixture.json`.
//! `Split*.sol` are the same verifier with its identities cut into several contracts. The setup is the shipped ceremony.

use std::path::Path;

use plonk::solidity::generate_within;
use plonk::{generate, keygen, prove, small, verify, Progress, Srs};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../python/l2rollup/data/srs/aztec-ignition-32768.srs");

/// Bytes of code of a part: cuts the identities into four.
const SPLIT_BUDGET: usize = 350;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = std::env::args().nth(1).ok_or("usage: export_small DIR")?;
    let directory = Path::new(&directory);
    std::fs::create_dir_all(directory)?;
    let srs = Srs::from_compressed_bytes(&std::fs::read(SHIPPED)?)?;
    let key = keygen(&small::relation(), &small::trace(), &srs)?;
    let witness = small::witness(5, 9);
    let proof = prove(&key, &witness, Progress::default())?;
    verify(&key.vk, &witness.instance, &proof)?;
    let how = "cargo run --release -p l2rollup-plonk --example export_small -- DIR";
    for (name, content) in generate(&key.vk, "Small")?.export(&key.vk, &witness.instance, &proof, how) {
        std::fs::write(directory.join(name), content)?;
    }
    for (name, source) in generate_within(&key.vk, "Split", SPLIT_BUDGET)?.files {
        std::fs::write(directory.join(name), source)?;
    }
    Ok(())
}
