//! What an item is judged against beside the state: the chain and rollup it was signed for, and the chunk it enters.

use crate::parameters::LISTED_TOKENS;
use crate::primitives::keccak::{address_word, keccak256, low_248, word};
use crate::primitives::{Address, Fr};

use super::Fault;

/// The chain and the rollup contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// L1 chain id.
    pub chain_id: u64,
    /// Address of the rollup contract.
    pub rollup: Address,
    /// m1 of every signed message: low 248 bits of keccak256(abi.encode("l2rollup", chainId, rollup)).
    pub domain: Fr,
    /// EIP-712 domain separator of {"l2rollup", "1", chainId, rollup}.
    pub separator: [u8; 32],
}

impl Chain {
    /// The context of a chain id and a rollup address.
    #[must_use]
    pub fn new(chain_id: u64, rollup: Address) -> Self {
        let (id, contract) = (word(u128::from(chain_id)), address_word(rollup));
        let mut name = [0u8; 32];
        name[..8].copy_from_slice(b"l2rollup");
        let domain = low_248(&keccak256(&[&word(96), &id, &contract, &word(8), &name]));
        let separator = keccak256(&[
            &keccak256(&[b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"]),
            &keccak256(&[b"l2rollup"]),
            &keccak256(&[b"1"]),
            &id,
            &contract,
        ]);
        Self { chain_id, rollup, domain, separator }
    }

    /// keccak256(0x1901 ++ separator ++ struct hash).
    #[must_use]
    pub fn typed_digest(&self, struct_hash: &[u8; 32]) -> [u8; 32] {
        keccak256(&[&[0x19, 0x01], &self.separator, struct_hash])
    }
}

/// What the header of a chunk fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkContext {
    /// Unix seconds.
    pub time: u64,
    /// Index of the account that is credited the fees.
    pub fee_account: u32,
    /// Fee tokens and prices; entry 0 is native, unlisted entries are (0, 0) and come last.
    pub listed: [(u16, u64); LISTED_TOKENS],
    /// Entries in use, at least 1.
    pub listed_count: u8,
}

impl ChunkContext {
    /// A chunk context from a list of (token, price): native first, then up to three rising token indices.
    ///
    /// # Errors
    /// `malformed` for any other list.
    pub fn new(time: u64, fee_account: u32, prices: &[(u16, u64)]) -> Result<Self, Fault> {
        let rising = prices.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if prices.is_empty() || prices.len() > LISTED_TOKENS || prices[0].0 != 0 || !rising {
            let expected = "token 0 first, then up to three rising token indices";
            return Err(Fault::compared("malformed", "fee prices are not in order", expected, format!("{prices:?}")));
        }
        let mut listed = [(0, 0); LISTED_TOKENS];
        listed[..prices.len()].copy_from_slice(prices);
        Ok(Self { time, fee_account, listed, listed_count: prices.len() as u8 })
    }

    /// Position of a fee token in the list.
    #[must_use]
    pub fn fee_slot(&self, token: u16) -> Option<u8> {
        let in_use = &self.listed[..usize::from(self.listed_count)];
        in_use.iter().position(|(t, _)| *t == token).map(|i| i as u8)
    }
}
