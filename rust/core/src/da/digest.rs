//! Digests of a stream: the sponge chain C, the evaluation y by Horner, and the challenge z.

use crate::parameters::WORD_BYTES;
use crate::poseidon::{sponge, Tag};
use crate::primitives::keccak::{address_word, keccak256, low_248, word};
use crate::primitives::{field, Address, DecodeError, Fr};

/// The words of a stream as field elements.
///
/// # Errors
/// [`DecodeError::Length`] when the bytes are not whole words.
pub fn words_of(stream: &[u8]) -> Result<Vec<Fr>, DecodeError> {
    if !stream.len().is_multiple_of(WORD_BYTES) {
        let expected = stream.len().next_multiple_of(WORD_BYTES);
        return Err(DecodeError::Length { what: "stream of words", expected, got: stream.len() });
    }
    stream.chunks_exact(WORD_BYTES).map(field::from_short_bytes).collect()
}

/// C' = sponge(2, C, sponge(1, words), number of words).
#[must_use]
pub fn chain_digest(before: &Fr, words: &[Fr]) -> Fr {
    sponge(Tag::Chain, &[*before, sponge(Tag::Words, words), Fr::from(words.len() as u64)])
}

/// y := y z + w over the words in order.
#[must_use]
pub fn evaluate(before: &Fr, words: &[Fr], z: &Fr) -> Fr {
    words.iter().fold(*before, |y, w| y * z + w)
}

/// What the challenge z binds.
#[derive(Clone, Copy, Debug)]
pub struct Challenge<'a> {
    /// Domain m1.
    pub domain: Fr,
    /// L1 chain id.
    pub chain_id: u64,
    /// Rollup contract.
    pub rollup: Address,
    /// Batch number.
    pub batch_id: u64,
    /// Digest of the transaction stream.
    pub tx_c: Fr,
    /// Digest of the operation stream.
    pub op_c: Fr,
    /// Transaction stream of the batch.
    pub transactions: &'a [u8],
    /// Operation stream of the batch.
    pub operations: &'a [u8],
}

impl Challenge<'_> {
    /// z: low 248 bits of the Keccak hash over all of it.
    #[must_use]
    pub fn z(&self) -> Fr {
        let words = |stream: &[u8]| word((stream.len() / WORD_BYTES) as u128);
        low_248(&keccak256(&[
            &field::to_bytes(&self.domain),
            &word(u128::from(self.chain_id)),
            &address_word(self.rollup),
            &word(u128::from(self.batch_id)),
            &words(self.transactions),
            &words(self.operations),
            &field::to_bytes(&self.tx_c),
            &field::to_bytes(&self.op_c),
            &keccak256(&[self.operations]),
            &keccak256(&[self.transactions]),
        ]))
    }
}
