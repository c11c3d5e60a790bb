"""The executable specification of the protocol in plain Python integers.

Read `transition.py` first; `kinds/` has one file a kind, and `group.py` says what members of a group sign. It imports
nothing else of this package, nothing outside the standard library, and emits `tests/vectors`, which Rust, Python and
Solidity read.

What it is not: fast, constant time, or bounded. Capacity of a chunk (`chunk_full`) belongs to a circuit shape;
`batch.py` lists its bounds, and nothing here counts.
"""

from .generate import GeneratedChunk, random_chunks
from .transition import Outcome, Rollup, SealedChunk

__all__ = ["GeneratedChunk", "Outcome", "Rollup", "SealedChunk", "random_chunks"]
