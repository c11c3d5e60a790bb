// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {BatchHeader} from "./Batch.sol";

// What the contract of bonds reads: signed block headers, receipts, openings of the id tree. Layout only, no rules.
// Twin of docs/spec/batch.md and of python/l2rollup/processor/block.py.

/// @notice What a contract of bonds is set up with, for ever. Amounts in wei, windows in seconds.
/// @param minimumBond below it nothing is committed; 0 is a convenience of development
/// @param challengeBond what a challenge costs where the batch is proven; the prover gets it
/// @param challengeForfeit what a challenge that is not answered takes from the sequencer, at most minimumBond
/// @param filingBond what filing a receipt, or registering a cover, costs where it turns out to be honoured
/// @param proofWindow from the commit of a batch, and challengeWindow from its challenge: the earlier is the deadline
/// @param openingWindow from the filing of a receipt, in which anyone may show that it is honoured
/// @param claimWindow from a slash, in which holders of violated receipts register
/// @param unbondingDelay from startUnbonding, and the time for which the signature of an earlier sequencer counts
struct BondSettings {
    uint128 minimumBond;
    uint128 challengeBond;
    uint128 challengeForfeit;
    uint128 filingBond;
    uint32 proofWindow;
    uint32 challengeWindow;
    uint32 openingWindow;
    uint32 claimWindow;
    uint32 unbondingDelay;
}

/// @notice The header of a block as the sequencer signs it (EIP-712).
struct BlockHeader {
    uint64 number;
    bytes32 parent;
    uint64 firstSequence;
    uint32 count;
    bytes32 leavesRoot;
    uint256 outstandingCover;
    uint64 queueIndex;
    bytes32 queueHash;
    uint64 time;
    uint64 includeBy;
    uint64[] chunkEnds;
    uint64 batchId;
    bytes32 stateRoot;
}

/// @notice A signed header. The signature is r, s, v: 65 bytes.
struct SignedHeader {
    BlockHeader header;
    bytes signature;
}

/// @notice A signed header, one leaf of its tree of receipts, and the path from the leaf upwards.
struct Receipt {
    SignedHeader signed;
    uint256 sequence;
    bytes32 id;
    uint256 cover;
    uint256 index;
    bytes32[] path;
}

/// @notice A receipt by what identifies it: the digest of its header and its leaf.
struct ReceiptName {
    bytes32 digest;
    uint256 sequence;
    bytes32 id;
    uint256 cover;
}

/// @notice A finalised batch, and the three siblings of each level of its id tree, from the leaf upwards.
struct Opening {
    BatchHeader batch;
    uint256[24] siblings;
}
