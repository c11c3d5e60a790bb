"""What binds the data: words of a stream, the sponge chain C, the challenge z, the evaluation y."""

from collections.abc import Sequence

from .fault import Malformed
from .field import R, to_bytes
from .keccak import keccak256, low_248, word
from .poseidon2 import TAG_CHAIN, TAG_WORDS, sponge
from .record import WORD_BYTES
from .transaction import Chain


def words_of(stream: bytes) -> list[int]:
    """The words of a stream: 30 bytes each, big endian."""
    if len(stream) % WORD_BYTES:
        raise Malformed("stream of words: length", "a multiple of 30", len(stream))
    return [int.from_bytes(stream[i : i + WORD_BYTES], "big") for i in range(0, len(stream), WORD_BYTES)]


def chain_digest(before: int, stream: bytes) -> int:
    """C' = sponge(2, C, sponge(1, words), number of words) for one chunk of a stream."""
    words = words_of(stream)
    return sponge(TAG_CHAIN, [before, sponge(TAG_WORDS, words), len(words)])


def evaluate(words: Sequence[int], z: int, before: int = 0) -> int:
    """y := y z + w over the words in order: the first word is the highest coefficient."""
    y = before
    for w in words:
        y = (y * z + w) % R
    return y


def data_challenge(chain: Chain, batch_id: int, tx_c: int, op_c: int, transactions: bytes, operations: bytes) -> int:
    """z of a batch in calldata, from the C of both streams and their bytes."""
    sizes = word(len(transactions) // WORD_BYTES) + word(len(operations) // WORD_BYTES)
    head = word(chain.domain) + word(chain.chain_id) + word(chain.rollup) + word(batch_id) + sizes
    hashes = keccak256(operations) + keccak256(transactions)
    return low_248(keccak256(head + to_bytes(tx_c) + to_bytes(op_c) + hashes))
