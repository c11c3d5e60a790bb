// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IIdTreeReader} from "../interfaces/IIdTreeReader.sol";
import {Poseidon2} from "../libraries/generated/Poseidon2.sol";

/// @title Paths in the id tree of a batch, in the EVM (docs/spec/batch.md). Stateless.
/// @notice Quaternary, depth 8, node H3, leaf j the id of sequence number firstSequence + j, 0 when empty.
/// @dev Twin of rust/core/src/batch/ids.rs. A contract of its own: the permutation is straight-line code.
contract IdTreeReader is IIdTreeReader {
    uint256 private constant LEAVES = 1 << 16;

    /// @inheritdoc IIdTreeReader
    function computeRoot(uint256 id, uint256 place, uint256[24] calldata siblings)
        external
        pure
        returns (uint256 node)
    {
        if (place >= LEAVES) revert OpeningMalformed(1, LEAVES, place);
        if (id >= Poseidon2.R) revert OpeningMalformed(0, Poseidon2.R, id);
        node = id;
        for (uint256 i = 0; i < 24; i += 3) {
            uint256 a = _sibling(siblings, i);
            uint256 b = _sibling(siblings, i + 1);
            uint256 c = _sibling(siblings, i + 2);
            uint256 digit = place & 3;
            place >>= 2;
            if (digit == 0) node = Poseidon2.hashId(node, a, b, c);
            else if (digit == 1) node = Poseidon2.hashId(a, node, b, c);
            else if (digit == 2) node = Poseidon2.hashId(a, b, node, c);
            else node = Poseidon2.hashId(a, b, c, node);
        }
    }

    function _sibling(uint256[24] calldata siblings, uint256 i) private pure returns (uint256 word) {
        word = siblings[i];
        if (word >= Poseidon2.R) revert OpeningMalformed(2 + i, Poseidon2.R, word);
    }
}
