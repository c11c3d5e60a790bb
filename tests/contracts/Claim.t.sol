// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBridge} from "../../contracts/src/interfaces/IBridge.sol";
import {IL2Bridge} from "../../contracts/src/interfaces/IL2Bridge.sol";
import {Payout} from "../../contracts/src/libraries/Payout.sol";
import {ProofCodec} from "../../contracts/src/libraries/ProofCodec.sol";
import {BatchHeader} from "../../contracts/src/types/Batch.sol";
import {ReentrantRecipient, RefusingRecipient} from "../../contracts/test/HostileTokens.sol";
import {Records} from "./Records.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @title initiateWithdrawal and pending balances: once, after finality, on the exact leaf, whoever receives.
contract ClaimTest is RollupFixture {
    function test_claimEther() public {
        bytes memory proof = withdrawal(address(0), 3 ether, bob);
        vm.expectEmit(address(rollup));
        emit IBridge.WithdrawalPaid(1, 0, address(0), 3 ether, bob);
        vm.prank(alice); // anyone may claim for the recipient
        rollup.initiateWithdrawal(proof, address(0), 3 ether, bob);
        assertEq(bob.balance, 3 ether, "paid");
        assertEq(rollup.escrowed(address(0)), 0, "nothing owed");
        assertTrue(rollup.isClaimed(1, 0), "claimed");
        assertEq(rollup.claimedBitmap(1, 0), 1, "bit map");
        vm.expectRevert(abi.encodeWithSelector(IBridge.AlreadyClaimed.selector, 1, 0));
        rollup.initiateWithdrawal(proof, address(0), 3 ether, bob);
    }

    function test_claimToken() public {
        bytes memory proof = withdrawal(address(token), 500, bob);
        rollup.initiateWithdrawal(proof, address(token), 500, bob);
        assertEq(token.balanceOf(bob), 500, "paid");
        assertEq(rollup.escrowed(address(token)), 0, "nothing owed");
    }

    function test_notBeforeFinality() public {
        depositEther(1 ether, alice);
        bytes memory operations =
            bytes.concat(Records.deposit(0, 1 ether, alice, alice), Records.withdraw(0, 1, 0, 1 ether, 0, alice, bob));
        BatchHeader memory h = commit(draft(operations, 1));
        bytes memory proof = abi.encode(1, 0, new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(IBridge.NotFinalised.selector, 1, 0));
        rollup.initiateWithdrawal(proof, address(0), 1 ether, bob);
        finalize(h);
        rollup.initiateWithdrawal(proof, address(0), 1 ether, bob);
        vm.expectRevert(abi.encodeWithSelector(IBridge.NotFinalised.selector, type(uint256).max, 1));
        rollup.initiateWithdrawal(abi.encode(type(uint256).max, 0, new bytes32[](0)), address(0), 1 ether, bob);
    }

    function refusePath(bytes memory proof, address asset, uint256 amount, address recipient) private {
        (bool ok, bytes memory reason) =
            address(rollup).call(abi.encodeCall(IL2Bridge.initiateWithdrawal, (proof, asset, amount, recipient)));
        assertFalse(ok, "must be refused");
        assertEq(bytes32(bytes4(reason)), bytes32(IBridge.WrongPath.selector), "WrongPath");
    }

    function test_threeWithdrawals() public {
        bytes memory operations = depositEther(6, alice);
        bytes32[4] memory leaves;
        for (uint256 i = 0; i < 3; ++i) {
            operations = bytes.concat(operations, Records.withdraw(0, 1, i, i + 1, 0, alice, bob));
            leaves[i] = leaf(1, i, address(0), i + 1, bob);
        }
        commitAndFinalize(operations, 1);
        bytes32 right = keccak256(abi.encodePacked(leaves[2], leaves[3]));
        bytes32[] memory path = new bytes32[](2);
        (path[0], path[1]) = (leaves[1], right);
        bytes memory first = abi.encode(1, 0, path);
        refusePath(first, address(0), 2, bob); // amount of another
        refusePath(first, address(0), 1, alice); // another recipient
        refusePath(first, address(token), 1, bob); // another token
        refusePath(abi.encode(1, 1, path), address(0), 1, bob); // another index
        refusePath(abi.encode(1, 4, path), address(0), 1, bob); // an alias of the index
        refusePath(abi.encode(1, 1 << 255, path), address(0), 1, bob);
        refusePath(abi.encode(0, 0, path), address(0), 1, bob); // batch without withdrawals
        refusePath(abi.encode(1, 0, new bytes32[](0)), address(0), 1, bob); // short path
        path[0] = leaves[0];
        refusePath(abi.encode(1, 0, path), address(0), 1, bob); // wrong sibling
        rollup.initiateWithdrawal(first, address(0), 1, bob);
        (path[0], path[1]) = (leaves[3], keccak256(abi.encodePacked(leaves[0], leaves[1])));
        rollup.initiateWithdrawal(abi.encode(1, 2, path), address(0), 3, bob);
        (path[0], path[1]) = (leaves[0], right);
        rollup.initiateWithdrawal(abi.encode(1, 1, path), address(0), 2, bob);
        assertEq(rollup.claimedBitmap(1, 0), 7, "all three");
        assertEq(bob.balance, 6, "each once");
    }

    function test_malformedClaims() public {
        bytes memory good = withdrawal(address(0), 1 ether, bob);
        malformed("", abi.encode(0, 128, 0));
        malformed(bytes.concat(good, hex"00"), abi.encode(129, 128, 129));
        malformed(bytes.concat(good, new bytes(32)), abi.encode(96, 1, 0));
        malformed(abi.encode(1, 0, 128, 0), abi.encode(64, 96, 128));
        malformed(abi.encode(1, 0, 96, type(uint256).max), abi.encode(96, 0, type(uint256).max));
        rollup.initiateWithdrawal(good, address(0), 1 ether, bob);
    }

    function malformed(bytes memory proof, bytes memory detail) private {
        vm.expectRevert(bytes.concat(ProofCodec.ProofMalformed.selector, detail));
        rollup.initiateWithdrawal(proof, address(0), 1 ether, bob);
    }

    function test_neverMoreThanEscrowed() public {
        // A batch that pays what nobody deposited: no proof would hold for it, the account says no all the same.
        depositEther(1 ether, alice);
        bytes memory operations =
            bytes.concat(Records.deposit(0, 1 ether, alice, alice), Records.withdraw(0, 1, 0, 2 ether, 0, alice, bob));
        commitAndFinalize(operations, 1);
        vm.deal(address(rollup), 10 ether);
        vm.expectRevert(abi.encodeWithSelector(IBridge.EscrowExceeded.selector, address(0), 1 ether, 2 ether));
        rollup.initiateWithdrawal(abi.encode(1, 0, new bytes32[](0)), address(0), 2 ether, bob);
    }

    function test_refusedEtherBecomesPending() public {
        RefusingRecipient recipient = new RefusingRecipient();
        bytes memory proof = withdrawal(address(0), 2 ether, address(recipient));
        vm.expectEmit(address(rollup));
        emit IBridge.WithdrawalPending(1, 0, address(0), 2 ether, address(recipient));
        rollup.initiateWithdrawal(proof, address(0), 2 ether, address(recipient));
        assertEq(rollup.pending(address(0), address(recipient)), 2 ether, "pending");
        assertEq(rollup.escrowed(address(0)), 2 ether, "still owed");
        vm.expectRevert(abi.encodeWithSelector(IBridge.AlreadyClaimed.selector, 1, 0));
        rollup.initiateWithdrawal(proof, address(0), 2 ether, address(recipient));

        (bool ok,) = recipient.call(address(rollup), abi.encodeCall(IBridge.withdrawPending, (address(0))));
        assertFalse(ok, "it still refuses, and nothing is lost");
        assertEq(rollup.pending(address(0), address(recipient)), 2 ether, "still pending");
        bytes memory toBob = abi.encodeCall(IBridge.withdrawPendingTo, (address(0), bob));
        (ok,) = recipient.call(address(rollup), toBob);
        assertTrue(ok, "to another address");
        assertEq(bob.balance, 2 ether, "paid");
        assertEq(rollup.escrowed(address(0)), 0, "nothing owed");
        (ok,) = recipient.call(address(rollup), toBob);
        assertFalse(ok, "once");
    }

    function test_pendingOfNobody() public {
        vm.expectRevert(IBridge.AmountZero.selector);
        rollup.withdrawPending(address(0));
        vm.expectRevert(abi.encodeWithSelector(IBridge.RecipientRefused.selector, address(rollup)));
        rollup.withdrawPendingTo(address(0), address(rollup));
    }

    function test_reentrancyFromEtherRecipient() public {
        ReentrantRecipient recipient = new ReentrantRecipient();
        bytes memory proof = withdrawal(address(0), 1 ether, address(recipient));
        depositEther(5 ether, bob); // value to steal
        recipient.arm(
            address(rollup),
            abi.encodeCall(IL2Bridge.initiateWithdrawal, (proof, address(0), 1 ether, address(recipient)))
        );
        rollup.initiateWithdrawal(proof, address(0), 1 ether, address(recipient));
        assertTrue(recipient.called(), "it tried");
        assertFalse(recipient.succeeded(), "no second payment");
        assertEq(address(recipient).balance, 1 ether, "paid");
        assertTrue(address(rollup).balance >= rollup.escrowed(address(0)), "solvent");
    }

    function test_pushCannotBeStarved() public {
        bytes memory proof = withdrawal(address(token), 500, bob);
        bytes memory call = abi.encodeCall(IL2Bridge.initiateWithdrawal, (proof, address(token), 500, bob));
        (bool ok, bytes memory reason) = address(rollup).call{gas: 250_000}(call);
        assertFalse(ok, "too little gas");
        assertEq(bytes32(bytes4(reason)), bytes32(Payout.InsufficientGas.selector), "typed");
        (ok,) = address(rollup).call{gas: 550_000}(call);
        assertTrue(ok, "enough");
        assertEq(token.balanceOf(bob), 500, "paid, not pending");
    }
}
