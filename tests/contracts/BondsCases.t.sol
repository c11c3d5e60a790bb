// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBond} from "../../contracts/src/interfaces/IBond.sol";
import {ICases} from "../../contracts/src/interfaces/ICases.sol";
import {IEvidence} from "../../contracts/src/interfaces/IEvidence.sol";
import {Opening, Receipt, ReceiptName} from "../../contracts/src/types/Bond.sol";
import {BondsFixture} from "./BondsFixture.sol";

/// @title Cases: 30 % is burned whoever reports, covers are paid in order of block number, honoured ones are struck.
contract BondsCasesTest is BondsFixture {
    uint256 private constant POT = BOND / 2;
    uint256 private constant DUE = START + 3 days;

    /// @dev A case, and the time at which receipts of block_() are due.
    function openCase() private {
        equivocate(1000, bob);
        vm.warp(DUE + 1);
    }

    function register(Receipt memory r, address holder, bytes32 after_) private returns (bytes32) {
        vm.prank(holder);
        bonds.registerCover{value: FILING}(1, r, after_);
        return keyOf(r);
    }

    function register(uint64 number, uint256 cover, address holder) private returns (bytes32) {
        return register(receiptOf(number, ID, cover), holder, 0);
    }

    function refuse(uint256 caseId, Receipt memory r, bytes32 after_, bytes memory reason) private {
        fails(reason);
        bonds.registerCover{value: FILING}(caseId, r, after_);
    }

    function pay(uint256 count) private {
        bonds.payCovers(1, count);
    }

    // ------------------------------------------------------------------ paying

    function test_paidInOrderOfNumber() public {
        openCase();
        register(30, 3 ether, alice);
        register(10, 2 ether, bob);
        register(20, 1 ether, alice);
        vm.warp(START + 8 days - 1);
        fails(abi.encodeWithSelector(IBond.TooEarly.selector, START + 8 days, START + 8 days - 1));
        pay(10);
        vm.warp(START + 8 days);
        uint256 reward = bonds.owed(bob);
        pay(1);
        assertEq(bonds.owed(bob), reward + 2 ether + FILING, "block 10");
        assertEq(bonds.owed(alice), 0, "one at a time");
        pay(1);
        assertEq(bonds.owed(alice), 1 ether + FILING, "block 20: a call goes on where the last one ended");
        pay(1);
        // 5 ether in the pot: 2, 1, and what is left of 3.
        assertEq(bonds.owed(alice), 1 ether + 2 ether + 2 * uint256(FILING), "blocks 20 and 30");
        (uint256 pot,,, bool closed) = bonds.caseOf(1);
        assertEq(pot, 0, "empty");
        assertTrue(closed, "closed");
        fails(abi.encodeWithSelector(ICases.CaseIsClosed.selector, 1));
        pay(1);
    }

    function test_leftOverIsBurned() public {
        openCase();
        register(10, 1 ether, alice);
        vm.warp(START + 8 days);
        uint256 burned = address(0).balance;
        pay(5);
        assertEq(address(0).balance - burned, POT - 1 ether, "the rest");
        (uint256 cases,,) = bonds.disputes();
        assertEq(cases, 0, "no case is open");
    }

    function test_aCoverBeyondThePot() public {
        openCase();
        register(10, type(uint256).max, alice);
        register(20, 1, bob);
        uint256 reward = bonds.owed(bob);
        vm.warp(START + 8 days);
        pay(2);
        assertEq(bonds.owed(alice), POT + FILING, "the pot");
        assertEq(bonds.owed(bob), reward + FILING, "its filing bond at least");
    }

    /// @dev A cover is paid once, however many cases there are.
    function test_oneCoverTwoCases() public {
        openCase();
        register(10, 6 ether, alice);
        bonds.addBond{value: BOND}();
        equivocate(1001, bob);
        Receipt memory r = receiptOf(10, ID, 6 ether);
        vm.prank(alice);
        bonds.registerCover{value: FILING}(2, r, 0);
        vm.warp(START + 30 days);
        pay(1);
        bonds.payCovers(2, 1);
        assertEq(bonds.owed(alice), 6 ether + 2 * uint256(FILING), "5 and 1");
        assertEq(bonds.coverPaid(keyOf(r)), 6 ether, "all of it");
    }

    /// @dev The worst a sequencer can do to its own bond: report itself and claim covers it signed to itself.
    function test_selfReportLosesThirtyPercent() public {
        uint256 before = sequencer.balance + bonds.owed(sequencer) + BOND;
        equivocate(1000, sequencer);
        vm.warp(DUE + 1);
        vm.deal(sequencer, sequencer.balance + FILING);
        register(0, type(uint256).max, sequencer);
        vm.warp(START + 8 days);
        pay(1);
        vm.prank(sequencer);
        bonds.withdraw(sequencer);
        uint256 lost = before + FILING - sequencer.balance;
        assertEq(lost, 3 * uint256(BOND) / 10, "three tenths, exactly");
        assertEq(address(bonds).balance, 0, "nothing is kept");
    }

    function testFuzz_selfReportLosesThirtyPercent(uint96 bond, uint256 cover, bool challenged) public {
        uint256 total = uint256(bond) % 1e24 + 1;
        vm.deal(address(this), total);
        bonds.addBond{value: total}();
        total += BOND;
        vm.deal(sequencer, 10 ether);
        uint256 burned = address(0).balance;
        if (challenged) {
            total = FORFEIT;
            commit(batch(1, 0, 1));
            vm.prank(sequencer);
            bonds.challengeBatch{value: CHALLENGE}(1);
            vm.warp(START + 7 hours);
            bonds.revertBatches();
        } else {
            equivocate(1000, sequencer);
        }
        vm.warp(DUE + 1);
        register(0, cover, sequencer);
        vm.warp(START + 9 days);
        pay(1);
        assertTrue((address(0).balance - burned) * 10 >= total * 3, "at least three tenths are gone");
        if (!challenged) assertEq(address(bonds).balance, bonds.owed(sequencer), "and nothing is kept");
    }

    // ------------------------------------------------------------------ registering

    function test_registrationIsForTheViolated() public {
        equivocate(1000, bob);
        Receipt memory r = receiptOf(10, ID, 1 ether);
        refuse(1, r, 0, abi.encodeWithSelector(IEvidence.NotDue.selector, DUE, START));
        vm.warp(DUE + 1);
        Receipt memory forged = receiptOf(10, ID, 1 ether);
        forged.signed = sign(forged.signed.header, OTHER_KEY);
        refuse(1, forged, 0, abi.encodeWithSelector(IEvidence.WrongSignature.selector, other));
        forged = receiptOf(10, ID, 1 ether);
        forged.cover = 2 ether;
        fails(IEvidence.WrongReceiptPath.selector);
        bonds.registerCover{value: FILING}(1, forged, 0);
        rollup.setQueue(3, bytes32(uint256(1)));
        refuse(1, r, 0, abi.encodeWithSelector(IEvidence.HeaderVoid.selector, 3, bytes32(uint256(1)), QUEUE));
    }

    function test_registrationEnds() public {
        openCase();
        Receipt memory r = receiptOf(10, ID, 1 ether);
        refuse(2, r, 0, abi.encodeWithSelector(ICases.UnknownCase.selector, 2));
        refuse(0, r, 0, abi.encodeWithSelector(ICases.UnknownCase.selector, 0));
        fails(abi.encodeWithSelector(IBond.WrongValue.selector, FILING, 0));
        bonds.registerCover(1, r, 0);
        vm.warp(START + 7 days);
        refuse(1, r, 0, abi.encodeWithSelector(ICases.ClaimsClosed.selector, START + 7 days, START + 7 days));
        vm.warp(START + 7 days - 1);
        bytes32 key = register(r, alice, 0);
        refuse(1, r, 0, abi.encodeWithSelector(ICases.AlreadyRegistered.selector, key));
    }

    function test_anHonouredReceiptIsNotRegistered() public {
        openCase();
        Receipt memory r = receiptOf(10, ID, 1 ether);
        bonds.fileReceipt{value: FILING}(r);
        bonds.addBond{value: BOND}();
        Opening memory o = include(1, r.sequence, ID);
        bonds.answerReceipt(nameOf(r), o);
        refuse(1, r, 0, abi.encodeWithSelector(ICases.AlreadyHonoured.selector, keyOf(r)));
    }

    function test_places() public {
        openCase();
        bytes32 b = register(20, 1, alice);
        bytes32 d = register(receiptOf(40, ID, 1), alice, b);
        Receipt memory r = receiptOf(30, ID, 1);
        refuse(1, r, d, abi.encodeWithSelector(ICases.WrongPlace.selector, d, 30));
        bytes32 unknown = keccak256("unknown");
        refuse(1, r, unknown, abi.encodeWithSelector(ICases.WrongPlace.selector, unknown, 30));
        bytes32 c = register(r, alice, b);
        bytes32 a = register(10, 1, alice);
        // A hint that is too early costs gas and no more; equal numbers share a place.
        bytes32 e = register(receiptOf(40, bytes32(uint256(2)), 1), alice, a);
        bytes32[5] memory order = [a, b, c, e, d];
        bytes32 here;
        for (uint256 i = 0; i < 5; ++i) {
            (here,,,) = bonds.registration(1, here);
            assertEq(here, order[i], "order");
        }
        (here,,,) = bonds.registration(1, here);
        assertEq(here, bytes32(0), "end");
    }

    function testFuzz_listIsSorted(uint8[12] memory numbers, uint8[12] memory hints) public {
        openCase();
        bytes32[12] memory keys;
        for (uint256 i = 0; i < 12; ++i) {
            Receipt memory r = receiptOf(numbers[i], bytes32(i), 1);
            bytes32 hint = i == 0 ? bytes32(0) : keys[hints[i] % i];
            if (hint != 0 && numbers[hints[i] % i] > numbers[i]) hint = 0;
            keys[i] = register(r, alice, hint);
        }
        (bytes32 here,,,) = bonds.registration(1, 0);
        uint64 last;
        uint256 count;
        while (here != 0) {
            (bytes32 next,, uint64 number,) = bonds.registration(1, here);
            assertTrue(number >= last, "sorted");
            (last, here) = (number, next);
            ++count;
        }
        assertEq(count, 12, "all of them");
        vm.warp(START + 9 days);
        pay(12);
        assertEq(bonds.owed(alice), 12 * (uint256(FILING) + 1), "all paid");
    }

    // ------------------------------------------------------------------ striking

    function test_honouredOnesAreStruck() public {
        openCase();
        bonds.addBond{value: BOND}();
        Receipt memory r = receiptOf(10, ID, 5 ether);
        bytes32 key = register(r, alice, 0);
        register(20, 1 ether, alice);
        Opening memory o = include(1, r.sequence, ID);
        ReceiptName memory name = nameOf(r);
        vm.warp(START + 8 days - 1);
        uint256 before = bonds.owed(bob);
        vm.prank(bob);
        bonds.strikeCover(1, name, o);
        assertEq(bonds.owed(bob), before + FILING, "the striker's");
        fails(abi.encodeWithSelector(ICases.NotRegistered.selector, key));
        bonds.strikeCover(1, name, o);
        // Its place stays, as a hint and in the order.
        vm.warp(START + 7 days - 1);
        register(receiptOf(15, ID, 1 ether), alice, key);
        vm.warp(START + 8 days);
        pay(10);
        assertEq(bonds.owed(alice), 2 ether + 2 * uint256(FILING), "the others");
        fails(abi.encodeWithSelector(ICases.NotRegistered.selector, key));
        bonds.strikeCover(1, name, o);
    }

    /// @dev What is violated cannot be struck: not by another id, another batch, a batch that is not finalised.
    function test_violatedOnesAreNotStruck() public {
        openCase();
        bonds.addBond{value: BOND}();
        Receipt memory r = receiptOf(10, ID, 5 ether);
        register(r, alice, 0);
        ReceiptName memory name = nameOf(r);
        Opening memory o = opening(1, r.sequence, ID);
        commit(o.batch);
        fails(abi.encodeWithSelector(IEvidence.BatchNotFinalised.selector, 0, 1));
        bonds.strikeCover(1, name, o);
        o = include(1, r.sequence, bytes32(uint256(2)));
        fails(IEvidence.WrongOpening.selector);
        bonds.strikeCover(1, name, o);
        o = include(2, 5000, ID);
        fails(IEvidence.SequenceOutsideBatch.selector);
        bonds.strikeCover(1, name, o);
    }

    /// @dev What is paid is settled: included afterwards, it cannot be struck, and its filing bond is gone once.
    function test_thePaidAreNotStruck() public {
        openCase();
        bonds.addBond{value: BOND}();
        Receipt memory r = receiptOf(10, ID, 1 ether);
        bytes32 key = register(r, alice, 0);
        register(20, 1, alice);
        vm.warp(START + 8 days);
        pay(1);
        ReceiptName memory name = nameOf(r);
        Opening memory o = include(1, r.sequence, ID);
        fails(abi.encodeWithSelector(ICases.NotRegistered.selector, key));
        bonds.strikeCover(1, name, o);
    }

    function test_strikeOfNothing() public {
        openCase();
        bonds.addBond{value: BOND}();
        Receipt memory r = receiptOf(10, ID, 5 ether);
        ReceiptName memory name = nameOf(r);
        Opening memory o = include(1, r.sequence, ID);
        fails(abi.encodeWithSelector(ICases.NotRegistered.selector, keyOf(r)));
        bonds.strikeCover(1, name, o);
    }

    /// @dev Every wei is somewhere: in the bond, in unbonding, owed, in pots, in filing bonds.
    function test_accounts() public {
        openCase();
        register(10, 1 ether, alice);
        register(20, 100 ether, bob);
        bonds.addBond{value: BOND}();
        vm.prank(sequencer);
        bonds.startUnbonding(4 ether);
        uint256 sum = bonds.bondOf() + 4 ether + bonds.owed(bob) + POT + 2 * uint256(FILING);
        assertEq(address(bonds).balance, sum, "before");
        vm.warp(START + 9 days);
        pay(2);
        assertEq(address(bonds).balance, bonds.bondOf() + 4 ether + bonds.owed(bob) + bonds.owed(alice), "after");
    }
}
