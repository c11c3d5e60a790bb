// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {BatchHeader} from "../types/Batch.sol";

/// @title Strict reading of the two proof encodings of API.md, in calldata and without copies.
/// @notice Exactly one byte string encodes a value: offsets, lengths and padding are compared. Meaning is not judged.
library ProofCodec {
    uint256 internal constant HEADER_BYTES = 640;

    /// @notice The bytes are not the ABI encoding wanted.
    /// @param position byte at which they depart from it; equal to the length when the length is wrong
    error ProofMalformed(uint256 position, uint256 expected, uint256 got);

    /// @notice Reads abi.encode(BatchHeader header, bytes snark).
    function decodeBatch(bytes calldata proof)
        internal
        pure
        returns (BatchHeader calldata header, bytes calldata snark)
    {
        uint256 tail = HEADER_BYTES + 32;
        if (proof.length < tail + 32) revert ProofMalformed(proof.length, tail + 32, proof.length);
        _checkWord(proof, HEADER_BYTES, tail);
        uint256 size = uint256(bytes32(proof[tail:tail + 32]));
        uint256 start = tail + 32;
        // Compared before rounding, so that a huge size cannot wrap around.
        if (size > proof.length - start) revert ProofMalformed(tail, proof.length - start, size);
        uint256 end = start + ((size + 31) & ~uint256(31));
        if (proof.length != end) revert ProofMalformed(proof.length, end, proof.length);
        snark = proof[start:start + size];
        checkPadding(snark, start);
        assembly ("memory-safe") {
            header := proof.offset
        }
    }

    /// @notice Reads abi.encode(uint256 batchId, uint256 index, bytes32[] path).
    function decodeClaim(bytes calldata proof)
        internal
        pure
        returns (uint256 batchId, uint256 index, bytes32[] calldata path)
    {
        if (proof.length < 128) revert ProofMalformed(proof.length, 128, proof.length);
        _checkWord(proof, 64, 96);
        uint256 levels = (proof.length - 128) / 32;
        _checkWord(proof, 96, levels);
        if (proof.length != 128 + 32 * levels) {
            revert ProofMalformed(proof.length, 128 + 32 * levels, proof.length);
        }
        batchId = uint256(bytes32(proof[:32]));
        index = uint256(bytes32(proof[32:64]));
        assembly ("memory-safe") {
            path.offset := add(proof.offset, 128)
            path.length := levels
        }
    }

    /// @notice Hash under which L1 stores the header.
    function hashHeader(BatchHeader calldata header) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            calldatacopy(buffer, header, HEADER_BYTES)
            hash := keccak256(buffer, HEADER_BYTES)
        }
    }

    /// @notice Refuses a byte other than zero between the end of `data` and the next multiple of 32 from its start.
    /// @param start position of `data` in what the error is about
    function checkPadding(bytes calldata data, uint256 start) internal pure {
        uint256 length = data.length;
        uint256 used = length & 31;
        uint256 word;
        assembly ("memory-safe") {
            word := shl(shl(3, used), calldataload(add(data.offset, sub(length, used))))
        }
        if (used == 0 || word == 0) return;
        for (; word >> 248 == 0; word <<= 8) {
            ++length;
        }
        revert ProofMalformed(start + length, 0, word >> 248);
    }

    function _checkWord(bytes calldata proof, uint256 position, uint256 expected) private pure {
        uint256 got = uint256(bytes32(proof[position:position + 32]));
        if (got != expected) revert ProofMalformed(position, expected, got);
    }
}
