// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBreakers, IGuarded} from "./interfaces/IBreakers.sol";
import {IBridge} from "./interfaces/IBridge.sol";
import {IRollup} from "./interfaces/IRollup.sol";
import {ProofCodec} from "./libraries/ProofCodec.sol";
import {IVerifier} from "./proof/IVerifier.sol";
import {PublicInputs} from "./proof/PublicInputs.sol";
import {BatchHeader} from "./types/Batch.sol";

/// @title Breakers: what makes a claim wait, and closes deposits (docs/spec/bridge.md, Breakers and governance).
/// @notice Buckets slow a theft down to a share of each token a day, a guardian can pause once in a month, and anyone
/// trips on a fact: a token that is short, a verifier that contradicts itself. All of it ends by itself within three
/// days, none of it stops a way out, and no value is ever here.
contract Breakers is IBreakers {
    /// @dev One slot a token. `level`: what left sooner than DELAY, draining to 0 within `window` from `updated` on;
    /// below 2^120 as all of a token.
    struct Bucket {
        uint120 level;
        uint40 updated;
        uint16 share;
        bool isShareSet;
        bool isTripped;
    }

    /// @dev One slot.
    struct Pauses {
        uint64 depositsUntil;
        uint64 claimsUntil;
        uint64 lastPause;
    }

    uint8 private constant DEPOSITS = 1;
    uint8 private constant CLAIMS = 2;
    uint64 private constant PAUSE = 72 hours;
    uint256 private constant PAUSE_EVERY = 30 days;
    /// A claim over the bucket, or of a token that is short, waits this long.
    uint256 private constant DELAY = 3 days;
    uint256 private constant WHOLE = 10_000;
    uint256 private constant NO_LIMIT = type(uint256).max;
    uint256 private constant MIN_WINDOW = 1 hours;
    uint256 private constant MAX_WINDOW = 7 days;
    /// Gas with which a token is asked for its balance, and what must be left for the rest.
    uint256 private constant TOKEN_GAS = 200_000;
    uint256 private constant SPARE_GAS = 100_000;

    /// @inheritdoc IBreakers
    address public immutable rollup;
    /// @inheritdoc IBreakers
    address public immutable governor;
    /// @inheritdoc IBreakers
    uint256 public immutable window;
    uint256 private immutable _share;
    /// @inheritdoc IBreakers
    address public guardian;
    /// @inheritdoc IBreakers
    address public offeredTo;
    /// @dev End of the pause that two opposed proofs set off.
    uint64 private _brokenUntil;
    Pauses private _pauses;
    mapping(address token => Bucket) private _buckets;
    mapping(uint256 batchId => bool) private _trippedBatches;

    /// @param rollup_ the rollup; it may not be deployed yet
    /// @param guardian_ who may pause; address 0: nobody
    /// @param share_ of what is owed in a token, hundredths of a percent that leave at once within a window; 10,000: all
    /// @param window_ seconds, an hour to seven days
    constructor(address rollup_, address governor_, address guardian_, uint16 share_, uint256 window_) {
        if (share_ == 0 || share_ > WHOLE) revert BadSetting(0, WHOLE, share_);
        if (window_ < MIN_WINDOW) revert BadSetting(1, MIN_WINDOW, window_);
        if (window_ > MAX_WINDOW) revert BadSetting(1, MAX_WINDOW, window_);
        (rollup, governor, guardian) = (rollup_, governor_, guardian_);
        (_share, window) = (share_, window_);
        // Opens the bucket of ETH; those of tokens are opened when they are registered.
        _buckets[address(0)].updated = uint40(block.timestamp);
    }

    // ------------------------------------------------------------------ the rollup's questions

    /// @inheritdoc IBreakers
    function admit(address token, uint256 amount) external returns (uint256) {
        if (msg.sender != rollup) revert NotRollup(rollup, msg.sender);
        // What a pause holds is paid when it ends, so it is of the bucket then: a bucket does not drain in a pause, and
        // nobody gets out by claiming in its last second.
        uint256 paidAt = block.timestamp < _pauses.claimsUntil ? _pauses.claimsUntil : block.timestamp;
        Bucket storage bucket = _buckets[token];
        if (bucket.isTripped) return DELAY;
        (uint256 capacity, uint256 level) = _read(token);
        if (capacity != NO_LIMIT) {
            // Compared without a sum, so for any amount; the level is at most a capacity, so below 2^120.
            if (level > capacity || amount > capacity - level) return DELAY;
            bucket.level = uint120(level + amount);
            bucket.updated = uint40(paidAt);
        }
        return paidAt - block.timestamp;
    }

    /// @inheritdoc IBreakers
    function depositsOpen(address token) external view returns (bool) {
        return block.timestamp >= _pauses.depositsUntil && !_buckets[token].isTripped;
    }

    /// @dev What may leave within a window of what is owed now, and what of it has. A share of all is no limit.
    function _read(address token) private view returns (uint256 capacity, uint256 level) {
        Bucket memory bucket = _buckets[token];
        uint256 share = bucket.isShareSet ? bucket.share : _share;
        if (share == WHOLE) return (NO_LIMIT, 0);
        capacity = IBridge(rollup).escrowed(token) * share / WHOLE;
        uint256 elapsed = block.timestamp > bucket.updated ? block.timestamp - bucket.updated : 0;
        uint256 drained = capacity * elapsed / window;
        level = bucket.level > drained ? bucket.level - drained : 0;
    }

    // ------------------------------------------------------------------ the guardian

    /// @inheritdoc IBreakers
    function pause(uint8 scope) external {
        _checkGuardian();
        if (scope == 0 || scope > DEPOSITS + CLAIMS) revert UnknownScope(scope);
        Pauses memory pauses_ = _pauses;
        uint256 earliest = pauses_.lastPause + PAUSE_EVERY;
        if (pauses_.lastPause != 0 && block.timestamp < earliest) revert PauseTooSoon(earliest, block.timestamp);
        pauses_.lastPause = uint64(block.timestamp);
        _pauses = pauses_;
        uint64 until = uint64(block.timestamp) + PAUSE;
        emit Paused(scope, until);
        _pauseUntil(scope, until);
    }

    /// @inheritdoc IBreakers
    function unpause() external {
        _checkGuardian();
        // A pause that a broken proof set off is nobody's to end.
        if (block.timestamp < _brokenUntil) revert StillGuarded();
        emit Unpaused();
        (_pauses.depositsUntil, _pauses.claimsUntil) = (0, 0);
    }

    /// @inheritdoc IBreakers
    function offerGuardian(address successor) external {
        _checkGuardian();
        offeredTo = successor;
        emit GuardianOffered(successor);
    }

    /// @inheritdoc IBreakers
    function acceptGuardian() external {
        if (msg.sender != offeredTo) revert NotGuardian(offeredTo, msg.sender);
        _setGuardian(msg.sender);
    }

    /// @inheritdoc IBreakers
    function setGuardian(address guardian_) external {
        _checkGovernor();
        _setGuardian(guardian_);
    }

    function _setGuardian(address guardian_) private {
        (guardian, offeredTo) = (guardian_, address(0));
        emit GuardianChanged(guardian_);
    }

    /// @inheritdoc IBreakers
    function setShare(address token, bool set, uint16 share) external {
        _checkGovernor();
        if (set ? share == 0 || share > WHOLE : share != 0) revert BadSetting(0, set ? WHOLE : 0, share);
        (_buckets[token].isShareSet, _buckets[token].share) = (set, share);
        emit ShareChanged(token, set, share);
    }

    function _checkGuardian() private view {
        if (guardian == address(0) || msg.sender != guardian) revert NotGuardian(guardian, msg.sender);
    }

    function _checkGovernor() private view {
        if (msg.sender != governor) revert NotGovernor(governor, msg.sender);
    }

    // ------------------------------------------------------------------ trips

    /// @inheritdoc IBreakers
    function tripBalance(address token) external {
        uint256 owed = IBridge(rollup).escrowed(token);
        uint256 balance = token == address(0) ? rollup.balance : _askBalance(token);
        bool short = balance < owed;
        if (short == _buckets[token].isTripped) revert NothingToTrip(token, balance, owed);
        _buckets[token].isTripped = short;
        emit BalanceTripped(token, short, balance, owed);
        IGuarded(rollup).setTokenGuarded(token, short);
    }

    /// @dev A token that cannot be asked has nothing. It gets a fixed amount of gas, so that no caller can make a sound
    /// token fail, and no more than a word of its answer is read.
    function _askBalance(address token) private view returns (uint256 held) {
        uint256 needed = TOKEN_GAS * 64 / 63 + SPARE_GAS;
        if (gasleft() < needed) revert GasTooLow(needed, gasleft());
        bytes memory question = abi.encodeWithSignature("balanceOf(address)", rollup);
        assembly ("memory-safe") {
            let done := staticcall(TOKEN_GAS, token, add(question, 32), mload(question), 0, 32)
            if and(done, gt(returndatasize(), 31)) { held := mload(0) }
        }
    }

    /// @inheritdoc IBreakers
    function tripProof(bytes calldata proofA, bytes calldata proofB) external {
        (BatchHeader calldata a, bytes calldata snarkA) = ProofCodec.decodeBatch(proofA);
        (BatchHeader calldata b, bytes calldata snarkB) = ProofCodec.decodeBatch(proofB);
        uint256 batchId = a.batchId;
        if (_trippedBatches[batchId]) revert AlreadyTripped(batchId);
        bytes32 stored = IRollup(rollup).headerHash(batchId);
        bytes32 got = ProofCodec.hashHeader(a);
        if (stored == 0 || got != stored) revert WrongHeader(stored, got);
        _checkOpposed(a, b, stored);
        _checkProof(a, snarkA, 0);
        _checkProof(b, snarkB, 1);

        _trippedBatches[batchId] = true;
        uint64 until = uint64(block.timestamp) + PAUSE;
        _brokenUntil = until;
        emit ProofTripped(batchId, b.newRoot, until);
        _pauseUntil(DEPOSITS + CLAIMS, until);
    }

    /// @dev Two roots for one data: with root and id root of a, b would have the stored hash. Two id roots alone say
    /// nothing: ids and gas terms are not in the data, so whoever signs a transfer twice can have both proven.
    function _checkOpposed(BatchHeader calldata a, BatchHeader calldata b, bytes32 stored) private pure {
        BatchHeader memory other = b;
        bool same = other.newRoot == a.newRoot;
        (other.newRoot, other.idRoot) = (a.newRoot, a.idRoot);
        if (same || keccak256(abi.encode(other)) != stored) revert HeadersNotOpposed(a.batchId);
    }

    /// @dev A verifier without gas reverts, and so does this.
    function _checkProof(BatchHeader calldata header, bytes calldata snark, uint256 which) private view {
        IRollup asked = IRollup(rollup);
        uint256[] memory inputs = PublicInputs.build(header, asked.domain(), asked.emptyIdRoot());
        if (!IVerifier(asked.verifier()).verify(snark, inputs)) revert NoProof(which);
    }

    /// @dev A pause never shortens another one.
    function _pauseUntil(uint8 scope, uint64 until) private {
        Pauses memory pauses_ = _pauses;
        if (scope & DEPOSITS != 0 && until > pauses_.depositsUntil) pauses_.depositsUntil = until;
        if (scope & CLAIMS != 0 && until > pauses_.claimsUntil) pauses_.claimsUntil = until;
        _pauses = pauses_;
        IGuarded(rollup).setGuarded(true);
    }

    /// @inheritdoc IBreakers
    function rest() external {
        if (block.timestamp < _pauses.depositsUntil) revert StillGuarded();
        IGuarded(rollup).setGuarded(false);
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IBreakers
    function pauses() external view returns (uint64 depositsUntil, uint64 claimsUntil, uint64 lastPause) {
        return (_pauses.depositsUntil, _pauses.claimsUntil, _pauses.lastPause);
    }

    /// @inheritdoc IBreakers
    function isTripped(address token) external view returns (bool) {
        return _buckets[token].isTripped;
    }

    /// @inheritdoc IBreakers
    function available(address token) external view returns (uint256) {
        if (block.timestamp < _pauses.claimsUntil || _buckets[token].isTripped) return 0;
        (uint256 capacity, uint256 level) = _read(token);
        if (capacity == NO_LIMIT) return IBridge(rollup).escrowed(token);
        return capacity > level ? capacity - level : 0;
    }

    /// @inheritdoc IBreakers
    function shareOf(address token) external view returns (uint256) {
        return _buckets[token].isShareSet ? _buckets[token].share : _share;
    }
}
