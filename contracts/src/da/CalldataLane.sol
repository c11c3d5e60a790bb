// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {BatchHeader} from "../types/Batch.sol";
import {BabyJubJub} from "../libraries/BabyJubJub.sol";

/// @title The calldata lane (docs/spec/data.md, "Digests"): binds both data streams of commitBatch to the proof.
/// @notice z hashes the streams and the digests C the proof also shows; y are the streams' values at z. Twin of
/// python/l2rollup/da/calldata.py. It reads no slot: what the transactions mean is the circuit's business.
library CalldataLane {
    uint256 internal constant MODE = 0;
    uint256 internal constant WORD_BYTES = 30;
    uint256 internal constant VERSION = 1;
    /// Two words of chunk header.
    uint256 internal constant MIN_BYTES = 60;
    uint256 private constant CHALLENGE_MASK = (1 << 248) - 1;
    uint256 private constant R = BabyJubJub.R;

    /// @notice Fills in z, both y and both word counts. batchId, txC and opC are set already.
    function bind(
        BatchHeader memory header,
        uint256 domain,
        uint256 chainId,
        bytes calldata operations,
        bytes calldata transactions
    ) internal view {
        header.txWords = transactions.length / WORD_BYTES;
        header.opWords = operations.length / WORD_BYTES;
        bytes32 digest = keccak256(
            abi.encode(
                domain,
                chainId,
                address(this),
                header.batchId,
                header.txWords,
                header.opWords,
                header.txC,
                header.opC,
                keccak256(operations),
                keccak256(transactions)
            )
        );
        header.z = uint256(digest) & CHALLENGE_MASK;
        header.txY = evaluate(transactions, header.z);
        header.opY = evaluate(operations, header.z);
    }

    /// @notice Horner value at z of the stream's words, highest coefficient first, modulo r. The length is a multiple
    /// of 30.
    function evaluate(bytes calldata stream, uint256 z) internal pure returns (uint256 y) {
        uint256 modulus = R;
        assembly ("memory-safe") {
            let cursor := stream.offset
            let end := add(cursor, stream.length)
            // Four words at a time, then what is left.
            for { let last := sub(end, mod(stream.length, 120)) } lt(cursor, last) { cursor := add(cursor, 120) } {
                y := addmod(mulmod(y, z, modulus), shr(16, calldataload(cursor)), modulus)
                y := addmod(mulmod(y, z, modulus), shr(16, calldataload(add(cursor, 30))), modulus)
                y := addmod(mulmod(y, z, modulus), shr(16, calldataload(add(cursor, 60))), modulus)
                y := addmod(mulmod(y, z, modulus), shr(16, calldataload(add(cursor, 90))), modulus)
            }
            for {} lt(cursor, end) { cursor := add(cursor, WORD_BYTES) } {
                y := addmod(mulmod(y, z, modulus), shr(16, calldataload(cursor)), modulus)
            }
        }
    }

    /// @notice Version, time and item count of the first chunk header. The stream has at least MIN_BYTES.
    function readChunkHeader(bytes calldata transactions)
        internal
        pure
        returns (uint256 version, uint256 time, uint256 items)
    {
        uint256 first = uint240(bytes30(transactions[:30]));
        uint256 second = uint240(bytes30(transactions[30:60]));
        version = first >> 224;
        time = uint64(first >> 160);
        items = uint32(second >> 16);
    }
}
