//! The ceremonies this system knows, told by tau h alone: the checks make every power of a setup follow from it.
//!
//! A known tau h is data with a source, and two sources where there is no file at hand. What it is not: a statement about
//! who took part; that is for whoever chooses a ceremony.

use ark_bn254::{Fq, Fq2, G2Affine};
use ark_ff::PrimeField;
use sha3::{Digest, Keccak256};

/// A ceremony whose tau nobody is known to know.
#[derive(Debug)]
pub struct Ceremony {
    /// Its name in keys and records.
    pub name: &'static str,
    /// x.c1, x.c0, y.c1, y.c0 of tau h (EIP-197 order), big-endian hex.
    tau_h: [&'static str; 4],
}

/// All known ones.
pub const CEREMONIES: &[Ceremony] = &[
    // Aztec Ignition, 176 participants, January 2020: `alxiong/ark-srs`, commit 26cfafe, the file this package ships.
    Ceremony {
        name: "aztec-ignition",
        tau_h: [
            "260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1",
            "0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0",
            "04fc6369f7110fe3d25156c1bb9a72859cf2a04641f99ba4ee413c80da6a5fe4",
            "22febda3c0c0632a56475b4214e5615e11e6dd3f96e6cea2854a87d4dacc5e55",
        ],
    },
    // Perpetual Powers of Tau with Hermez's beacon (54 contributions, 2^28): X_2 of snarkjs verification keys made
    // with powersOfTau28_hez_final, equal in several public repositories.
    Ceremony {
        name: "hermez-powers-of-tau",
        tau_h: [
            "26186a2d65ee4d2f9c9a5b91f86597d35f192cd120caf7e935d8443d1938e23d",
            "30441fd1b5d3370482c42152a8899027716989a6996c2535bc9f7fee8aaef79e",
            "1970ea81dd6992adfbc571effb03503adbbb6a857f578403c6c40e22d65b3c02",
            "054793348f12c0cf5622c340573cb277586319de359ab9389778f689786b1e48",
        ],
    },
    // EigenDA mainnet (from the Perpetual Powers of Tau): `Layr-Labs/rust-kzg-bn254`, primitives/src/consts.rs, G2_TAU.
    Ceremony { name: EIGENDA, tau_h: EIGENDA_TAU_H },
];

/// Name of the ceremony whose `.point` files come without tau h.
pub const EIGENDA: &str = "eigenda-mainnet";
const EIGENDA_TAU_H: [&str; 4] = [
    "172aa93c41f16e1e04d62ac976a5d945f4be0acab990c6dc19ac4a7cf68bf77b",
    "2ae0c8c3a090f7200ff398ee9845bbae8f8c1445ae7b632212775f60a0e21600",
    "1754a9fc3b7e4da9197c283c7401773208190c5555caf254e644e99c29366704",
    "1459fe6cc8a1222fd4290864ff9e47d4b8cf7a403593c7107c39538ddefd857e",
];

impl Ceremony {
    /// tau h; None when its words are no point, which a test rules out.
    #[must_use]
    pub fn tau_h(&self) -> Option<G2Affine> {
        let mut words = [Fq::from(0u64); 4];
        for (word, text) in words.iter_mut().zip(self.tau_h) {
            *word = coordinate(text)?;
        }
        let point = G2Affine::new_unchecked(Fq2::new(words[1], words[0]), Fq2::new(words[3], words[2]));
        (point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve()).then_some(point)
    }
}

/// A coordinate from 64 hex digits.
fn coordinate(text: &str) -> Option<Fq> {
    let byte = |i: usize| u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok();
    let bytes = (0..32).map(byte).collect::<Option<Vec<u8>>>()?;
    Some(Fq::from_be_bytes_mod_order(&bytes))
}

/// Name of the setup of a tau h: that of its ceremony, or "unsafe-unrecognised-" and eight bytes of its digest.
#[must_use]
pub fn name_of(tau_h: &G2Affine) -> String {
    if let Some(known) = CEREMONIES.iter().find(|c| c.tau_h().as_ref() == Some(tau_h)) {
        return known.name.into();
    }
    let mut hasher = Keccak256::new();
    for word in super::g2_words(tau_h) {
        hasher.update(word);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let hex: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
    format!("unsafe-unrecognised-{hex}")
}
