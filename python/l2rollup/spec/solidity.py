"""Writes the Poseidon2 permutation as straight-line Yul.

`python -m l2rollup.spec.solidity > contracts/src/libraries/generated/Poseidon2.sol`

Sums are reduced only where they could pass 2^256, which is more than five times the field's order. What it is not: the
verifier of proofs; rust/plonk/src/solidity writes that.
"""

import sys

from .field import R
from .poseidon2_constants import DIAGONAL, FULL, PARTIAL

HEAD = """// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

// Written by `python -m l2rollup.spec.solidity > contracts/src/libraries/generated/Poseidon2.sol`; do not edit.

/// @title Poseidon2 over BN254, t = 4, 8 full and 56 partial rounds, and the compressions of docs/spec/hash.md.
/// @notice Lane j of the permutation plus input j, the lane being the domain. Inputs are below r; the caller checks it.
library Poseidon2 {
    /// @notice Order of the scalar field.
    uint256 internal constant R = %d;

    /// @notice H0: a node from its four children.
    function hashNode(uint256 a, uint256 b, uint256 c, uint256 d) internal pure returns (uint256) {
        (uint256 y,,,) = permute(a, b, c, d);
        return addmod(y, a, R);
    }

    /// @notice H1: the static part of an account, and its leaf.
    function hashAccount(uint256 a, uint256 b, uint256 c, uint256 d) internal pure returns (uint256) {
        (, uint256 y,,) = permute(a, b, c, d);
        return addmod(y, b, R);
    }

    /// @notice H2(value, 0, 0, 0): a balance leaf.
    function hashValue(uint256 value) internal pure returns (uint256 y) {
        (,, y,) = permute(value, 0, 0, 0);
    }

    /// @notice H3: a node of the id tree of a batch.
    function hashId(uint256 a, uint256 b, uint256 c, uint256 d) internal pure returns (uint256) {
        (,,, uint256 y) = permute(a, b, c, d);
        return addmod(y, d, R);
    }

    /// @notice The permutation; every output is below r.
    function permute(uint256 a, uint256 b, uint256 c, uint256 d)
        internal
        pure
        returns (uint256, uint256, uint256, uint256)
    {
        assembly ("memory-safe") {
            let p := %d
            let t
            let u
"""
TAIL = """        }
        return (a, b, c, d);
    }
}
"""


def _external() -> list[str]:
    """The external matrix of inputs below r, from t = a + b and u = c + d."""
    return [
        "t := add(a, b)",
        "u := add(c, d)",
        "a := add(add(b, b), u)",
        "c := add(add(d, d), t)",
        "b := addmod(mulmod(t, 4, p), a, p)",
        "d := addmod(mulmod(u, 4, p), c, p)",
        "t := c",
        "c := addmod(a, d, p)",
        "a := addmod(t, b, p)",
    ]


def _sbox(lane: str, constant: int) -> list[str]:
    return [f"t := add({lane}, {constant:#x})", "u := mulmod(t, t, p)", f"{lane} := mulmod(mulmod(u, u, p), t, p)"]


def _partial(constant: int) -> list[str]:
    products = [f"{x} := add(mulmod({x}, {k:#x}, p), t)" for x, k in zip("abcd", DIAGONAL, strict=True)]
    return [*_sbox("a", constant), "t := addmod(add(a, b), add(c, d), p)", *products]


def _full(constants: tuple[int, ...]) -> list[str]:
    return [line for x, k in zip("abcd", constants, strict=True) for line in _sbox(x, k)] + _external()


def render() -> str:
    """The library's source."""
    half = len(FULL) // 2
    lines = _external()
    for constants in FULL[:half]:
        lines += _full(constants)
    for constant in PARTIAL:
        lines += _partial(constant)
    for constants in FULL[half:]:
        lines += _full(constants)
    return HEAD % (R, R) + "".join(f"            {line}\n" for line in lines) + TAIL


if __name__ == "__main__":
    sys.stdout.write(render())
