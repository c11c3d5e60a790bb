//! Writes the small circuit's Solidity verifier, key data and a proof fixture: `export_small DIR`.
//!
//! DIR gets the sources, `key_data.hex` (runtime code of the data contract), `key_init.hex` (its init code) and `fixture.json`.
//! The setup is the shipped ceremony.

use std::path::Path;

use plonk::{generate, keygen, prove, small, verify, Progress, Srs};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../python/l2rollup/data/srs/aztec-ignition-32768.srs");

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
    Ok(())
}
