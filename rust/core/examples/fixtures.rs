//! Writes proofs that every later verifier must accept: `fixtures DIR`. A file that is there already is never written again.
//!
//! Each file holds a verifying key, public inputs and a proof as hex. The batch fixture proves the chunk in which an account enters.

use std::path::Path;

use l2rollup_core::batch::Capacity;
use l2rollup_core::bridge::{Body, Record};
use l2rollup_core::circuit::assign;
use l2rollup_core::engine::Engine;
use l2rollup_core::parameters::Kind;
use l2rollup_core::primitives::{field, Address, Fr};
use plonk::{keygen, prove, small, Progress, ProvingKey, Srs, Witness};

type Failure = Box<dyn std::error::Error>;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn write(path: &Path, key: &ProvingKey, witness: &Witness) -> Result<(), Failure> {
    let proof = prove(key, witness, Progress::default())?;
    let inputs: Vec<String> = witness.instance.iter().map(|x| format!("\"{}\"", hex(&field::to_bytes(x)))).collect();
    let how = "cargo run --release -p l2rollup-core --example fixtures -- tests/fixtures";
    let (digest, vk) = (hex(&key.vk.digest), hex(&key.vk.to_bytes()?));
    let text = format!(
        "{{\n \"regenerate\": \"{how}\",\n \"vkDigest\": \"{digest}\",\n \"vk\": \"{vk}\",\n \"publicInputs\": [{}],\n \
         \"proof\": \"{}\"\n}}\n",
        inputs.join(", "),
        hex(&proof)
    );
    Ok(std::fs::write(path, text)?)
}

fn batch(srs: &Srs, path: &Path) -> Result<(), Failure> {
    let mut engine = Engine::genesis(31337, Address([0x42; 20]));
    engine.begin_chunk(1_800_000_000, 1, &[(0, 1)])?;
    let address = Address([0xA1; 20]);
    let record = Record {
        kind: Kind::Deposit,
        token: 0,
        index: 0,
        nonce: 0,
        amount: 1_000_000,
        fee_token: 0,
        address,
        body: Body::Recipient(address),
    };
    engine.apply(&[&record.to_bytes()])?;
    let sealed = engine.end_chunk(true)?;
    let circuit = assign(&Capacity::leaf(), &sealed.witness, Fr::from(77u64))?;
    write(path, &keygen(&circuit.relation, &circuit.fixed, srs)?, &circuit.witness)
}

fn main() -> Result<(), Failure> {
    let directory = std::env::args().nth(1).ok_or("usage: fixtures DIR")?;
    let [small_path, batch_path] =
        ["plonk-small-1.json", "batch-leaf-99.json"].map(|name| Path::new(&directory).join(name));
    let packed = std::fs::read("python/l2rollup/data/srs/aztec-ignition-32768.srs")?;
    let srs = Srs::from_compressed_bytes(&packed)?;
    if !small_path.exists() {
        write(&small_path, &keygen(&small::relation(), &small::trace(), &srs)?, &small::witness(5, 9))?;
    }
    if !batch_path.exists() {
        batch(&srs, &batch_path)?;
    }
    Ok(())
}
