// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AccountBalance, IAccountReader} from "../../contracts/src/interfaces/IAccountReader.sol";
import {IBonds, IDisputable} from "../../contracts/src/interfaces/IBonds.sol";
import {IBridge} from "../../contracts/src/interfaces/IBridge.sol";
import {IExits} from "../../contracts/src/interfaces/IExits.sol";
import {IRollup} from "../../contracts/src/interfaces/IRollup.sol";
import {BatchHeader} from "../../contracts/src/types/Batch.sol";
import {TestToken} from "../../contracts/test/TestToken.sol";
import {Records} from "./Records.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @title What the rollup lets the contracts beside it do, and nothing more: batches taken back, one prover reported,
/// claims held; and exits of many accounts with one proof.
contract BesideTest is RollupFixture, IAccountReader {
    /// What readBalances answers; this contract is the reader of these tests.
    AccountBalance[] private _found;

    function buildReader() internal view override returns (IAccountReader) {
        return this;
    }

    function readBalance(bytes calldata, uint256, uint256) external pure returns (address, uint256, uint256) {
        revert AccountProofRejected(0, 0);
    }

    function readBalances(bytes calldata, uint256 root) external view returns (AccountBalance[] memory) {
        if (bytes32(root) != rollup.stateRoot()) revert AccountProofRejected(uint256(rollup.stateRoot()), root);
        return _found;
    }

    // ------------------------------------------------------------------ batches taken back

    function test_onlyBondsTakesBack() public {
        commit(draft("", 0));
        bytes memory reason = abi.encodeWithSelector(IDisputable.NotBonds.selector, address(companion), address(this));
        vm.expectRevert(reason);
        rollup.revertBatches();
        vm.expectRevert(reason);
        rollup.setChallenged(true);
    }

    function revertAll() private {
        vm.prank(address(companion));
        rollup.revertBatches();
    }

    function test_batchesAreCommittedAgainByteForByte() public {
        BatchHeader memory proven = commitAndFinalize(depositEther(1 ether, bob), 1);
        bytes memory request = depositEther(2 ether, bob);
        Draft memory first = draft(request, 1);
        BatchHeader memory second = commit(first);
        Draft memory next = draft("", 0);
        BatchHeader memory third = commit(next);
        uint256 due = rollup.escapeOpensAt();

        vm.expectEmit(address(rollup));
        emit IDisputable.BatchesReverted(2, 3);
        revertAll();
        assertEq(rollup.lastCommitted(), 1, "back to the proven batch");
        Draft memory other = draft("", 0);
        other.input.oldRoot = third.newRoot;
        bytes32 tag = bytes32(uint256(uint32(uint256(proven.newRoot))));
        refuse(other, abi.encodeWithSelector(IRollup.WrongRoot.selector, tag, third.newRoot)); // its root
        assertEq(rollup.headerHash(2), 0, "no batch 2");
        assertEq(rollup.queueHead(), 1, "entry 1 is open");
        assertEq(rollup.escapeOpensAt(), due, "no clock moved");
        bytes memory proof = prove(second);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongHeader.selector, 0, keccak256(abi.encode(second))));
        rollup.finalizeBatch(2, second.newRoot, proof);

        vm.warp(block.timestamp + 3 days);
        BatchHeader memory again = commit(first);
        assertEq(keccak256(abi.encode(again)), keccak256(abi.encode(second)), "the same header");
        finalize(again);
        // The old header of batch 3 is still in storage; without a commit it is nothing.
        assertEq(rollup.headerHash(3), 0, "no batch 3");
        proof = prove(third);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongHeader.selector, 0, keccak256(abi.encode(third))));
        rollup.finalizeBatch(3, third.newRoot, proof);
        again = commit(next);
        finalize(again);
        assertEq(rollup.stateRoot(), third.newRoot, "as if nothing had been");
    }

    /// @dev The withdrawals of a batch that was taken back are not those of the batch that came instead.
    function test_withdrawalsOfAnotherBatchAreGone() public {
        depositEther(5 ether, alice);
        bytes memory record = Records.deposit(0, 5 ether, alice, alice);
        commit(draft(bytes.concat(record, Records.withdraw(0, 1, 0, 5 ether, 0, alice, bob)), 1));
        assertTrue(rollup.withdrawalsRoot(1) != 0, "a withdrawal");
        revertAll();
        commitAndFinalize(record, 1);
        assertEq(rollup.withdrawalsRoot(1), 0, "none");
        vm.expectRevert();
        rollup.initiateWithdrawal(abi.encode(1, 0, new bytes32[](0)), address(0), 5 ether, bob);
    }

    function test_provenBatchesStay() public {
        BatchHeader memory proven = commitAndFinalize("", 0);
        revertAll();
        assertEq(rollup.lastFinalised(), 1, "final");
        assertEq(rollup.lastCommitted(), 1, "committed");
        assertEq(rollup.headerHash(1), keccak256(abi.encode(proven)), "its header");
    }

    function test_nothingIsTakenBackInEscape() public {
        commit(draft("", 0));
        vm.warp(rollup.escapeOpensAt());
        rollup.activateEscape();
        vm.expectRevert(abi.encodeWithSelector(IExits.EscapeOpen.selector, block.timestamp));
        revertAll();
    }

    function test_theProverIsReportedWhileChallenged() public {
        commitAndFinalize("", 0);
        assertEq(companion.lastProver(), address(0), "nobody asks");
        vm.prank(address(companion));
        rollup.setChallenged(true);
        BatchHeader memory header = commit(draft("", 0));
        bytes memory proof = prove(header);
        vm.prank(bob);
        rollup.finalizeBatch(header.batchId, header.newRoot, proof);
        assertEq(companion.lastProver(), bob, "who sent the proof");
    }

    function test_commitAsksTheBonds() public {
        Draft memory d = draft("", 0);
        vm.expectRevert(abi.encodeWithSelector(IBonds.NotSequencer.selector, sequencer, alice));
        vm.prank(alice, alice);
        rollup.commitBatch(d.input, d.operations, d.transactions, d.signatures);
        send(d);
        assertEq(rollup.lastCommitted(), 1, "committed");
        assertEq(rollup.sequencer(), sequencer, "who it names");
    }

    // ------------------------------------------------------------------ claims

    /// @dev Whatever a breaker says, no claim waits longer than three days.
    function test_delaysAreBounded() public {
        bytes memory proof = withdrawal(address(0), 1 ether, bob);
        companion.set(type(uint256).max, false);
        rollup.initiateWithdrawal(proof, address(0), 1 ether, bob);
        assertEq(rollup.delayedUntil(1, 0), block.timestamp + 3 days, "three days");
        vm.warp(block.timestamp + 3 days);
        rollup.initiateWithdrawal(proof, address(0), 1 ether, bob);
        assertEq(bob.balance, 1 ether, "paid");
    }

    function test_unguardedDepositsDoNotAsk() public {
        companion.close(address(0), true);
        depositEther(1, alice);
        vm.prank(address(companion));
        rollup.setGuarded(true);
        vm.expectRevert(abi.encodeWithSelector(IBridge.DepositsPaused.selector, address(0)));
        depositEther(1, alice);
        companion.close(address(0), false);
        depositEther(1, alice);
    }

    /// @dev A token's flag is its own, and what it owes is not touched by it, set and taken back around every move.
    function testFuzz_aTokensFlagIsItsOwn(uint256 seed, uint96[6] calldata amounts) public {
        uint256 owed;
        bool guarded;
        companion.close(address(token), true);
        for (uint256 i = 0; i < 6; ++i) {
            guarded = (seed >> i) & 1 == 1;
            vm.prank(address(companion));
            rollup.setTokenGuarded(address(token), guarded);
            assertEq(rollup.escrowed(address(token)), owed, "owed");
            assertEq(rollup.tokenIndex(address(token)), 1, "index");
            depositEther(1, alice); // of others nobody asks
            uint256 amount = uint256(amounts[i]) + 1;
            token.mint(alice, amount);
            vm.startPrank(alice);
            token.approve(address(rollup), amount);
            if (guarded) vm.expectRevert(abi.encodeWithSelector(IBridge.DepositsPaused.selector, address(token)));
            rollup.deposit(address(token), amount, bob);
            vm.stopPrank();
            if (!guarded) owed += amount;
        }
    }

    /// @dev Registering opens the token's bucket, and needs no breaker for it.
    function test_aFailingBreakerBarsNoToken() public {
        companion.set(0, true);
        TestToken other = new TestToken("Other", "O", 18);
        assertEq(rollup.registerToken{value: 0.05 ether}(address(other)), 2, "index");
        assertEq(rollup.tokens(2), address(other), "listed");
        depositToken(address(other), 5, alice);
    }

    /// @dev ETH has an index like no other: none of its own.
    function test_etherIsNoToken() public {
        assertEq(rollup.tokenIndex(address(0)), 0, "index");
        assertEq(rollup.escrowed(address(0)), 0, "nothing");
        vm.expectRevert(abi.encodeWithSelector(IBridge.UnknownToken.selector, address(0)));
        rollup.deposit(address(0), 1, bob);
    }

    // ------------------------------------------------------------------ exits together

    function test_manyLeaveWithOneProof() public {
        depositEther(3 ether, alice);
        depositToken(address(token), 7, alice);
        vm.expectRevert(IExits.EscapeClosed.selector);
        rollup.forceExits("");
        bytes memory records =
            bytes.concat(Records.deposit(0, 3 ether, alice, alice), Records.deposit(1, 7, alice, alice));
        commitAndFinalize(records, 2);
        vm.warp(rollup.escapeOpensAt());
        rollup.activateEscape();

        _found.push(AccountBalance(bob, 1, 0, 1 ether));
        _found.push(AccountBalance(alice, 2, 1, 7));
        _found.push(AccountBalance(alice, 2, 0, 2 ether));
        // Passed over: twice the same, nothing, a system address, a token that does not exist.
        _found.push(AccountBalance(bob, 1, 0, 1 ether));
        _found.push(AccountBalance(bob, 3, 0, 0));
        _found.push(AccountBalance(address(3), 4, 0, 1));
        _found.push(AccountBalance(bob, 5, 2, 1));
        uint256 before = alice.balance;
        rollup.forceExits("");
        assertEq(bob.balance, 1 ether, "bob, once");
        assertEq(alice.balance, before + 2 ether, "alice's ETH");
        assertEq(token.balanceOf(alice), 7, "alice's token");
        assertEq(rollup.escrowed(address(0)), 0, "all ETH");
        assertTrue(rollup.isExited(1, 0) && rollup.isExited(2, 0) && rollup.isExited(2, 1), "marked");
        assertFalse(rollup.isExited(3, 0) || rollup.isExited(4, 0) || rollup.isExited(5, 2), "not marked");
        rollup.forceExits("");
        assertEq(bob.balance, 1 ether, "once");
    }
}
