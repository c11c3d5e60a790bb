// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Slashing} from "./bonds/Slashing.sol";
import {Bond} from "./bonds/Bond.sol";
import {Evidence} from "./bonds/Evidence.sol";
import {IBonds, IDisputable} from "./interfaces/IBonds.sol";
import {IBridge} from "./interfaces/IBridge.sol";
import {IChallenges} from "./interfaces/IChallenges.sol";
import {IExits} from "./interfaces/IExits.sol";
import {IRollup} from "./interfaces/IRollup.sol";
import {BondSettings} from "./types/Bond.sol";

/// @title The sequencer's bond: who commits, what its signature is worth, and challenges (docs/spec/bridge.md, Bonds).
/// @notice No proxy, no owner. No value of users is here, and nothing here can stop a proof, a claim or an exit: of the
/// rollup it can take back batches that nobody proved.
contract Bonds is Slashing, IBonds, IChallenges {
    /// @dev A batch under challenge; batchId 0 when there is none.
    struct Challenge {
        uint64 batchId;
        address challenger;
        uint64 deadline;
    }

    /// Share of challengeWindow that is always left to answer a challenge.
    uint256 private constant FLOOR = 6;

    /// @inheritdoc IChallenges
    Challenge public challenge;

    /// @param rollup_ the rollup; it may not be deployed yet
    /// @param sequencer_ the one address that commits and signs; an account without code
    constructor(address rollup_, address sequencer_, BondSettings memory settings)
        Bond(sequencer_, settings)
        Evidence(rollup_)
    {}

    // ------------------------------------------------------------------ the rollup's calls

    /// @inheritdoc IBonds
    function checkCommit(address caller) external view {
        if (caller != _sequencer) revert NotSequencer(_sequencer, caller);
        if (_bond < minimumBond) revert BondTooLow(minimumBond, _bond);
    }

    /// @dev Before the rollup stands there is nobody to forget, and what was added early can leave.
    function _forgetSequencer() internal override {
        if (_rollup.code.length != 0) IDisputable(_rollup).forgetSequencer();
    }

    /// @inheritdoc IBonds
    function onFinalize(uint256 batchId, address prover) external {
        _checkRollup();
        // Nothing here may fail: a proof is worth more than a challenge.
        if (challenge.batchId != batchId) return;
        delete challenge;
        emit ChallengeAnswered(batchId, prover);
        _credit(prover, challengeBond);
        IDisputable(_rollup).setChallenged(false);
    }

    function _checkRollup() private view {
        if (msg.sender != _rollup) revert NotRollup(_rollup, msg.sender);
    }

    // ------------------------------------------------------------------ challenges

    /// @inheritdoc IChallenges
    function challengeBatch(uint256 batchId) external payable {
        _checkValue(challengeBond);
        uint256 escapedAt = IBridge(_rollup).escapedAt();
        if (escapedAt != 0) revert IExits.EscapeOpen(escapedAt);
        if (challenge.batchId != 0) revert AlreadyChallenged(challenge.batchId);
        uint256 oldest = IRollup(_rollup).lastFinalised() + 1;
        if (batchId != oldest) revert NotOldest(oldest, batchId);
        uint256 last = IRollup(_rollup).lastCommitted();
        if (batchId > last) revert NotCommitted(last, batchId);

        uint64 deadline = uint64(_deadline(batchId));
        challenge = Challenge(uint64(batchId), msg.sender, deadline);
        emit BatchChallenged(batchId, msg.sender, deadline);
        IDisputable(_rollup).setChallenged(true);
    }

    /// @dev The earlier of two windows, and never so early that a proof which exists could not be sent.
    function _deadline(uint256 batchId) private view returns (uint256 deadline) {
        deadline = block.timestamp + challengeWindow;
        uint256 other = IRollup(_rollup).commitTime(batchId) + proofWindow;
        if (other < deadline) deadline = other;
        uint256 floor = block.timestamp + (challengeWindow + FLOOR - 1) / FLOOR;
        if (deadline < floor) deadline = floor;
    }

    /// @inheritdoc IChallenges
    function revertBatches() external {
        Challenge memory lost = challenge;
        if (lost.batchId == 0) revert NotChallenged();
        if (block.timestamp <= lost.deadline) revert TooEarly(uint256(lost.deadline) + 1, block.timestamp);
        delete challenge;
        uint256 forfeit = _take(challengeForfeit);
        emit ChallengeWon(lost.batchId, lost.challenger, forfeit);
        _credit(lost.challenger, challengeBond);
        // The rollup refuses in escape, and with it the whole call.
        IDisputable(_rollup).setChallenged(false);
        IDisputable(_rollup).revertBatches();
        _openCase(forfeit, lost.challenger);
    }

    /// @inheritdoc IChallenges
    function refundChallenge() external {
        Challenge memory open = challenge;
        if (open.batchId == 0) revert NotChallenged();
        if (IBridge(_rollup).escapedAt() == 0) revert IExits.EscapeClosed();
        delete challenge;
        emit ChallengeRefunded(open.batchId, open.challenger);
        _credit(open.challenger, challengeBond);
    }

    function _openChallenges() internal view override returns (uint256) {
        return challenge.batchId == 0 ? 0 : 1;
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IBonds
    function rollup() external view returns (address) {
        return _rollup;
    }

    /// @inheritdoc IBonds
    function sequencer() external view returns (address) {
        return _sequencer;
    }
}
