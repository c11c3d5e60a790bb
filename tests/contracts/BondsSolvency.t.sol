// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Opening, Receipt, ReceiptName} from "../../contracts/src/types/Bond.sol";
import {BondsFixture} from "./BondsFixture.sol";

/// @dev Makes random histories: bonds, unbonding, handovers of time, challenges, offences, filings, cases, payments.
/// Every call is tried whether it may be made or not.
contract Disputant is BondsFixture {
    uint256 private constant NUMBERS = 6;

    uint256 public added;
    uint256 public taken;
    uint64 private _offence = 1000;

    function setUp() public override {
        super.setUp();
        added = BOND;
        // The receipts of even numbers are honoured by finalised batches.
        for (uint64 i = 0; i < NUMBERS; i += 2) {
            finalize(openingOf(i).batch);
        }
        commit(batch(NUMBERS, 0, 1));
    }

    function openingOf(uint64 number) private view returns (Opening memory) {
        return opening(number == 0 ? 1 : number, number * 10 + 1, ID);
    }

    function pick(uint64 number) private view returns (Receipt memory) {
        return receiptOf(number % uint64(NUMBERS), ID, (uint256(number) % NUMBERS + 1) * 1 ether);
    }

    function who(uint256 seed) private view returns (address) {
        return seed % 2 == 0 ? alice : bob;
    }

    function add(uint256 amount) external {
        amount = amount % 20 ether + 1;
        bonds.addBond{value: amount}();
        added += amount;
    }

    function unbond(uint256 amount) external {
        vm.prank(sequencer);
        try bonds.startUnbonding(amount % 20 ether) {} catch {}
    }

    function finish() external {
        try bonds.finishUnbonding() {} catch {}
    }

    function take(uint256 seed) external {
        address account = seed % 3 == 2 ? sequencer : who(seed);
        uint256 amount = bonds.owed(account);
        vm.prank(account);
        try bonds.withdraw(address(0xdead)) {
            taken += amount;
        } catch {}
    }

    function wait(uint32 time) external {
        vm.warp(block.timestamp + time % 4 days);
    }

    function dispute(uint256 seed) external {
        uint256 next = rollup.lastFinalised() + 1;
        if (next > rollup.lastCommitted()) try rollup.commit(sequencer, batch(next, 0, 1)) {} catch {}
        vm.prank(who(seed));
        try bonds.challengeBatch{value: CHALLENGE}(next) {
            added += CHALLENGE;
        } catch {}
    }

    function prove(uint256 seed) external {
        uint256 next = rollup.lastFinalised() + 1;
        if (next <= rollup.lastCommitted()) rollup.finalize(next, who(seed));
    }

    function undo() external {
        try bonds.revertBatches() {} catch {}
    }

    function offend(uint256 seed, bool again) external {
        if (!again) ++_offence;
        try this.equivocateFor(_offence, who(seed)) {} catch {}
    }

    function equivocateFor(uint64 number, address reporter) external {
        equivocate(number, reporter);
    }

    function file(uint64 number, uint256 seed) external {
        Receipt memory r = pick(number);
        vm.prank(who(seed));
        try bonds.fileReceipt{value: FILING}(r) {
            added += FILING;
        } catch {}
    }

    function answer(uint64 number, uint256 seed) external {
        ReceiptName memory name = nameOf(pick(number));
        Opening memory o = openingOf(number % uint64(NUMBERS));
        vm.prank(who(seed));
        try bonds.answerReceipt(name, o) {} catch {}
    }

    function slash(uint64 number) external {
        bytes32 key = keyOf(pick(number));
        try bonds.slashReceipt(key) {} catch {}
    }

    function register(uint256 caseId, uint64 number, uint256 seed) external {
        uint256 count = bonds.caseCount();
        if (count == 0) return;
        Receipt memory r = pick(number);
        vm.prank(who(seed));
        try bonds.registerCover{value: FILING}(count - caseId % count % 3, r, 0) {
            added += FILING;
        } catch {}
    }

    function strike(uint256 caseId, uint64 number, uint256 seed) external {
        uint256 count = bonds.caseCount();
        if (count == 0) return;
        ReceiptName memory name = nameOf(pick(number));
        Opening memory o = openingOf(number % uint64(NUMBERS));
        vm.prank(who(seed));
        try bonds.strikeCover(count - caseId % count % 3, name, o) {} catch {}
    }

    function payOut(uint256 caseId, uint256 count) external {
        uint256 cases = bonds.caseCount();
        if (cases != 0) try bonds.payCovers(caseId % cases + 1, count % 4) {} catch {}
    }

    // ------------------------------------------------------------------ what has to hold

    /// @dev Every wei that came in is in the bond, in unbonding, owed, in a pot, in a stake, taken or burned.
    function check() external view {
        (, uint256 leaving,) = bonds.unbonding();
        uint256 sum = bonds.bondOf() + leaving;
        sum += bonds.owed(alice) + bonds.owed(bob) + bonds.owed(sequencer) + bonds.owed(address(this));
        (uint256 open, uint256 filings, uint256 challenges) = bonds.disputes();
        sum += filings * FILING + challenges * CHALLENGE;
        uint256 unclosed;
        for (uint256 i = 1; i <= bonds.caseCount(); ++i) {
            (uint256 pot,,, bool closed) = bonds.caseOf(i);
            sum += pot + live(i) * FILING;
            if (!closed) ++unclosed;
            else assertEq(pot + live(i), 0, "a closed case holds nothing");
        }
        assertEq(open, unclosed, "cases are counted");
        assertEq(address(bonds).balance, sum, "every wei is somebody's");
        assertEq(added, sum + taken + address(0).balance, "and none was made or lost");
        for (uint64 i = 0; i < NUMBERS; ++i) {
            bytes32 key = keyOf(pick(i));
            (,, uint8 state) = bonds.filing(key);
            assertTrue(state != 2 || i % 2 == 0, "only the honoured are answered");
            assertTrue(bonds.coverPaid(key) <= (uint256(i) + 1) * 1 ether, "no cover is paid twice");
        }
    }

    /// @dev Registrations of a case that are neither struck nor paid.
    function live(uint256 caseId) private view returns (uint256 count) {
        (bytes32 key,,,) = bonds.registration(caseId, 0);
        while (key != 0) {
            (bytes32 next, address holder,,) = bonds.registration(caseId, key);
            if (holder != address(0)) ++count;
            key = next;
        }
    }
}

/// @title Accounts over random histories of disputes.
contract BondsSolvencyTest is BondsFixture {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Disputant private _disputant;

    function setUp() public override {
        _disputant = new Disputant();
        _disputant.setUp();
    }

    /// @dev Read by forge: the contracts whose functions make the histories.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_disputant);
    }

    /// @dev Read by forge: calls that make no part of a history.
    function excludeSelectors() external view returns (FuzzSelector[] memory excluded) {
        bytes4[] memory selectors = new bytes4[](2);
        (selectors[0], selectors[1]) = (Disputant.setUp.selector, Disputant.equivocateFor.selector);
        excluded = new FuzzSelector[](1);
        excluded[0] = FuzzSelector(address(_disputant), selectors);
    }

    function invariant_everyWeiIsSomebodys() public view {
        _disputant.check();
    }
}
