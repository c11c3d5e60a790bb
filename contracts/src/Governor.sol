// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBreakers} from "./interfaces/IBreakers.sol";
import {IBridge} from "./interfaces/IBridge.sol";
import {IExits} from "./interfaces/IExits.sol";
import {IGoverned} from "./interfaces/IGoverned.sol";
import {IGovernor} from "./interfaces/IGovernor.sol";

/// @title The timelock of the rollup (docs/spec/bridge.md, Breakers and governance).
/// @notice Its delay is longer than every way out takes, and nothing can shorten it: not the owner, not a proposal, not
/// the deployer. It holds nothing and calls two functions of the breakers and one of the rollup, no others.
contract Governor is IGovernor {
    /// Delay lane and pause, three days each, and thirty days for people to read and leave.
    uint256 private constant NOTICE = 36 days;
    uint256 private constant EXECUTION_WINDOW = 14 days;
    uint256 private constant WHOLE = 10_000;

    /// @inheritdoc IGovernor
    address public immutable rollup;
    /// @inheritdoc IGovernor
    address public owner;
    /// @inheritdoc IGovernor
    address public offeredTo;
    /// @inheritdoc IGovernor
    uint256 public proposalCount;
    mapping(uint256 id => Proposal) private _proposals;

    /// @param rollup_ the rollup; it may not be deployed yet
    /// @param owner_ who proposes; address 0: nothing can ever be changed
    constructor(address rollup_, address owner_) {
        (rollup, owner) = (rollup_, owner_);
    }

    // ------------------------------------------------------------------ proposals

    /// @inheritdoc IGovernor
    function proposeVerifier(address verifier) external returns (uint256) {
        if (verifier.code.length == 0) revert BadProposal(verifier, 0);
        return _propose(Action.Verifier, verifier, 0, verifier.codehash);
    }

    /// @inheritdoc IGovernor
    function proposeShare(address token, uint16 share) external returns (uint256) {
        if (share > WHOLE) revert BadProposal(token, share);
        return _propose(Action.Share, token, share, 0);
    }

    /// @inheritdoc IGovernor
    function proposeGuardian(address guardian) external returns (uint256) {
        return _propose(Action.Guardian, guardian, 0, 0);
    }

    function _propose(Action action, address subject, uint16 share, bytes32 codeHash) private returns (uint256 id) {
        _checkOwner();
        id = ++proposalCount;
        uint256 readyAt = block.timestamp + delay();
        _proposals[id] = Proposal(action, subject, share, uint64(readyAt), codeHash);
        emit Proposed(id, action, subject, share, readyAt);
    }

    /// @inheritdoc IGovernor
    function cancel(uint256 id) external {
        _checkOwner();
        _read(id);
        delete _proposals[id];
        emit Cancelled(id);
    }

    /// @inheritdoc IGovernor
    function execute(uint256 id) external {
        Proposal memory found = _read(id);
        if (block.timestamp < found.readyAt) revert NotReady(found.readyAt, block.timestamp);
        uint256 expiredAt = found.readyAt + EXECUTION_WINDOW;
        if (block.timestamp > expiredAt) revert Expired(expiredAt, block.timestamp);
        if (owner == address(0)) revert Renounced();
        uint256 escapedAt = IBridge(rollup).escapedAt();
        if (escapedAt != 0) revert EscapeOpen(escapedAt);
        delete _proposals[id];
        emit Executed(id);
        if (found.action == Action.Verifier) {
            bytes32 codeHash = found.subject.codehash;
            if (codeHash != found.codeHash) revert CodeChanged(found.codeHash, codeHash);
            IGoverned(rollup).setVerifier(found.subject);
        } else if (found.action == Action.Share) {
            IBreakers(IBridge(rollup).breakers()).setShare(found.subject, found.share != 0, found.share);
        } else {
            IBreakers(IBridge(rollup).breakers()).setGuardian(found.subject);
        }
    }

    function _read(uint256 id) private view returns (Proposal memory found) {
        found = _proposals[id];
        if (found.action == Action.None) revert UnknownProposal(id);
    }

    // ------------------------------------------------------------------ the owner

    /// @inheritdoc IGovernor
    function offerOwner(address successor) external {
        _checkOwner();
        offeredTo = successor;
        emit OwnerOffered(successor);
    }

    /// @inheritdoc IGovernor
    function acceptOwner() external {
        if (msg.sender != offeredTo) revert NotOwner(offeredTo, msg.sender);
        (owner, offeredTo) = (msg.sender, address(0));
        emit OwnerChanged(msg.sender);
    }

    /// @inheritdoc IGovernor
    function renounce() external {
        _checkOwner();
        (owner, offeredTo) = (address(0), address(0));
        emit OwnerChanged(address(0));
    }

    function _checkOwner() private view {
        if (msg.sender != owner) revert NotOwner(owner, msg.sender);
    }

    // ------------------------------------------------------------------ views

    /// @inheritdoc IGovernor
    function delay() public view returns (uint256) {
        return uint256(IExits(rollup).forcedDeadline()) + NOTICE;
    }

    /// @inheritdoc IGovernor
    function proposal(uint256 id) external view returns (Proposal memory) {
        return _proposals[id];
    }
}
