// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IBridge} from "../../contracts/src/interfaces/IBridge.sol";
import {IL2Bridge} from "../../contracts/src/interfaces/IL2Bridge.sol";
import {
    BlacklistToken,
    FalseReturningToken,
    FeeOnTransferToken,
    GasToken,
    NoReturnToken,
    ReentrantToken,
    TakingToken
} from "../../contracts/test/HostileTokens.sol";
import {TestToken} from "../../contracts/test/TestToken.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @title Tokens that misbehave: credited is what arrived, a failed push waits, and no token touches another's value.
contract HostileTokensTest is RollupFixture {
    function register(address asset) private returns (address) {
        rollup.registerToken{value: FEE}(asset);
        return asset;
    }

    /// @dev An honest token's deposit and withdrawal still work, and every account is covered.
    function othersAreUnharmed() private {
        uint256 before = token.balanceOf(bob);
        bytes memory proof = withdrawal(address(token), 5, bob);
        rollup.initiateWithdrawal(proof, address(token), 5, bob);
        assertEq(token.balanceOf(bob), before + 5, "honest token");
        assertTrue(token.balanceOf(address(rollup)) >= rollup.escrowed(address(token)), "covered");
    }

    function test_feeOnTransfer() public {
        address asset = register(address(new FeeOnTransferToken()));
        depositToken(asset, 1000, alice);
        assertEq(rollup.escrowed(asset), 990, "credited what arrived");
        assertEq(TestToken(asset).balanceOf(address(rollup)), 990, "held");
    }

    function test_feeOnTransferWithdrawal() public {
        address asset = register(address(new FeeOnTransferToken()));
        bytes memory proof = withdrawal(asset, 990, bob);
        // 990 deposited, 981 arrived: the withdrawal of 990 is one no proof would hold for.
        vm.expectRevert(abi.encodeWithSelector(IBridge.EscrowExceeded.selector, asset, 981, 990));
        rollup.initiateWithdrawal(proof, asset, 990, bob);
        othersAreUnharmed();
    }

    function test_noReturn() public {
        address asset = register(address(new NoReturnToken()));
        bytes memory proof = withdrawal(asset, 700, bob);
        rollup.initiateWithdrawal(proof, asset, 700, bob);
        assertEq(NoReturnToken(asset).balanceOf(bob), 700, "paid");
        othersAreUnharmed();
    }

    function guarded(ReentrantToken asset) private view {
        assertFalse(asset.succeeded(), "refused");
        bytes4 expected = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
        assertEq(bytes32(bytes4(asset.answer())), bytes32(expected), "by the guard");
    }

    function test_reentrantDeposit() public {
        ReentrantToken asset = ReentrantToken(register(address(new ReentrantToken())));
        asset.mint(address(asset), 100);
        asset.arm(address(rollup), abi.encodeCall(IL2Bridge.deposit, (address(asset), 0, bob)));
        depositToken(address(asset), 100, alice);
        guarded(asset);
        assertEq(rollup.escrowed(address(asset)), 100, "credited once");
        assertEq(rollup.queueLength(), 1, "queued once");
    }

    function test_reentrantDepositOfEther() public {
        ReentrantToken asset = ReentrantToken(register(address(new ReentrantToken())));
        asset.arm(address(rollup), abi.encodeCall(IBridge.withdrawPending, (address(asset))));
        depositToken(address(asset), 100, alice);
        guarded(asset);
    }

    function test_reentrantClaim() public {
        ReentrantToken asset = ReentrantToken(register(address(new ReentrantToken())));
        bytes memory proof = withdrawal(address(asset), 100, bob);
        depositToken(address(asset), 900, alice); // value to steal
        asset.arm(address(rollup), abi.encodeCall(IL2Bridge.initiateWithdrawal, (proof, address(asset), 100, bob)));
        rollup.initiateWithdrawal(proof, address(asset), 100, bob);
        guarded(asset);
        assertEq(asset.balanceOf(bob), 100, "paid once");
    }

    function test_blacklist() public {
        BlacklistToken asset = BlacklistToken(register(address(new BlacklistToken())));
        bytes memory proof = withdrawal(address(asset), 100, bob);
        asset.list(bob, true);
        vm.expectEmit(address(rollup));
        emit IBridge.WithdrawalPending(1, 0, address(asset), 100, bob);
        rollup.initiateWithdrawal(proof, address(asset), 100, bob);
        vm.expectRevert(abi.encodeWithSelector(BlacklistToken.Listed.selector, bob));
        vm.prank(bob);
        rollup.withdrawPending(address(asset));
        asset.list(bob, false);
        vm.prank(bob);
        rollup.withdrawPending(address(asset));
        assertEq(asset.balanceOf(bob), 100, "paid later");
        // The rollup itself listed: this token alone stands still.
        asset.list(address(rollup), true);
        othersAreUnharmed();
    }

    function test_falseReturning() public {
        FalseReturningToken asset = FalseReturningToken(register(address(new FalseReturningToken())));
        bytes memory proof = withdrawal(address(asset), 100, bob);
        asset.setBroken(true);
        asset.mint(alice, 5);
        vm.startPrank(alice);
        asset.approve(address(rollup), 5);
        vm.expectRevert();
        rollup.deposit(address(asset), 5, alice);
        vm.stopPrank();
        rollup.initiateWithdrawal(proof, address(asset), 100, bob);
        assertEq(rollup.pending(address(asset), bob), 100, "pending");
        assertEq(rollup.escrowed(address(asset)), 100, "still owed");
        vm.prank(bob);
        vm.expectRevert();
        rollup.withdrawPending(address(asset));
        asset.setBroken(false);
        vm.prank(bob);
        rollup.withdrawPending(address(asset));
        assertEq(asset.balanceOf(bob), 100, "paid later");
        othersAreUnharmed();
    }

    function test_codeless() public {
        address asset = register(address(new TestToken("Gone", "G", 18)));
        bytes memory proof = withdrawal(asset, 100, bob);
        bytes memory code = asset.code;
        vm.etch(asset, "");
        vm.expectRevert();
        rollup.deposit(asset, 1, alice);
        rollup.initiateWithdrawal(proof, asset, 100, bob);
        assertEq(rollup.pending(asset, bob), 100, "a call to no code is not a payment");
        vm.prank(bob);
        vm.expectRevert();
        rollup.withdrawPending(asset);
        othersAreUnharmed();
        vm.etch(asset, code);
        vm.prank(bob);
        rollup.withdrawPending(asset);
        assertEq(TestToken(asset).balanceOf(bob), 100, "paid when the code is back");
    }

    function test_takingToken() public {
        TakingToken asset = TakingToken(register(address(new TakingToken())));
        asset.mint(address(rollup), 10);
        vm.expectRevert(abi.encodeWithSelector(IBridge.NothingArrived.selector, 10, 9));
        rollup.deposit(address(asset), 1, alice);
    }

    function test_gasBurnerAndReturnBomb() public {
        GasToken asset = GasToken(register(address(new GasToken())));
        bytes memory proof = withdrawal(address(asset), 100, bob);
        asset.arm(true, 0);
        rollup.initiateWithdrawal{gas: 700_000}(proof, address(asset), 100, bob);
        assertEq(rollup.pending(address(asset), bob), 100, "burns its own gas only");
        proof = withdrawal(address(asset), 50, bob);
        asset.arm(false, 100_000);
        rollup.initiateWithdrawal{gas: 700_000}(proof, address(asset), 50, bob);
        assertEq(rollup.pending(address(asset), bob), 150, "a bomb of zeros is not true");
        asset.arm(false, 31);
        proof = withdrawal(address(asset), 25, bob);
        rollup.initiateWithdrawal(proof, address(asset), 25, bob);
        assertEq(rollup.pending(address(asset), bob), 175, "a short answer is not true");
    }

    function test_decimals() public {
        uint8[2] memory decimals = [0, 77];
        for (uint256 i = 0; i < 2; ++i) {
            address asset = register(address(new TestToken("Odd", "ODD", decimals[i])));
            bytes memory proof = withdrawal(asset, 1, bob);
            rollup.initiateWithdrawal(proof, asset, 1, bob);
            assertEq(TestToken(asset).balanceOf(bob), 1, "amounts are in smallest units");
        }
    }
}
