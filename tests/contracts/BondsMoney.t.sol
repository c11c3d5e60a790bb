// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Bonds} from "../../contracts/src/Bonds.sol";
import {IBond} from "../../contracts/src/interfaces/IBond.sol";
import {IBonds} from "../../contracts/src/interfaces/IBonds.sol";
import {BondSettings, Opening, Receipt} from "../../contracts/src/types/Bond.sol";
import {BondsFixture, Refuser} from "./BondsFixture.sol";

/// @title The bond: settings, minimum, unbonding that cannot dodge, handover, pull payments.
contract BondsMoneyTest is BondsFixture {
    // ------------------------------------------------------------------ settings

    function refuseSettings(BondSettings memory s, uint256 position, uint256 limit, uint256 got) private {
        fails(abi.encodeWithSelector(IBond.BadSetting.selector, position, limit, got));
        new Bonds(address(rollup), sequencer, s);
    }

    function test_settingsAreBounded() public {
        fails(abi.encodeWithSelector(IBond.BadSetting.selector, 0, 1, 0));
        new Bonds(address(0), sequencer, settings());
        fails(abi.encodeWithSelector(IBond.BadSetting.selector, 1, 1, 0));
        new Bonds(address(rollup), address(0), settings());
        fails(abi.encodeWithSelector(IBond.NotAnAccount.selector, address(rollup)));
        new Bonds(address(rollup), address(rollup), settings());
        BondSettings memory s = settings();
        s.minimumBond = uint128(1) << 96;
        refuseSettings(s, 2, (1 << 96) - 1, 1 << 96);
        s = settings();
        s.challengeBond = 1001 ether;
        refuseSettings(s, 3, 1000 ether, 1001 ether);
        s = settings();
        s.challengeForfeit = BOND + 1;
        refuseSettings(s, 4, BOND, BOND + 1);
        s = settings();
        s.filingBond = 1001 ether;
        refuseSettings(s, 5, 1000 ether, 1001 ether);
        s = settings();
        s.proofWindow = 7 days + 1;
        refuseSettings(s, 6, 7 days, 7 days + 1);
        s.proofWindow = 0;
        refuseSettings(s, 6, 7 days, 0);
        s = settings();
        s.challengeWindow = 24 hours + 1;
        refuseSettings(s, 7, 24 hours, 24 hours + 1);
        s = settings();
        s.openingWindow = 0;
        refuseSettings(s, 8, 7 days, 0);
        s = settings();
        s.claimWindow = 31 days;
        refuseSettings(s, 9, 30 days, 31 days);
        s = settings();
        s.unbondingDelay = 91 days;
        refuseSettings(s, 10, 90 days, 91 days);
    }

    function test_rollupMayComeLater() public {
        Bonds early = new Bonds(address(0x1234), sequencer, settings());
        assertEq(early.rollup(), address(0x1234), "an address without code");
        BondSettings memory s = settings();
        (s.minimumBond, s.challengeForfeit, s.challengeBond, s.filingBond) = (0, 0, 0, 0);
        new Bonds(address(0x1234), sequencer, s);
    }

    // ------------------------------------------------------------------ commit

    function test_onlyTheRollupCalls() public {
        fails(abi.encodeWithSelector(IBonds.NotRollup.selector, address(rollup), address(this)));
        bonds.onFinalize(1, address(this));
    }

    function test_onlyTheSequencerCommits() public {
        fails(abi.encodeWithSelector(IBonds.NotSequencer.selector, sequencer, alice));
        rollup.commit(alice, batch(1, 0, 1));
        commit(batch(1, 0, 1));
    }

    function test_belowTheMinimumNothingIsCommitted() public {
        vm.prank(sequencer);
        bonds.startUnbonding(1);
        fails(abi.encodeWithSelector(IBonds.BondTooLow.selector, BOND, BOND - 1));
        rollup.commit(sequencer, batch(1, 0, 1));
        vm.prank(alice);
        bonds.addBond{value: 1}();
        commit(batch(1, 0, 1));
    }

    // ------------------------------------------------------------------ unbonding

    /// @dev Bonds is there before its rollup: what was added, and the role, can go where it never comes.
    function test_withoutARollup() public {
        Bonds early = new Bonds(address(0x1234), sequencer, settings());
        early.addBond{value: BOND}();
        vm.startPrank(sequencer);
        early.startUnbonding(BOND);
        early.offerSequencer(other);
        vm.stopPrank();
        vm.prank(other, other);
        early.acceptSequencer();
        vm.warp(block.timestamp + 21 days);
        early.finishUnbonding();
        assertEq(early.owed(sequencer), BOND, "all of it");
    }

    function unbond(uint256 amount) private {
        vm.prank(sequencer);
        bonds.startUnbonding(amount);
    }

    function test_unbonding() public {
        fails(abi.encodeWithSelector(IBond.NotAllowed.selector, sequencer, address(this)));
        bonds.startUnbonding(1);
        vm.prank(sequencer);
        fails(abi.encodeWithSelector(IBond.BondExceeded.selector, BOND, BOND + 1));
        bonds.startUnbonding(BOND + 1);
        vm.prank(sequencer);
        fails(abi.encodeWithSelector(IBond.NothingToTake.selector));
        bonds.startUnbonding(0);
        fails(abi.encodeWithSelector(IBond.NothingToTake.selector));
        bonds.finishUnbonding();
        fails(abi.encodeWithSelector(IBond.NothingToTake.selector));
        bonds.addBond{value: 0}();

        unbond(4 ether);
        assertEq(bonds.bondOf(), 6 ether, "does not count any more");
        vm.warp(START + 20 days);
        unbond(1 ether);
        vm.warp(START + 41 days - 1);
        fails(abi.encodeWithSelector(IBond.TooEarly.selector, START + 41 days, START + 41 days - 1));
        bonds.finishUnbonding();
        vm.warp(START + 41 days);
        bonds.finishUnbonding();
        assertEq(bonds.owed(sequencer), 5 ether, "owed");
        vm.prank(sequencer);
        bonds.withdraw(bob);
        assertEq(bob.balance, 1005 ether, "paid");
        fails(abi.encodeWithSelector(IBond.NothingToTake.selector));
        bonds.finishUnbonding();
    }

    function test_aBondHasAnEnd() public {
        uint256 most = type(uint96).max;
        vm.deal(address(this), most);
        fails(abi.encodeWithSelector(IBond.BondExceeded.selector, most, most + 1));
        bonds.addBond{value: most - BOND + 1}();
        bonds.addBond{value: most - BOND}();
        assertEq(bonds.bondOf(), most, "to the wei");
    }

    /// @dev What is in unbonding answers for an offence as the bond does.
    function test_unbondingIsSlashable() public {
        unbond(BOND);
        vm.warp(START + 21 days);
        equivocate(5, alice);
        assertEq(bonds.owed(alice), BOND / 5, "reward of all of it");
        fails(abi.encodeWithSelector(IBond.NothingToTake.selector));
        bonds.finishUnbonding();
    }

    function test_unbondingWaitsForACase() public {
        equivocate(5, alice);
        bonds.addBond{value: BOND}();
        unbond(BOND);
        vm.warp(START + 21 days);
        fails(abi.encodeWithSelector(IBond.DisputesOpen.selector, 1, 0, 0));
        bonds.finishUnbonding();
        bonds.payCovers(1, 0);
        bonds.finishUnbonding();
    }

    function test_unbondingWaitsForAFiledReceipt() public {
        Receipt memory r = receiptOf(5, ID, 1 ether);
        unbond(BOND);
        vm.warp(START + 21 days);
        bonds.fileReceipt{value: FILING}(r);
        fails(abi.encodeWithSelector(IBond.DisputesOpen.selector, 0, 1, 0));
        bonds.finishUnbonding();
        bonds.answerReceipt(nameOf(r), includeAfterUnbonding(r));
        bonds.finishUnbonding();
    }

    function includeAfterUnbonding(Receipt memory r) private returns (Opening memory o) {
        bonds.addBond{value: BOND}();
        o = include(1, r.sequence, r.id);
    }

    function test_unbondingWaitsForAChallenge() public {
        commit(batch(1, 0, 1));
        unbond(BOND);
        vm.warp(START + 21 days);
        bonds.challengeBatch{value: CHALLENGE}(1);
        fails(abi.encodeWithSelector(IBond.DisputesOpen.selector, 0, 0, 1));
        bonds.finishUnbonding();
        rollup.finalize(1, bob);
        bonds.finishUnbonding();
    }

    // ------------------------------------------------------------------ handover

    function hand() private {
        vm.prank(sequencer);
        bonds.offerSequencer(other);
        vm.prank(other, other);
        bonds.acceptSequencer();
    }

    function test_handover() public {
        fails(abi.encodeWithSelector(IBond.NotAllowed.selector, sequencer, address(this)));
        bonds.offerSequencer(address(this));
        vm.prank(sequencer);
        bonds.offerSequencer(other);
        vm.prank(alice, alice);
        fails(abi.encodeWithSelector(IBond.NotAllowed.selector, other, alice));
        bonds.acceptSequencer();
        assertEq(bonds.sequencer(), sequencer, "an offer moves nothing");
        vm.prank(other, other);
        bonds.acceptSequencer();
        assertEq(bonds.sequencer(), other, "moved");
        assertEq(bonds.bondOf(), BOND, "with the bond");
        vm.prank(other, other);
        fails(abi.encodeWithSelector(IBond.NotAllowed.selector, address(0), other));
        bonds.acceptSequencer();
        fails(abi.encodeWithSelector(IBonds.NotSequencer.selector, other, sequencer));
        rollup.commit(sequencer, batch(1, 0, 1));
    }

    function test_aContractDoesNotTakeTheRole() public {
        vm.prank(sequencer);
        bonds.offerSequencer(address(this));
        fails(abi.encodeWithSelector(IBond.NotAnAccount.selector, address(this)));
        bonds.acceptSequencer();
    }

    /// @dev Handing the role over does not shed what was signed, nor what was sent to unbonding.
    function test_handoverDodgesNothing() public {
        unbond(3 ether);
        hand();
        vm.warp(START + 21 days - 1);
        equivocate(5, alice);
        assertEq(bonds.owed(alice), BOND / 5, "both parts taken");
    }

    function test_signaturesOfAnEarlierSequencerEnd() public {
        hand();
        vm.warp(START + 21 days);
        assertFalse(bonds.isSigner(sequencer), "ended");
        assertTrue(bonds.isSigner(other), "the present one");
        assertFalse(bonds.isSigner(address(0)), "what recovers to nothing");
    }

    function test_unbondingStaysWithWhoStartedIt() public {
        unbond(3 ether);
        hand();
        vm.prank(other);
        fails(abi.encodeWithSelector(IBond.UnbondingOfAnother.selector, sequencer));
        bonds.startUnbonding(1);
        vm.warp(START + 21 days);
        bonds.finishUnbonding();
        assertEq(bonds.owed(sequencer), 3 ether, "owed to the first");
        vm.prank(other);
        bonds.startUnbonding(1);
    }

    // ------------------------------------------------------------------ payments

    function test_aReceiverThatRefuses() public {
        Refuser refuser = new Refuser();
        commit(batch(1, 0, 1));
        bonds.challengeBatch{value: CHALLENGE}(1);
        rollup.finalize(1, address(refuser));
        assertEq(bonds.owed(address(refuser)), CHALLENGE, "finalising did not ask it");
        assertFalse(refuser.call(address(bonds), abi.encodeCall(bonds.withdraw, (address(refuser)))), "refused");
        assertEq(bonds.owed(address(refuser)), CHALLENGE, "still owed");
        assertTrue(refuser.call(address(bonds), abi.encodeCall(bonds.withdraw, (alice))), "to another");
        assertEq(bonds.owed(address(refuser)), 0, "once");
    }

    function test_reentrantReceiverTakesOnce() public {
        commit(batch(1, 0, 1));
        bonds.challengeBatch{value: CHALLENGE}(1);
        rollup.finalize(1, address(this));
        uint256 before = address(this).balance;
        bonds.withdraw(address(this));
        assertEq(address(this).balance, before + CHALLENGE, "once");
    }

    receive() external payable {
        (bool again,) = address(bonds).call(abi.encodeCall(bonds.withdraw, (address(this))));
        assertFalse(again, "nothing is left inside the call");
    }
}
