//! Generator of Solidity verifiers: from a verifying key to the sources of one verifier and its data contract's code.
//!
//! Three kinds of contract come out. `<Name>Verifier` holds the protocol; `<Name>Constraints<i>` hold the relation's identities,
//! split so that each stays below the code size limit (EIP-170); the key's long constants are the code of a data contract, whose
//! first byte is STOP. What it is not: a compiler or a deployer; sources and bytes are all it gives.

mod constraints;
mod layout;
mod verifier;

use ark_bn254::Fr;

use crate::error::PlonkError;
use crate::keys::VerifyingKey;
use crate::transcript::TranscriptHash;

/// Largest runtime code of a contract (EIP-170).
pub const CODE_LIMIT: usize = 24_576;

/// What `generate` gives.
#[derive(Clone, Debug)]
pub struct SolidityVerifier {
    /// File name and source; the verifier first, then the constraint contracts in the order its constructor takes them.
    pub files: Vec<(String, String)>,
    /// Runtime code of the data contract: STOP, then the key's words.
    pub key_data: Vec<u8>,
    /// Contract names, in the order of `files`.
    pub contracts: Vec<String>,
}

impl SolidityVerifier {
    /// Init code whose deployment leaves `key_data` as the contract's code.
    #[must_use]
    pub fn key_init_code(&self) -> Vec<u8> {
        // PUSH2 length, DUP1, PUSH1 10, RETURNDATASIZE (0), CODECOPY, RETURNDATASIZE (0), RETURN.
        let length = self.key_data.len() as u16;
        let mut code = vec![0x61, (length >> 8) as u8, length as u8, 0x80, 0x60, 0x0a, 0x3d, 0x39, 0x3d, 0xf3];
        code.extend(&self.key_data);
        code
    }

    /// Files of a contract test: the sources, `key_init.hex` (creates the data contract), and `fixture.json` with one proof.
    ///
    /// `regenerate` is the command that wrote them. The fixture lists the messages, so that a test can damage each one.
    #[must_use]
    pub fn export(&self, vk: &VerifyingKey, instance: &[Fr], proof: &[u8], regenerate: &str) -> Vec<(String, String)> {
        let mut out = self.files.clone();
        out.push(("key_init.hex".into(), hex(&self.key_init_code())));
        let quoted = |items: Vec<String>| items.iter().map(|x| format!("\"{x}\"")).collect::<Vec<_>>().join(", ");
        let messages: Vec<String> = vk
            .schema
            .messages()
            .map(|m| format!("{{\"name\": \"{}\", \"bytes\": {}, \"mayBeInfinity\": {}}}", m.name(), m.bytes(), m.may_be_infinity()))
            .collect();
        let fields = [
            format!("\"regenerate\": \"{regenerate}\""),
            format!("\"contracts\": [{}]", quoted(self.contracts.clone())),
            format!("\"vkDigest\": \"0x{}\"", hex(&vk.digest)),
            format!("\"publicInputs\": [{}]", quoted(instance.iter().map(ToString::to_string).collect())),
            format!("\"proof\": \"0x{}\"", hex(proof)),
            format!("\"messages\": [\n    {}\n  ]", messages.join(",\n    ")),
        ];
        let fixture = format!("{{\n  {}\n}}\n", fields.join(",\n  "));
        out.push(("fixture.json".into(), fixture));
        out
    }
}

/// Writes the verifier of `vk` as Solidity for contracts named after `name`.
///
/// # Errors
/// `PlonkError::Relation` when the key's words do not fit one data contract, or one identity does not fit one contract.
pub fn generate(vk: &VerifyingKey, name: &str) -> Result<SolidityVerifier, PlonkError> {
    generate_within(vk, name, constraints::BUDGET)
}

/// The same with constraint contracts of at most about `budget` bytes of code: how many there are changes nothing else.
///
/// # Errors
/// As [`generate`].
pub fn generate_within(vk: &VerifyingKey, name: &str, budget: usize) -> Result<SolidityVerifier, PlonkError> {
    let mut letters = name.chars();
    let identifier = letters.next().is_some_and(|c| c.is_ascii_alphabetic()) && letters.all(|c| c.is_ascii_alphanumeric());
    if !identifier {
        return Err(PlonkError::relation("contract name", "ASCII letters and digits, a letter first", name));
    }
    if !matches!(vk.transcript, TranscriptHash::Keccak) {
        return Err(PlonkError::relation("transcript of a key for L1", "keccak", vk.transcript.name()));
    }
    let layout = layout::Layout::new(vk);
    let key_data = layout.key_data(vk)?;
    let parts = constraints::split(&vk.relation.identities(), budget)?;
    let mut files = Vec::with_capacity(parts.len() + 1);
    let mut contracts = vec![format!("{name}Verifier")];
    files.push((format!("{name}Verifier.sol"), verifier::print(vk, name, &layout, &parts, &key_data)?));
    for (index, part) in parts.iter().enumerate() {
        let contract = format!("{name}Constraints{index}");
        files.push((format!("{contract}.sol"), constraints::print(vk, &contract, index, part, &layout)?));
        contracts.push(contract);
    }
    Ok(SolidityVerifier { files, key_data, contracts })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A word as a Solidity literal.
fn word_hex(word: &[u8; 32]) -> String {
    format!("0x{}", hex(word))
}

/// A field element as a literal: decimal while short, hexadecimal otherwise.
fn literal(x: &Fr) -> String {
    use ark_ff::PrimeField;
    let limbs = x.into_bigint().0;
    if limbs[1..].iter().all(|l| *l == 0) {
        limbs[0].to_string()
    } else {
        word_hex(&crate::transcript::scalar_bytes(x))
    }
}
