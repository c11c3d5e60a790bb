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
import {HeaderArchive, HeaderTree} from "./libraries/HeaderArchive.sol";
import {ProofCodec} from "./libraries/ProofCodec.sol";
import {IVerifier} from "./proof/IVerifier.sol";
import {PublicInputs} from "./proof/PublicInputs.sol";
import {BatchHeader, BatchInput, Settings} from "./types/Batch.sol";
import {OperationLibrary} from "./types/Operation.sol";
import {Position, PositionLibrary} from "./types/Position.sol";

/// @title The rollup: batches are committed by the sequencer with their data, and finalised by anyone with a proof.
/// @notice Commit binds data to a header and stores its hash; finalise believes a header only with a proof whose public
/// inputs are that header. Value moves on finalised batches alone (Bridge). No proxy, no owner, no receive function.
contract Rollup is Exits, IDisputable, IGuarded, IGoverned {
    using HeaderArchive for HeaderTree;

    /// Leaves of the id tree: a batch has at most this many sequence numbers.
    uint256 private constant MAX_ITEMS = 1 << 16;
    uint256 private constant CHUNKS = 1;
    uint256 private constant HEADER_BYTES = 640;
    /// Batches whose header hash and time of commit are kept: one that so many others followed cannot be proven.
    uint256 private constant RING = 256;
    uint256 private constant TIME_WORDS = RING / 8;
    /// What a word holds before its first use, so that no call pays for a new one; never a hash.
    uint256 private constant OPENED = 1;
    /// Nobody has its key.
    address private constant NOBODY = address(1);

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
    Position private _committed;
    Position private _finalised;
    /// @dev Who the bonds last admitted to commit; NOBODY where they have to be asked.
    address private _admitted = NOBODY;
    /// @dev Header hashes of the last commits, each word used again; those of batches taken back among them.
    bytes32[RING] private _ring;
    /// @dev L1 times of the last commits in seconds since the deployment, eight to a word, each word used again.
    uint256[TIME_WORDS] private _commitTimes;
    HeaderTree private _archive;
    /// @dev Header hashes of finalised batches that somebody has read back from the archive.
    mapping(uint256 batchId => bytes32) private _restored;

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
        _committed = PositionLibrary.pack(0, 0, 0, 0, genesisRoot);
        _finalised = _committed;
        for (uint256 i = 0; i < RING; ++i) {
            _ring[i] = bytes32(OPENED);
        }
        for (uint256 i = 0; i < TIME_WORDS; ++i) {
            _commitTimes[i] = OPENED;
        }
        _archive.open();
    }

    // ------------------------------------------------------------------ commit

    /// @inheritdoc IRollup
    function commitBatch(
        BatchInput calldata input,
        bytes calldata operations,
        bytes calldata transactions,
        bytes calldata signatures
    ) external {
        Position parent = _committed;
        if (parent.isClosed()) revert EscapeOpen(_escapedAt);
        if (msg.sender != _admitted) _admit(msg.sender);
        // An account without code can only make a transaction's own call, so tx.input is exactly this calldata.
        if (msg.sender != tx.origin || msg.sender.code.length != 0) revert NotTopLevel();
        _checkCalldata(operations, transactions, signatures);
        _checkClaims(input, parent, operations.length / OperationLibrary.RECORD_BYTES);
        _checkStreams(input, parent, operations, transactions);

        BatchHeader memory header = _buildHeader(input, parent);
        header.withdrawalsRoot =
            _readOperations(input.batchId, parent.endQueue(), input.endQueue, operations, signatures);
        CalldataLane.bind(header, domain, _chainId, operations, transactions);
        _store(header, parent.staleUntil());
    }

    /// @inheritdoc IRollup
    function admitSequencer() external {
        _admit(IBonds(bonds).sequencer());
    }

    /// @dev Asked once: from here on the bonds say when their answer is no longer so (forgetSequencer).
    function _admit(address candidate) private {
        IBonds(bonds).checkCommit(candidate);
        _admitted = candidate;
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
        // The decoder has bounded offsets and lengths by the length of the calldata.
        unchecked {
            if (offset != start + 32) revert CalldataMalformed(start + 32, offset);
            end = offset + ((data.length + 31) & ~uint256(31));
        }
        ProofCodec.checkPadding(data, 0);
    }

    function _checkClaims(BatchInput calldata input, Position parent, uint256 operationCount) private view {
        uint256 next = parent.batchId() + 1;
        if (input.batchId != next) revert NotNext(next, input.batchId);
        // A slip of the sequencer's, caught early: of another root with the same tag finalise is the judge.
        if (PositionLibrary.tagOf(input.oldRoot) != parent.rootTag()) {
            revert WrongRoot(bytes32(parent.rootTag()), input.oldRoot);
        }
        if (input.time < parent.time() || input.time > block.timestamp) {
            revert TimeOutOfRange(parent.time(), block.timestamp, input.time);
        }
        if (input.chunks != CHUNKS) revert WrongChunks(CHUNKS, input.chunks);
        uint256 lowest = parent.endSequence() + operationCount;
        uint256 highest = parent.endSequence() + MAX_ITEMS;
        if (input.endSequence < lowest || input.endSequence > highest) {
            revert SequenceOutOfRange(lowest, highest, input.endSequence);
        }
        _checkField(input.newRoot);
        _checkField(input.idRoot);
        _checkField(input.txC);
        _checkField(input.opC);
    }

    /// @dev Lengths, and the chunk header against the claims: a batch that could never be proven is refused here.
    function _checkStreams(
        BatchInput calldata input,
        Position parent,
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
        uint256 claimed = input.endSequence - parent.endSequence();
        if (items != claimed) revert WrongChunkHeader(claimed, items);
    }

    function _checkField(bytes32 value) private pure {
        if (uint256(value) >= BabyJubJub.R) revert NotInField(uint256(value));
    }

    function _buildHeader(BatchInput calldata input, Position parent) private view returns (BatchHeader memory header) {
        header.batchId = input.batchId;
        header.time = input.time;
        header.oldRoot = input.oldRoot;
        header.newRoot = input.newRoot;
        header.firstSequence = parent.endSequence();
        header.endSequence = input.endSequence;
        header.firstQueue = parent.endQueue();
        header.endQueue = input.endQueue;
        header.idRoot = input.idRoot;
        header.txC = input.txC;
        header.opC = input.opC;
        header.dataMode = dataMode;
        header.chunks = CHUNKS;
        header.blockHash = input.blockHash;
    }

    /// @dev In memory a header is its own ABI encoding: twenty words, hashed and logged as they lie there.
    function _store(BatchHeader memory header, uint256 staleUntil) private {
        uint256 batchId = header.batchId;
        bytes32 topic = BatchCommitted.selector;
        bytes32 hash;
        assembly ("memory-safe") {
            hash := keccak256(header, HEADER_BYTES)
            log3(header, HEADER_BYTES, topic, batchId, hash)
        }
        _ring[batchId % RING] = hash;
        // A batch of this number that was taken back may have left a root that this one does not have.
        if (header.withdrawalsRoot != 0 || batchId <= staleUntil) withdrawalsRoot[batchId] = header.withdrawalsRoot;
        _keepTime(batchId);
        Position reached =
            PositionLibrary.pack(batchId, header.time, header.endSequence, header.endQueue, header.newRoot);
        _committed = reached.withStale(staleUntil);
    }

    /// @dev A batch that is committed again after a revert has its new time.
    function _keepTime(uint256 batchId) private {
        uint256 place = (batchId >> 3) % TIME_WORDS;
        uint256 shift = 32 * (batchId & 7);
        uint256 kept = _commitTimes[place] & ~(uint256(type(uint32).max) << shift);
        _commitTimes[place] = kept | (_age() << shift);
    }

    /// @inheritdoc IRollup
    function commitTime(uint256 batchId) external view returns (uint256) {
        if (!_isKept(batchId, _committed, _finalised)) return 0;
        return _deployedAt + uint32(_commitTimes[(batchId >> 3) % TIME_WORDS] >> (32 * (batchId & 7)));
    }

    function _closeChain() internal override {
        _committed = _committed.close();
    }

    // ------------------------------------------------------------------ finalise

    /// @inheritdoc IL2Bridge
    function finalizeBatch(uint256 batchId, bytes32 newStateRoot, bytes calldata proof) external whenOpen {
        (BatchHeader calldata header, bytes calldata snark) = ProofCodec.decodeBatch(proof);
        Position parent = _finalised;
        uint256 next = parent.batchId() + 1;
        if (batchId != next) revert NotNext(next, batchId);
        bytes32 stored = _findHeader(batchId, parent);
        bytes32 got = ProofCodec.hashHeader(header);
        if (stored == 0 || got != stored) revert WrongHeader(stored, got);
        if (header.newRoot != newStateRoot) revert WrongRoot(header.newRoot, newStateRoot);
        if (header.oldRoot != stateRoot) revert WrongRoot(stateRoot, header.oldRoot);
        if (!_isProven(header, snark)) revert ProofRejected(batchId);

        stateRoot = newStateRoot;
        Position reached = PositionLibrary.pack(batchId, header.time, header.endSequence, header.endQueue, newStateRoot);
        _finalised = reached.withRevertedAt(parent.revertedAt());
        _archive.append(batchId, got);
        emit BatchFinalized(batchId, newStateRoot);
        if (_challenged) IBonds(bonds).onFinalize(batchId, msg.sender);
    }

    /// @inheritdoc IL2Bridge
    function verifyStateCommitment(bytes32 root, bytes calldata proof) external view returns (bool) {
        (BatchHeader calldata header, bytes calldata snark) = ProofCodec.decodeBatch(proof);
        uint256 batchId = header.batchId;
        Position last = _finalised;
        if (batchId == 0 || batchId > last.batchId()) return false;
        if (ProofCodec.hashHeader(header) != _findHeader(batchId, last) || header.newRoot != root) return false;
        return _isProven(header, snark);
    }

    function _isProven(BatchHeader calldata header, bytes calldata snark) private view returns (bool) {
        return IVerifier(_verifier).verify(snark, PublicInputs.build(header, domain, emptyIdRoot));
    }

    // ------------------------------------------------------------------ headers

    /// @inheritdoc IRollup
    function restoreHeader(uint256 batchId, bytes32[] calldata hashes) external {
        uint256 last = _finalised.batchId();
        if (batchId == 0 || batchId > last) revert NotFinalised(batchId, last);
        bytes32 hash = _archive.read(last, batchId, hashes);
        _restored[batchId] = hash;
        emit HeaderRestored(batchId, hash);
    }

    /// @dev Hash of the header of a committed batch, 0 where it is in no slot. `finalised_` is the finalised position.
    function _findHeader(uint256 batchId, Position finalised_) private view returns (bytes32) {
        return _isKept(batchId, _committed, finalised_) ? _ring[batchId % RING] : _restored[batchId];
    }

    /// @dev Whether the rings still hold what the last commit of this number left there. A batch that was there when
    /// others were taken back may have lost its place to one of them; all others know only of what is committed now.
    function _isKept(uint256 batchId, Position committed_, Position finalised_) private pure returns (bool) {
        uint256 newest = committed_.batchId();
        if (batchId == 0 || batchId > newest) return false;
        if (batchId <= finalised_.revertedAt() && committed_.staleUntil() > newest) newest = committed_.staleUntil();
        return newest - batchId < RING;
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
        uint256 last = _committed.batchId();
        uint256 stale = _committed.staleUntil();
        Position reached = _finalised;
        emit BatchesReverted(reached.batchId() + 1, last);
        _committed = reached.withStale(last > stale ? last : stale);
        _finalised = reached.withRevertedAt(reached.batchId());
    }

    /// @inheritdoc IDisputable
    function forgetSequencer() external {
        _checkBonds();
        _admitted = NOBODY;
    }

    function _checkBonds() private view {
        if (msg.sender != bonds) revert NotBonds(bonds, msg.sender);
    }

    /// @inheritdoc IGuarded
    function setGuarded(bool guarded) external {
        _checkBreakers();
        _guarded = guarded;
    }

    /// @inheritdoc IGuarded
    function setTokenGuarded(address token, bool guarded) external {
        _checkBreakers();
        _accounts[token].isGuarded = guarded;
    }

    function _checkBreakers() private view {
        if (msg.sender != breakers) revert NotBreakers(breakers, msg.sender);
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
    function headerHash(uint256 batchId) external view returns (bytes32) {
        return _findHeader(batchId, _finalised);
    }

    /// @inheritdoc IRollup
    function archive() external view returns (bytes32[3] memory) {
        return _archive.newest;
    }

    /// @inheritdoc IRollup
    function committed() external view returns (uint64, uint64, uint64, uint64) {
        return _unpack(_committed);
    }

    /// @inheritdoc IRollup
    function finalised() external view returns (uint64, uint64, uint64, uint64) {
        return _unpack(_finalised);
    }

    function _unpack(Position at_) private pure returns (uint64, uint64, uint64, uint64) {
        return (uint64(at_.batchId()), uint64(at_.time()), uint64(at_.endSequence()), uint64(at_.endQueue()));
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
        return _committed.batchId();
    }

    /// @inheritdoc IRollup
    function lastFinalised() external view returns (uint256) {
        return _finalised.batchId();
    }

    /// @inheritdoc IRollup
    function queueHead() external view returns (uint256) {
        return _finalised.endQueue();
    }

    function _lastFinalised() internal view override returns (uint256) {
        return _finalised.batchId();
    }

    function _consumed() internal view override returns (uint256) {
        return _finalised.endQueue();
    }

    function _finalisedTime() internal view override returns (uint256) {
        return _finalised.time();
    }

    function _provenRoot() internal view override returns (bytes32) {
        return stateRoot;
    }
}
