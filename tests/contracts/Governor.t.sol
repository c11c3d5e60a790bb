// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IGoverned} from "../../contracts/src/interfaces/IGoverned.sol";
import {IGovernor} from "../../contracts/src/interfaces/IGovernor.sol";
import {IRollup} from "../../contracts/src/interfaces/IRollup.sol";
import {IExits} from "../../contracts/src/interfaces/IExits.sol";
import {BatchHeader} from "../../contracts/src/types/Batch.sol";
import {HashVerifier} from "../../contracts/test/HashVerifier.sol";
import {BreakersFixture} from "./Breakers.t.sol";

/// @dev Refuses everything; its digest is not HashVerifier's.
contract OtherVerifier {
    function verify(bytes calldata, uint256[] calldata) external pure returns (bool) {
        return false;
    }

    function vkDigest() external pure returns (bytes32) {
        return keccak256("other");
    }
}

/// @title The timelock: what it changes, when, and everything it refuses.
contract GovernorTest is BreakersFixture {
    uint256 private constant DELAY = 43 days;
    address private other;

    function setUp() public override {
        super.setUp();
        other = address(new OtherVerifier());
    }

    function propose(address verifier) private returns (uint256) {
        vm.prank(owner);
        return governor.proposeVerifier(verifier);
    }

    function refuse(uint256 id, bytes memory reason) private {
        vm.expectRevert(reason);
        governor.execute(id);
    }

    function test_delayIsLongerThanEveryWayOut() public view {
        assertEq(governor.delay(), DELAY, "7 + 3 + 3 + 30 days");
        assertEq(governor.delay(), rollup.forcedDeadline() + 36 days, "follows the deadline");
    }

    function test_verifier() public {
        uint256 id = propose(other);
        IGovernor.Proposal memory open = governor.proposal(id);
        assertEq(open.readyAt, block.timestamp + DELAY, "ready");
        uint256 readyAt = open.readyAt;
        assertEq(open.subject, other, "subject");
        refuse(id, abi.encodeWithSelector(IGovernor.NotReady.selector, readyAt, block.timestamp));
        for (uint256 day = 0; day < 42; day += 6) heartbeat();
        vm.warp(readyAt - 1);
        refuse(id, abi.encodeWithSelector(IGovernor.NotReady.selector, readyAt, readyAt - 1));
        vm.warp(readyAt);
        governor.execute(id);
        assertEq(rollup.verifier(), other, "changed");
        assertEq(rollup.vkDigest(), keccak256("other"), "its key");
        refuse(id, abi.encodeWithSelector(IGovernor.UnknownProposal.selector, id));
        BatchHeader memory header = commit(draft("", 0));
        bytes memory proof = prove(header);
        vm.expectRevert(abi.encodeWithSelector(IRollup.ProofRejected.selector, header.batchId));
        rollup.finalizeBatch(header.batchId, header.newRoot, proof);
    }

    /// @dev A batch is finalised, so that escape does not open meanwhile.
    function heartbeat() private {
        vm.warp(block.timestamp + 6 days);
        commitAndFinalize("", 0);
    }

    function test_expires() public {
        uint256 id = propose(other);
        uint256 last = governor.proposal(id).readyAt + 14 days;
        vm.warp(last + 1);
        refuse(id, abi.encodeWithSelector(IGovernor.Expired.selector, last, last + 1));
        vm.warp(last);
        governor.execute(id);
    }

    function test_neverInEscape() public {
        uint256 id = propose(other);
        vm.warp(rollup.escapeOpensAt());
        rollup.activateEscape();
        uint256 time = rollup.escapedAt();
        vm.warp(governor.proposal(id).readyAt);
        refuse(id, abi.encodeWithSelector(IGovernor.EscapeOpen.selector, time));
        vm.prank(address(governor));
        vm.expectRevert(abi.encodeWithSelector(IExits.EscapeOpen.selector, time));
        rollup.setVerifier(other);
    }

    function test_codeMayNotChange() public {
        uint256 id = propose(other);
        bytes32 expected = other.codehash;
        vm.etch(other, address(new HashVerifier()).code);
        vm.warp(block.timestamp + DELAY);
        refuse(id, abi.encodeWithSelector(IGovernor.CodeChanged.selector, expected, other.codehash));
    }

    function test_cancel() public {
        uint256 id = propose(other);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.NotOwner.selector, owner, address(this)));
        governor.cancel(id);
        vm.prank(owner);
        governor.cancel(id);
        vm.warp(block.timestamp + DELAY);
        refuse(id, abi.encodeWithSelector(IGovernor.UnknownProposal.selector, id));
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.UnknownProposal.selector, id));
        governor.cancel(id);
    }

    function test_sharesAndGuardian() public {
        vm.startPrank(owner);
        uint256 first = governor.proposeShare(address(token), 100);
        uint256 second = governor.proposeGuardian(bob);
        uint256 third = governor.proposeShare(address(token), 0);
        vm.stopPrank();
        vm.warp(block.timestamp + DELAY);
        governor.execute(first);
        assertEq(breakers.shareOf(address(token)), 100, "one percent");
        governor.execute(third);
        assertEq(breakers.shareOf(address(token)), SHARE, "the default again");
        governor.execute(second);
        assertEq(breakers.guardian(), bob, "replaced");
    }

    function test_refusesWhatCannotBeUsed() public {
        vm.startPrank(owner);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.BadProposal.selector, bob, 0));
        governor.proposeVerifier(bob);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.BadProposal.selector, address(token), 10_001));
        governor.proposeShare(address(token), 10_001);
        // A contract that names no key is refused when it would be used.
        uint256 id = governor.proposeVerifier(address(token));
        vm.stopPrank();
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert();
        governor.execute(id);
    }

    function test_onlyTheOwnerProposes() public {
        bytes memory reason = abi.encodeWithSelector(IGovernor.NotOwner.selector, owner, address(this));
        vm.expectRevert(reason);
        governor.proposeVerifier(other);
        vm.expectRevert(reason);
        governor.proposeShare(address(token), 1);
        vm.expectRevert(reason);
        governor.proposeGuardian(bob);
        vm.expectRevert(reason);
        governor.offerOwner(bob);
        vm.expectRevert(reason);
        governor.renounce();
        reason = abi.encodeWithSelector(IGoverned.NotGovernor.selector, address(governor), owner);
        vm.prank(owner);
        vm.expectRevert(reason);
        rollup.setVerifier(other);
    }

    function test_ownerMovesInTwoSteps() public {
        vm.prank(owner);
        governor.offerOwner(bob);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.NotOwner.selector, bob, alice));
        vm.prank(alice);
        governor.acceptOwner();
        assertEq(governor.owner(), owner, "not yet");
        assertEq(governor.offeredTo(), bob, "who may");
        vm.prank(bob);
        governor.acceptOwner();
        assertEq(governor.offeredTo(), address(0), "no offer is open");
        vm.prank(bob);
        governor.renounce();
        assertEq(governor.owner(), address(0), "nobody");
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.NotOwner.selector, address(0), bob));
        governor.proposeVerifier(other);
    }

    /// @dev What was proposed before is void: an owner that is gone cannot take back what anybody may execute.
    function test_renouncingVoidsWhatIsOpen() public {
        uint256 id = propose(other);
        vm.startPrank(owner);
        governor.offerOwner(bob);
        governor.renounce();
        vm.stopPrank();
        assertEq(governor.offeredTo(), address(0), "no offer is open");
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.NotOwner.selector, address(0), bob));
        governor.acceptOwner();
        vm.warp(governor.proposal(id).readyAt);
        refuse(id, abi.encodeWithSelector(IGovernor.Renounced.selector));
    }
}
