// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {BatchHeader} from "../types/Batch.sol";

/// @title The 26 public inputs of a batch of one chunk (docs/spec/batch.md, same order).
/// @notice They come from the stored header and from constants, never from the caller of finalizeBatch.
library PublicInputs {
    uint256 internal constant COUNT = 26;

    /// @param domain low 248 bits of keccak256(abi.encode("l2rollup", chainId, rollup))
    /// @param emptyIdRoot root of the empty id tree
    function build(BatchHeader calldata header, uint256 domain, bytes32 emptyIdRoot)
        internal
        pure
        returns (uint256[] memory inputs)
    {
        // Inputs 13, 15, 16 and 20, 22, 23 stay 0: the digests C and y start at 0 in a batch.
        inputs = new uint256[](COUNT);
        inputs[0] = domain;
        inputs[1] = header.time;
        inputs[2] = uint256(header.oldRoot);
        inputs[3] = uint256(header.newRoot);
        inputs[4] = header.firstSequence;
        inputs[5] = header.endSequence;
        inputs[6] = header.firstQueue;
        inputs[7] = header.endQueue;
        inputs[8] = uint256(emptyIdRoot);
        inputs[9] = uint256(header.idRoot);
        inputs[10] = header.firstSequence;
        inputs[11] = header.z;
        inputs[12] = header.txWords;
        inputs[14] = uint256(header.txC);
        inputs[17] = uint128(header.txY);
        inputs[18] = header.txY >> 128;
        inputs[19] = header.opWords;
        inputs[21] = uint256(header.opC);
        inputs[24] = uint128(header.opY);
        inputs[25] = header.opY >> 128;
    }
}
