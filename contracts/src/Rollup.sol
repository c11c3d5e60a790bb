// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Bridge} from "./Bridge.sol";
import {Exits} from "./Exits.sol";
import {CalldataLane} from "./da/CalldataLane.sol";
import {IBonds, IDisputable} from "./interfaces/IBonds.sol";
import {IBreakers, IGuarded} from "./interfaces/IBreakers.sol";
import {IGoverned} from "./interfaces/IGoverned.sol";
import {IGovernor} from "./interfaces/IGovernor.sol";
import {IL2Bridge} from "./interfaces/IL2Bridge.sol";
import {IRollup} from "./interfaces/IRollup.sol";
import {BabyJubJub} from "./libraries/BabyJubJub.sol";
import {ProofCodec} from "./libraries/ProofCodec.sol";
import {IVerifier} from "./proof/IVerifier.sol";
import {PublicInputs} from "./proof/PublicInputs.sol";
import {BatchHeader, BatchInput, Position, Settings} from "./types/Batch.sol";
import {OperationLibrary} from "./types/Operation.sol";

/// @title The rollup: batches are committed by the sequencer with their data, and finalised by anyone with a proof.
/// @notice Commit binds data to a header and stores its hash; finalise believes a header only with a proof whose public
/// inputs are that header. Value moves on finalised batches alone (Bridge). No proxy, no owner, no receive function.
contract Rollup is Exits, IDisputable, IGuarded, IGoverned {
    /// Leaves of the id tree: a batch has at most this many sequence numbers.
    uint256 private constant MAX_ITEMS = 1 << 16;
    uint256 private constant CHUNKS = 1;

    /// @inheritdoc IRollup
    address public immutable bonds;
    /// @inheritdoc IRollup
    address public immutable governor;
    /// @inheritdoc IRollup
    bytes32 public immutable emptyIdRoot;
    /// @inheritdoc IRollup
    uint256 public immutable domain;
    /// @inheritdoc IRollup
    uint8 public immutable dataMode;
    uint256 private immutable _chainId = block.chainid;

    /// @inheritdoc IRollup
    bytes32 public stateRoot;
    /// @inheritdoc IRollup
    bytes32 public committedRoot;
    /// @inheritdoc IRollup
    Position public committed;
    /// @inheritdoc IRollup
    Position public finalised;
    /// @dev May hold hashes of reverted batches above `committed`.
    mapping(uint256 batchId => bytes32) private _headerHash;

    /// @param verifier_ contract that holds the verifying key
    /// @param genesisRoot root of the state with only the sentinel
    /// @param emptyIdRoot_ root of the id tree over zeros
    /// @param tokenFee_ wei, at least 0.05 ETH
    /// @param dataMode_ 0, calldata
    /// @param settings the contracts beside this one, each made for this address, and the two deadlines in seconds
    constructor(
        address verifier_,
        bytes32 genesisRoot,
        bytes32 emptyIdRoot_,
        uint256 tokenFee_,
        uint8 dataMode_,
        Settings memory settings
    )
        Bridge(tokenFee_, settings.breakers)
        Exits(settings.accountReader, settings.forcedDeadline, settings.finalityDeadline)
    {
        _setVerifier(verifier_);
        if (IBonds(settings.bonds).rollup() != address(this)) revert BadConfiguration(1);
        if (genesisRoot == 0 || uint256(genesisRoot) >= BabyJubJub.R) revert BadConfiguration(2);
        if (emptyIdRoot_ == 0 || uint256(emptyIdRoot_) >= BabyJubJub.R) revert BadConfiguration(3);
        if (dataMode_ != CalldataLane.MODE) revert BadConfiguration(5);
        if (IGovernor(settings.governor).rollup() != address(this)) revert BadConfiguration(10);
        if (
            IBreakers(settings.breakers).rollup() != address(this)
                || IBreakers(settings.breakers).governor() != settings.governor
        ) revert BadConfiguration(9);
        (bonds, governor) = (settings.bonds, settings.governor);
        emptyIdRoot = emptyIdRoot_;
        dataMode = dataMode_;
        domain = uint248(uint256(keccak256(abi.encode("l2rollup", block.chainid, address(this)))));
        stateRoot = genesisRoot;
        committedRoot = genesisRoot;
    }

    // ------------------------------------------------------------------ commit

    /// @inheritdoc IRollup
    function commitBatch(
        BatchInput calldata input,
        bytes calldata operations,
        bytes calldata transactions,
        bytes calldata signatures
    ) external whenOpen {
        IBonds(bonds).onCommit(msg.sender, input.batchId);
        // An account without code can only make a transaction's own call, so tx.input is exactly this calldata.
        if (msg.sender != tx.origin || msg.sender.code.length != 0) revert NotTopLevel();
        _checkCalldata(operations, transactions, signatures);
        Position memory parent = committed;
        _checkClaims(input, parent, operations.length / OperationLibrary.RECORD_BYTES);
        _checkStreams(input, parent, operations, transactions);

        BatchHeader memory header = _buildHeader(input, parent);
        header.withdrawalsRoot = _readOperations(input.batchId, parent.endQueue, input.endQueue, operations, signatures);
        CalldataLane.bind(header, domain, _chainId, operations, transactions);
        _store(header);
    }

    /// @dev One encoding for one call: heads and tails where abi.encode puts them, nothing between, zero padding.
    function _checkCalldata(bytes calldata operations, bytes calldata transactions, bytes calldata signatures)
        private
        pure
    {
        // Selector, 11 words of input, 3 offsets.
        uint256 end = _checkTail(operations, 4 + 14 * 32);
        end = _checkTail(transactions, end);
        end = _checkTail(signatures, end);
        if (msg.data.length != end) revert CalldataMalformed(end, msg.data.length);
    }

    function _checkTail(bytes calldata data, uint256 start) private pure returns (uint256 end) {
        uint256 offset;
        assembly ("memory-safe") {
            offset := data.offset
        }
        if (offset != start + 32) revert CalldataMalformed(start + 32, offset);
        end = offset + ((data.length + 31) & ~uint256(31));
        if (end > msg.data.length) revert CalldataMalformed(end, msg.data.length);
        ProofCodec.checkPadding(msg.data[offset:end], data.length);
    }

    function _checkClaims(BatchInput calldata input, Position memory parent, uint256 operationCount) private view {
        uint256 next = uint256(parent.batchId) + 1;
        if (input.batchId != next) revert NotNext(next, input.batchId);
        if (input.oldRoot != committedRoot) revert WrongRoot(committedRoot, input.oldRoot);
        if (input.time < parent.time || input.time > block.timestamp) {
            revert TimeOutOfRange(parent.time, block.timestamp, input.time);
        }
        if (input.chunks != CHUNKS) revert WrongChunks(CHUNKS, input.chunks);
        uint256 lowest = parent.endSequence + operationCount;
        uint256 highest = parent.endSequence + MAX_ITEMS;
        if (input.endSequence < lowest || input.endSequence > highest) {
            revert SequenceOutOfRange(lowest, highest, input.endSequence);
        }
        if (input.endQueue < parent.endQueue || input.endQueue > queueLength()) {
            revert WrongQueueEnd(queueLength(), input.endQueue);
        }
        _checkField(input.newRoot);
        _checkField(input.idRoot);
        _checkField(input.txC);
        _checkField(input.opC);
    }

    /// @dev Lengths, and the chunk header against the claims: a batch that could never be proven is refused here.
    function _checkStreams(
        BatchInput calldata input,
        Position memory parent,
        bytes calldata operations,
        bytes calldata transactions
    ) private pure {
        uint256 unit = OperationLibrary.RECORD_BYTES;
        if (operations.length % unit != 0) revert WrongLength(unit, 0, operations.length);
        unit = CalldataLane.WORD_BYTES;
        if (transactions.length % unit != 0 || transactions.length < CalldataLane.MIN_BYTES) {
            revert WrongLength(unit, CalldataLane.MIN_BYTES, transactions.length);
        }
        (uint256 version, uint256 time, uint256 items) = CalldataLane.readChunkHeader(transactions);
        if (version != CalldataLane.VERSION) revert WrongChunkHeader(CalldataLane.VERSION, version);
        if (time != input.time) revert WrongChunkHeader(input.time, time);
        uint256 claimed = input.endSequence - parent.endSequence;
        if (items != claimed) revert WrongChunkHeader(claimed, items);
    }

    function _checkField(bytes32 value) private pure {
        if (uint256(value) >= BabyJubJub.R) revert NotInField(uint256(value));
    }

    function _buildHeader(BatchInput calldata input, Position memory parent)
        private
        view
        returns (BatchHeader memory header)
    {
        header.batchId = input.batchId;
        header.time = input.time;
        header.oldRoot = input.oldRoot;
        header.newRoot = input.newRoot;
        header.firstSequence = parent.endSequence;
        header.endSequence = input.endSequence;
        header.firstQueue = parent.endQueue;
        header.endQueue = input.endQueue;
        header.idRoot = input.idRoot;
        header.txC = input.txC;
        header.opC = input.opC;
        header.dataMode = dataMode;
        header.chunks = CHUNKS;
        header.blockHash = input.blockHash;
    }

    function _store(BatchHeader memory header) private {
        bytes32 hash = keccak256(abi.encode(header));
        _headerHash[header.batchId] = hash;
        // A reverted batch of this number may have left one that this batch does not have.
        if (header.withdrawalsRoot != withdrawalsRoot[header.batchId]) {
            withdrawalsRoot[header.batchId] = header.withdrawalsRoot;
        }
        committedRoot = header.newRoot;
        committed = _toPosition(header.batchId, header.time, header.endSequence, header.endQueue);
        emit BatchCommitted(header.batchId, hash, header);
    }

    /// @dev All four are below 2^64: time is at most block.timestamp, the others grow by bounded steps.
    function _toPosition(uint256 batchId, uint256 time, uint256 endSequence, uint256 endQueue)
        private
        pure
        returns (Position memory)
    {
        return Position(uint64(batchId), uint64(time), uint64(endSequence), uint64(endQueue));
    }

    // ------------------------------------------------------------------ finalise

    /// @inheritdoc IL2Bridge
    function finalizeBatch(uint256 batchId, bytes32 newStateRoot, bytes calldata proof) external whenOpen {
        (BatchHeader calldata header, bytes calldata snark) = ProofCodec.decodeBatch(proof);
        uint256 next = uint256(finalised.batchId) + 1;
        if (batchId != next) revert NotNext(next, batchId);
        bytes32 stored = headerHash(batchId);
        bytes32 got = ProofCodec.hashHeader(header);
        if (stored == 0 || got != stored) revert WrongHeader(stored, got);
        if (header.newRoot != newStateRoot) revert WrongRoot(header.newRoot, newStateRoot);
        if (header.oldRoot != stateRoot) revert WrongRoot(stateRoot, header.oldRoot);
        if (!_isProven(header, snark)) revert ProofRejected(batchId);

        stateRoot = newStateRoot;
        finalised = _toPosition(batchId, header.time, header.endSequence, header.endQueue);
        emit BatchFinalized(batchId, newStateRoot);
        if (_challenged) IBonds(bonds).onFinalize(batchId, msg.sender);
    }

    /// @inheritdoc IL2Bridge
    function verifyStateCommitment(bytes32 root, bytes calldata proof) external view returns (bool) {
        (BatchHeader calldata header, bytes calldata snark) = ProofCodec.decodeBatch(proof);
        uint256 batchId = header.batchId;
        if (batchId == 0 || batchId > finalised.batchId) return false;
        if (ProofCodec.hashHeader(header) != _headerHash[batchId] || header.newRoot != root) return false;
        return _isProven(header, snark);
    }

    function _isProven(BatchHeader calldata header, bytes calldata snark) private view returns (bool) {
        return IVerifier(_verifier).verify(snark, PublicInputs.build(header, domain, emptyIdRoot));
    }

    // ------------------------------------------------------------------ the contracts beside

    /// @inheritdoc IDisputable
    function setChallenged(bool challenged) external {
        _checkBonds();
        _challenged = challenged;
    }

    /// @inheritdoc IDisputable
    /// @dev Deadlines need no restoring: they count what finalised batches consumed.
    function revertBatches() external whenOpen {
        _checkBonds();
        emit BatchesReverted(uint256(finalised.batchId) + 1, committed.batchId);
        committed = finalised;
        committedRoot = stateRoot;
    }

    function _checkBonds() private view {
        if (msg.sender != bonds) revert NotBonds(bonds, msg.sender);
    }

    /// @inheritdoc IGuarded
    function setGuarded(bool guarded) external {
        if (msg.sender != breakers) revert NotBreakers(breakers, msg.sender);
        _guarded = guarded;
    }

    /// @inheritdoc IGoverned
    function setVerifier(address verifier_) external whenOpen {
        if (msg.sender != governor) revert NotGovernor(governor, msg.sender);
        _setVerifier(verifier_);
    }

    function _setVerifier(address verifier_) private {
        bytes32 digest = verifier_.code.length == 0 ? bytes32(0) : IVerifier(verifier_).vkDigest();
        if (digest == 0) revert BadConfiguration(0);
        _verifier = verifier_;
        emit VerifierChanged(verifier_, digest);
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IRollup
    function sequencer() external view returns (address) {
        return IBonds(bonds).sequencer();
    }

    /// @inheritdoc IRollup
    function headerHash(uint256 batchId) public view returns (bytes32) {
        return batchId > committed.batchId ? bytes32(0) : _headerHash[batchId];
    }

    /// @inheritdoc IRollup
    function verifier() external view returns (address) {
        return _verifier;
    }

    /// @inheritdoc IRollup
    function vkDigest() external view returns (bytes32) {
        return IVerifier(_verifier).vkDigest();
    }

    /// @inheritdoc IRollup
    function lastCommitted() external view returns (uint256) {
        return committed.batchId;
    }

    /// @inheritdoc IRollup
    function lastFinalised() external view returns (uint256) {
        return finalised.batchId;
    }

    /// @inheritdoc IRollup
    function queueHead() external view returns (uint256) {
        return finalised.endQueue;
    }

    function _lastFinalised() internal view override returns (uint256) {
        return finalised.batchId;
    }

    function _consumed() internal view override returns (uint256) {
        return finalised.endQueue;
    }

    function _finalisedTime() internal view override returns (uint256) {
        return finalised.time;
    }

    function _provenRoot() internal view override returns (bytes32) {
        return stateRoot;
    }
}
