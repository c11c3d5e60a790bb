// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBond} from "../../contracts/src/interfaces/IBond.sol";
import {IChallenges} from "../../contracts/src/interfaces/IChallenges.sol";
import {IExits} from "../../contracts/src/interfaces/IExits.sol";
import {BondsFixture} from "./BondsFixture.sol";

/// @title Challenges: only the oldest unproven batch, always time to answer, never two prizes for one batch.
contract BondsChallengeTest is BondsFixture {
    function setUp() public override {
        super.setUp();
        for (uint256 i = 1; i <= 3; ++i) {
            commit(batch(i, 10 * i, 10 * i + 10));
        }
    }

    function challenge(uint256 batchId) private {
        vm.prank(alice);
        bonds.challengeBatch{value: CHALLENGE}(batchId);
    }

    function deadline() private view returns (uint256 time) {
        (,, time) = bonds.challenge();
    }

    function test_onlyTheOldest() public {
        fails(abi.encodeWithSelector(IChallenges.NotOldest.selector, 1, 2));
        bonds.challengeBatch{value: CHALLENGE}(2);
        rollup.finalize(1, bob);
        fails(abi.encodeWithSelector(IChallenges.NotOldest.selector, 2, 1));
        bonds.challengeBatch{value: CHALLENGE}(1);
        challenge(2);
        assertTrue(rollup.challenged(), "the rollup knows");
    }

    function test_onlyACommittedOne() public {
        for (uint256 i = 1; i <= 3; ++i) {
            rollup.finalize(i, bob);
        }
        fails(abi.encodeWithSelector(IChallenges.NotCommitted.selector, 3, 4));
        bonds.challengeBatch{value: CHALLENGE}(4);
    }

    function test_notTwice() public {
        challenge(1);
        fails(abi.encodeWithSelector(IChallenges.AlreadyChallenged.selector, 1));
        bonds.challengeBatch{value: CHALLENGE}(1);
    }

    function test_exactBond() public {
        fails(abi.encodeWithSelector(IBond.WrongValue.selector, CHALLENGE, CHALLENGE - 1));
        bonds.challengeBatch{value: CHALLENGE - 1}(1);
        fails(abi.encodeWithSelector(IBond.WrongValue.selector, CHALLENGE, CHALLENGE + 1));
        bonds.challengeBatch{value: CHALLENGE + 1}(1);
    }

    function test_notInEscape() public {
        rollup.setEscape(uint64(START));
        fails(abi.encodeWithSelector(IExits.EscapeOpen.selector, START));
        bonds.challengeBatch{value: CHALLENGE}(1);
    }

    // ------------------------------------------------------------------ deadlines

    function test_deadlineIsTheEarlierWindow() public {
        challenge(1);
        assertEq(deadline(), START + 6 hours, "from the challenge");
        rollup.finalize(1, bob);
        vm.warp(START + 20 hours);
        challenge(2);
        assertEq(deadline(), START + 24 hours, "from the commit");
    }

    /// @dev A batch older than proofWindow can still be answered: a challenge is never an instant revert.
    function test_anHourIsAlwaysLeft() public {
        vm.warp(START + 23 hours + 30 minutes);
        challenge(1);
        assertEq(deadline(), START + 24 hours + 30 minutes, "short of the window");
        rollup.finalize(1, bob);
        vm.warp(START + 9 days);
        challenge(2);
        assertEq(deadline(), START + 9 days + 1 hours, "long after it");
        vm.warp(START + 9 days + 1 hours);
        fails(abi.encodeWithSelector(IBond.TooEarly.selector, block.timestamp + 1, block.timestamp));
        bonds.revertBatches();
    }

    // ------------------------------------------------------------------ ends

    function test_proven() public {
        challenge(1);
        rollup.finalize(1, bob);
        assertEq(bonds.owed(bob), CHALLENGE, "the prover's");
        assertFalse(rollup.challenged(), "over");
        assertEq(bonds.bondOf(), BOND, "the sequencer loses nothing");
        vm.warp(START + 1 days + 1);
        fails(abi.encodeWithSelector(IChallenges.NotChallenged.selector));
        bonds.revertBatches();
    }

    /// @dev What the rollup would never report: another batch than the challenged one, or one where none is.
    function test_anotherBatchProven() public {
        vm.prank(address(rollup));
        bonds.onFinalize(1, bob);
        challenge(1);
        vm.prank(address(rollup));
        bonds.onFinalize(2, bob);
        assertEq(bonds.owed(bob), 0, "nothing");
        assertTrue(rollup.challenged(), "still challenged");
    }

    /// @dev Proven after the deadline and before anyone reverted: still proven.
    function test_provenLate() public {
        challenge(1);
        vm.warp(START + 7 hours);
        rollup.finalize(1, bob);
        assertEq(bonds.owed(bob), CHALLENGE, "the prover's");
        fails(abi.encodeWithSelector(IChallenges.NotChallenged.selector));
        bonds.revertBatches();
    }

    function test_revertBeforeTheDeadline() public {
        challenge(1);
        vm.warp(START + 6 hours);
        fails(abi.encodeWithSelector(IBond.TooEarly.selector, START + 6 hours + 1, START + 6 hours));
        bonds.revertBatches();
    }

    function test_reverted() public {
        challenge(1);
        vm.warp(START + 6 hours + 1);
        vm.prank(bob);
        bonds.revertBatches();
        assertEq(rollup.lastCommitted(), 0, "all of them");
        assertFalse(rollup.challenged(), "over");
        assertEq(bonds.bondOf(), BOND - FORFEIT, "forfeit");
        assertEq(bonds.owed(alice), CHALLENGE + FORFEIT / 5, "bond and reward");
        assertEq(bonds.owed(bob), 0, "who calls gets nothing");
        assertEq(address(0).balance, FORFEIT * 3 / 10, "burned");
        (uint256 pot,,,) = bonds.caseOf(1);
        assertEq(pot, FORFEIT / 2, "pot");
        fails(abi.encodeWithSelector(IChallenges.NotChallenged.selector));
        bonds.revertBatches();
    }

    /// @dev What is left in the bond, or in unbonding, is all that a forfeit can take.
    function test_forfeitOfWhatIsLeft() public {
        vm.prank(sequencer);
        bonds.startUnbonding(BOND - 1 ether);
        challenge(1);
        vm.warp(START + 6 hours + 1);
        bonds.revertBatches();
        assertEq(bonds.bondOf(), 0, "the bond first");
        (, uint256 amount,) = bonds.unbonding();
        assertEq(amount, BOND - FORFEIT, "then what is in unbonding");
    }

    function test_nothingToForfeit() public {
        equivocate(5, bob);
        challenge(1);
        vm.warp(START + 6 hours + 1);
        bonds.revertBatches();
        assertEq(bonds.owed(alice), CHALLENGE, "the bond comes back");
        assertEq(bonds.caseCount(), 1, "no second case");
    }

    function test_escapeGivesTheBondBack() public {
        challenge(1);
        fails(abi.encodeWithSelector(IExits.EscapeClosed.selector));
        bonds.refundChallenge();
        rollup.setEscape(uint64(START + 1));
        vm.warp(START + 7 hours);
        fails(abi.encodeWithSelector(IExits.EscapeOpen.selector, START + 1));
        bonds.revertBatches();
        bonds.refundChallenge();
        assertEq(bonds.owed(alice), CHALLENGE, "back");
        assertEq(bonds.bondOf(), BOND, "nothing taken");
        fails(abi.encodeWithSelector(IChallenges.NotChallenged.selector));
        bonds.refundChallenge();
    }

    /// @dev The time of the commit that counts is that of the last one.
    function test_recommitStartsTheWindowAgain() public {
        challenge(1);
        vm.warp(START + 6 hours + 1);
        bonds.revertBatches();
        bonds.addBond{value: FORFEIT}();
        vm.warp(START + 3 days);
        commit(batch(1, 10, 20));
        challenge(1);
        assertEq(deadline(), START + 3 days + 6 hours, "from now");
    }

    /// @dev An honest sequencer that is challenged on every batch loses nothing, and its provers gain.
    function test_challengedOnEveryBatch() public {
        for (uint256 i = 1; i <= 3; ++i) {
            challenge(i);
            vm.warp(block.timestamp + 1 hours);
            rollup.finalize(i, bob);
        }
        assertEq(bonds.bondOf(), BOND, "whole");
        assertEq(bonds.owed(bob), 3 * uint256(CHALLENGE), "three bonds");
    }
}
