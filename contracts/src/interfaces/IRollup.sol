// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {BatchHeader, BatchInput} from "../types/Batch.sol";

/// @title Batches: commit by the sequencer, views. finalizeBatch and verifyStateCommitment are in IL2Bridge.
interface IRollup {
    /// @notice A batch was committed; its data is the calldata of this transaction.
    event BatchCommitted(uint256 indexed batchId, bytes32 indexed headerHash, BatchHeader header);
    /// @notice A batch was proven; `newRoot` is the state root of the rollup from here on.
    event BatchFinalized(uint256 indexed batchId, bytes32 newRoot);

    /// @notice The header hash of a finalised batch was read back from the archive.
    event HeaderRestored(uint256 indexed batchId, bytes32 headerHash);

    /// @notice A constructor argument cannot be used.
    error BadConfiguration(uint256 argument);
    error NotSequencer(address expected, address got);
    /// @notice commitBatch was not the transaction's own call: its data would not be where readers of L1 look.
    error NotTopLevel();
    /// @notice The calldata is not the canonical ABI encoding of the arguments.
    error CalldataMalformed(uint256 expected, uint256 got);
    /// @notice commit: not the batch after the last committed one. finalise: not the one after the last finalised.
    error NotNext(uint256 expected, uint256 got);
    /// @notice commit: `expected` is the low 32 bits of the last committed root, which is all that is kept of it.
    error WrongRoot(bytes32 expected, bytes32 got);
    error WrongHeader(bytes32 expected, bytes32 got);
    /// @notice Well-formed, and the proof does not hold for this batch.
    error ProofRejected(uint256 batchId);
    /// @notice A claimed field element is not below r.
    error NotInField(uint256 value);
    /// @notice Not parent time <= time <= block time.
    error TimeOutOfRange(uint256 earliest, uint256 latest, uint256 got);
    /// @notice The batch must have this many chunks.
    error WrongChunks(uint256 expected, uint256 got);
    /// @notice The range of sequence numbers does not fit the id tree, or not the operations.
    error SequenceOutOfRange(uint256 lowest, uint256 highest, uint256 got);
    /// @notice A stream's length is not a multiple of `unit` bytes, or is below `minimum`.
    error WrongLength(uint256 unit, uint256 minimum, uint256 got);
    /// @notice The chunk header's version, time or item count contradicts the claim.
    error WrongChunkHeader(uint256 expected, uint256 got);
    error UnknownOperation(uint256 position, uint256 kind);
    /// @notice A field that the kind does not have is not zero.
    error OperationMalformed(uint256 position, uint256 kind);
    /// @notice Amount zero, a reserved recipient, or a token without index.
    error WithdrawalRefused(uint256 position, uint256 token, uint256 amount, address recipient);
    /// @notice The record is not the queue's next request (outcome of a forced exit aside).
    error WrongRequest(uint256 queueIndex, bytes32 expected, bytes32 got);
    /// @notice The operations end at another queue position than claimed.
    error WrongQueueEnd(uint256 expected, uint256 got);
    /// @notice The signatures are not 65 bytes for each set_key.
    error WrongSignatures(uint256 expected, uint256 got);
    /// @notice The signature on a set_key is not the account's.
    error WrongSigner(uint256 position, address expected, address got);

    /// @notice Commits the next batch: checks order, time, ranges and every operation, binds the data, stores the hash
    /// of the header. Only the sequencer, and only as the transaction's own call, in canonical ABI encoding.
    /// @param operations records of 150 bytes; transactions: words of 30 bytes, the chunk header first
    /// @param signatures 65 bytes (r, s, v) for each set_key record, in order
    function commitBatch(
        BatchInput calldata input,
        bytes calldata operations,
        bytes calldata transactions,
        bytes calldata signatures
    ) external;

    /// @notice Asks the bonds whether the sequencer may commit, so that its next commit need not. Anyone may call.
    function admitSequencer() external;

    /// @notice The one address that commits: the contract of bonds names it.
    function sequencer() external view returns (address);
    /// @notice Contract that holds the sequencer's bond (IBonds).
    function bonds() external view returns (address);
    /// @notice Contract that alone can replace the verifier, after its delay.
    function governor() external view returns (address);
    function verifier() external view returns (address);
    /// @notice Digest of the verifying key in use.
    function vkDigest() external view returns (bytes32);
    /// @notice Low 248 bits of keccak256(abi.encode("l2rollup", chainId, rollup)).
    function domain() external view returns (uint256);
    /// @notice 0: the transactions are in calldata.
    function dataMode() external view returns (uint8);
    /// @notice Root of the empty id tree.
    function emptyIdRoot() external view returns (bytes32);
    /// @notice Last proven root.
    function stateRoot() external view returns (bytes32);
    function lastCommitted() external view returns (uint256);
    function lastFinalised() external view returns (uint256);
    /// @notice Last committed batch, its time, and the exclusive ends of its sequence and queue ranges.
    function committed() external view returns (uint64 batchId, uint64 time, uint64 endSequence, uint64 endQueue);
    /// @notice The same of the last finalised batch.
    function finalised() external view returns (uint64 batchId, uint64 time, uint64 endSequence, uint64 endQueue);
    /// @notice First queue entry that no finalised batch has consumed.
    function queueHead() external view returns (uint256);
    /// @notice L1 time of the commit of a batch that is committed, 0 where there is none or 256 batches came after it.
    function commitTime(uint256 batchId) external view returns (uint256);
    /// @notice keccak256(abi.encode(header)) of a committed batch, 0 when there is none, and 0 where 256 batches came
    /// after it, or may have come after it before they were taken back, and nobody has restored it.
    function headerHash(uint256 batchId) external view returns (bytes32);
    /// @notice What commits to the headers of all finalised batches (libraries/HeaderArchive.sol).
    function archive() external view returns (bytes32[3] memory);
    /// @notice Has headerHash know a finalised batch for ever. Anyone may call, at any time.
    /// @param hashes entries of the batch's node of each level of the archive, from the header hashes of its 64 batches
    /// upwards to the first node that is not complete (libraries/HeaderArchive.sol)
    function restoreHeader(uint256 batchId, bytes32[] calldata hashes) external;
}
