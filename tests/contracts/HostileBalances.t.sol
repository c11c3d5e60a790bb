// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBreakers} from "../../contracts/src/interfaces/IBreakers.sol";
import {IBridge} from "../../contracts/src/interfaces/IBridge.sol";
import {BalanceToken, RebasingToken, ReentrantToken} from "../../contracts/test/HostileTokens.sol";
import {TestToken} from "../../contracts/test/TestToken.sol";
import {Records} from "./Records.sol";
import {BreakersFixture} from "./Breakers.t.sol";

/// @title Tokens whose balance is not what it was, or cannot be asked: with the real breakers, and only the token's own
/// deposits and claims feel it.
contract HostileBalancesTest is BreakersFixture {
    function register(address asset) private returns (address) {
        rollup.registerToken{value: FEE}(asset);
        return asset;
    }

    /// @dev A finalised batch with one withdrawal to bob; open queue entries stay open. Returns its claim proof.
    function withdrawn(address asset, uint256 amount) private returns (bytes memory) {
        uint256 index = rollup.tokenIndex(asset);
        commitAndFinalize(Records.withdraw(index, 1, 0, amount, 0, alice, bob), 0);
        return abi.encode(rollup.lastFinalised(), 0, new bytes32[](0));
    }

    /// @dev ETH and an honest token come and go at once, whatever another token does.
    function othersAreUnharmed() private {
        depositEther(8, alice);
        depositToken(address(token), 8, alice);
        (uint256 ethers, uint256 tokens) = (bob.balance, token.balanceOf(bob));
        rollup.initiateWithdrawal(withdrawn(address(0), 1), address(0), 1, bob);
        rollup.initiateWithdrawal(withdrawn(address(token), 1), address(token), 1, bob);
        assertEq(bob.balance, ethers + 1, "ETH");
        assertEq(token.balanceOf(bob), tokens + 1, "an honest token");
    }

    /// @dev Its deposits are refused, its claims wait three days.
    function isClosed(address asset) private {
        assertTrue(breakers.isTripped(asset), "tripped");
        vm.expectRevert(abi.encodeWithSelector(IBridge.DepositsPaused.selector, asset));
        rollup.deposit(asset, 1, bob);
        rollup.initiateWithdrawal(withdrawn(asset, 1), asset, 1, bob);
        uint256 until = rollup.delayedUntil(rollup.lastFinalised(), 0);
        assertEq(until, block.timestamp + 3 days, "waits");
    }

    /// @dev Half of everything is gone: who comes first is paid in full, who comes last waits for it to come back.
    function test_rebasingDown() public {
        RebasingToken asset = RebasingToken(register(address(new RebasingToken())));
        depositToken(address(asset), 100, alice);
        asset.rebase(0.5 ether);
        assertEq(asset.balanceOf(address(rollup)), 50, "half");
        breakers.tripBalance(address(asset));
        isClosed(address(asset));
        bytes memory first = withdrawn(address(asset), 40);
        rollup.initiateWithdrawal(first, address(asset), 40, bob);
        bytes memory last = withdrawn(address(asset), 59);
        rollup.initiateWithdrawal(last, address(asset), 59, bob);
        othersAreUnharmed();
        vm.warp(block.timestamp + 3 days);
        rollup.initiateWithdrawal(first, address(asset), 40, bob);
        assertEq(asset.balanceOf(bob), 40, "paid in full");
        rollup.initiateWithdrawal(last, address(asset), 59, bob);
        assertEq(rollup.pending(address(asset), bob), 59, "owed");
        assertEq(rollup.escrowed(address(asset)), 60, "with the unit that nobody claimed yet");
        asset.rebase(1 ether);
        vm.prank(bob);
        asset.transfer(address(rollup), 40); // what the rebase gave bob
        breakers.tripBalance(address(asset));
        assertFalse(breakers.isTripped(address(asset)), "whole");
        vm.prank(bob);
        rollup.withdrawPending(address(asset));
    }

    function test_rebasingUp() public {
        RebasingToken asset = RebasingToken(register(address(new RebasingToken())));
        depositToken(address(asset), 100, alice);
        asset.rebase(2 ether);
        vm.expectRevert(abi.encodeWithSelector(IBreakers.NothingToTrip.selector, address(asset), 200, 100));
        breakers.tripBalance(address(asset));
        assertEq(rollup.escrowed(address(asset)), 100, "what came later is nobody's");
    }

    /// @dev Every way of not answering is "nothing": asked with its own gas, one word of the answer read.
    function test_aBalanceThatCannotBeAsked() public {
        for (uint8 way = 1; way < 6; ++way) {
            uint256 id = vm.snapshotState();
            BalanceToken asset = BalanceToken(register(address(new BalanceToken())));
            asset.arm(BalanceToken.Way.Lie, 0, 1000);
            depositToken(address(asset), 1000, alice);
            assertEq(rollup.escrowed(address(asset)), 1000, "a lie is believed, for this token");
            asset.arm(BalanceToken.Way(way), 0, 0);
            uint256 before = gasleft();
            breakers.tripBalance{gas: 500_000}(address(asset));
            assertTrue(before - gasleft() < 400_000, "bounded");
            assertTrue(breakers.isTripped(address(asset)), "tripped");
            assertFalse(breakers.depositsOpen(address(asset)), "closed");
            othersAreUnharmed();
            asset.arm(BalanceToken.Way.Lie, 1000, 0);
            breakers.tripBalance(address(asset));
            breakers.rest();
            vm.revertToState(id);
        }
    }

    /// @dev A token that says it is short is treated as short, for as long as it says so.
    function test_aLieIsItsOwn() public {
        BalanceToken asset = BalanceToken(register(address(new BalanceToken())));
        asset.arm(BalanceToken.Way.Lie, 0, 1000);
        depositToken(address(asset), 7, alice);
        asset.arm(BalanceToken.Way.Lie, 999, 0);
        breakers.tripBalance(address(asset));
        isClosed(address(asset));
        othersAreUnharmed();
        // It says yes and no by turns: every call is somebody's gas, and each is of this token alone.
        for (uint256 i = 0; i < 5; ++i) {
            asset.arm(BalanceToken.Way.Lie, 1000, 0);
            breakers.tripBalance(address(asset));
            asset.arm(BalanceToken.Way.Lie, 0, 0);
            breakers.tripBalance(address(asset));
            breakers.rest();
            isClosed(address(asset));
        }
        othersAreUnharmed();
    }

    /// @dev What SELFDESTRUCT left of a token until Cancun, and leaves of one that destroys itself when it is made.
    function test_selfDestructed() public {
        address asset = register(address(new TestToken("Gone", "G", 18)));
        depositToken(asset, 100, alice);
        bytes memory code = asset.code;
        vm.etch(asset, "");
        breakers.tripBalance(asset);
        assertTrue(breakers.isTripped(asset), "nothing is there");
        bytes memory proof = withdrawn(asset, 5);
        rollup.initiateWithdrawal(proof, asset, 5, bob);
        othersAreUnharmed();
        vm.warp(block.timestamp + 3 days);
        rollup.initiateWithdrawal(proof, asset, 5, bob);
        assertEq(rollup.pending(asset, bob), 5, "a call to no code is not a payment");
        vm.etch(asset, code);
        breakers.tripBalance(asset);
        vm.prank(bob);
        rollup.withdrawPending(asset);
        assertEq(TestToken(asset).balanceOf(bob), 5, "paid when it is back");
    }

    /// @dev In the middle of a deposit or a payment a sound token is not short, so a hook can trip nothing.
    function test_noTripFromWithinATransfer() public {
        ReentrantToken asset = ReentrantToken(register(address(new ReentrantToken())));
        asset.arm(address(breakers), abi.encodeCall(IBreakers.tripBalance, (address(asset))));
        depositToken(address(asset), 100, alice);
        assertFalse(asset.succeeded(), "within a deposit");
        assertEq(bytes32(bytes4(asset.answer())), bytes32(IBreakers.NothingToTrip.selector), "not short");
        rollup.initiateWithdrawal(withdrawn(address(asset), 10), address(asset), 10, bob);
        assertFalse(asset.succeeded(), "within a payment");
        assertEq(asset.balanceOf(bob), 10, "paid");
        assertFalse(breakers.isTripped(address(asset)), "not tripped");
    }

    /// @dev A token without deposits is owed nothing and cannot be short, registered or not.
    function test_nothingOwedIsNeverShort() public {
        BalanceToken asset = new BalanceToken();
        asset.arm(BalanceToken.Way.Revert, 0, 0);
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBreakers.NothingToTrip.selector, address(asset), 0, 0));
            breakers.tripBalance(address(asset));
            if (i == 0) register(address(asset));
        }
    }
}
