// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Breakers} from "../../contracts/src/Breakers.sol";
import {Governor} from "../../contracts/src/Governor.sol";
import {IBreakers, IGuarded} from "../../contracts/src/interfaces/IBreakers.sol";
import {IBridge} from "../../contracts/src/interfaces/IBridge.sol";
import {BatchHeader, Settings} from "../../contracts/src/types/Batch.sol";
import {Records} from "./Records.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @title The real breakers and governor beside the real rollup.
abstract contract BreakersFixture is RollupFixture {
    uint16 internal constant SHARE = 2_500;
    uint256 internal constant WINDOW = 1 days;
    address internal guardian = address(uint160(0x94a2d1a0000000000000000000000000000001));
    address internal owner = address(uint160(0x0a11e20000000000000000000000000000001));
    Breakers internal breakers;
    Governor internal governor;

    function buildSettings(address place) internal virtual override returns (Settings memory settings) {
        settings = super.buildSettings(place);
        governor = new Governor(place, owner);
        breakers = new Breakers(place, address(governor), guardian, SHARE, WINDOW);
        (settings.breakers, settings.governor) = (address(breakers), address(governor));
    }

    /// @dev A finalised batch that withdraws these amounts of one asset to bob, after deposits of `funds`.
    function withdrawals(address asset, uint256 funds, uint256[] memory amounts)
        internal
        returns (uint256 batchId, bytes32[] memory leaves)
    {
        uint256 index = rollup.tokenIndex(asset);
        bytes memory operations;
        if (asset == address(0)) {
            operations = depositEther(funds, alice);
        } else {
            depositToken(asset, funds, alice);
            operations = Records.deposit(index, funds, alice, alice);
        }
        leaves = new bytes32[](amounts.length);
        batchId = rollup.lastCommitted() + 1;
        for (uint256 i = 0; i < amounts.length; ++i) {
            operations = bytes.concat(operations, Records.withdraw(index, 1, 0, amounts[i], 0, alice, bob));
            leaves[i] = leaf(batchId, i, asset, amounts[i], bob);
        }
        commitAndFinalize(operations, 1);
    }

    /// @dev Claim `i` of two or of one.
    function claim(uint256 batchId, uint256 i, bytes32[] memory leaves, address asset, uint256 amount) internal {
        bytes32[] memory path = new bytes32[](leaves.length - 1);
        if (leaves.length == 2) path[0] = leaves[1 - i];
        rollup.initiateWithdrawal(abi.encode(batchId, i, path), asset, amount, bob);
    }

    function two(uint256 a, uint256 b) internal pure returns (uint256[] memory amounts) {
        amounts = new uint256[](2);
        (amounts[0], amounts[1]) = (a, b);
    }
}

/// @title Buckets, pauses and trips; what they may not touch; and the forgery that each rule refuses.
contract BreakersTest is BreakersFixture {
    // ------------------------------------------------------------------ buckets

    function test_overTheBucketWaits() public {
        (uint256 batchId, bytes32[] memory leaves) = withdrawals(address(0), 100 ether, two(25 ether, 1 ether));
        assertEq(breakers.available(address(0)), 25 ether, "a quarter of what is owed");
        claim(batchId, 0, leaves, address(0), 25 ether);
        assertEq(bob.balance, 25 ether, "paid at once");
        // 75 owed: the share is 18.75 now, and 25 have left.
        assertEq(breakers.available(address(0)), 0, "empty");
        claim(batchId, 1, leaves, address(0), 1 ether);
        assertEq(bob.balance, 25 ether, "held");
        uint256 until = block.timestamp + 3 days;
        assertEq(rollup.delayedUntil(batchId, 1), until, "for three days");
        assertFalse(rollup.isClaimed(batchId, 1), "not claimed");
        // The bucket of 18.75 drains by 7.25 in 9.3 hours; then the claim fits, and the same call pays it.
        uint256 begun = until - 3 days;
        vm.warp(begun + 9 hours);
        vm.expectRevert(abi.encodeWithSelector(IBridge.StillDelayed.selector, until, begun + 9 hours));
        claim(batchId, 1, leaves, address(0), 1 ether);
        vm.warp(begun + 10 hours);
        claim(batchId, 1, leaves, address(0), 1 ether);
        assertEq(bob.balance, 26 ether, "paid as soon as it fits");
        vm.expectRevert(abi.encodeWithSelector(IBridge.AlreadyClaimed.selector, batchId, 1));
        claim(batchId, 1, leaves, address(0), 1 ether);
    }

    /// @dev A bucket that is kept empty holds a claim for three days, and not a second more.
    function test_threeDaysAtMost() public {
        vm.prank(address(governor));
        breakers.setShare(address(0), true, 1);
        (uint256 batchId, bytes32[] memory leaves) = withdrawals(address(0), 100 ether, two(25 ether, 1 ether));
        claim(batchId, 0, leaves, address(0), 25 ether);
        uint256 until = rollup.delayedUntil(batchId, 0);
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IBridge.StillDelayed.selector, until, until - 1));
        claim(batchId, 0, leaves, address(0), 25 ether);
        assertEq(rollup.delayedUntil(batchId, 0), until, "no longer");
        vm.warp(until);
        claim(batchId, 0, leaves, address(0), 25 ether);
        assertEq(bob.balance, 25 ether, "paid");
    }

    /// @dev A claim repeated before it is paid, or after, takes nothing more from the bucket.
    function test_repeatedClaimsDrainNothing() public {
        (uint256 batchId, bytes32[] memory leaves) = withdrawals(address(0), 100 ether, two(10 ether, 5 ether));
        claim(batchId, 0, leaves, address(0), 10 ether);
        uint256 left = breakers.available(address(0));
        vm.expectRevert(abi.encodeWithSelector(IBridge.AlreadyClaimed.selector, batchId, 0));
        claim(batchId, 0, leaves, address(0), 10 ether);
        vm.expectRevert();
        claim(batchId, 1, leaves, address(0), 6 ether);
        assertEq(breakers.available(address(0)), left, "as before");
    }

    function test_bucketDrains() public {
        (uint256 batchId, bytes32[] memory leaves) = withdrawals(address(0), 100 ether, two(20 ether, 15 ether));
        claim(batchId, 0, leaves, address(0), 20 ether);
        assertEq(breakers.available(address(0)), 0, "the share of 80 is 20, all of it used");
        vm.warp(block.timestamp + WINDOW * 3 / 4);
        assertEq(breakers.available(address(0)), 15 ether, "three quarters are back");
        claim(batchId, 1, leaves, address(0), 15 ether);
        assertEq(bob.balance, 35 ether, "paid at once");
    }

    function test_onlyTheRollupTakesFromABucket() public {
        vm.expectRevert(abi.encodeWithSelector(IBreakers.NotRollup.selector, address(rollup), address(this)));
        breakers.admit(address(0), 1);
    }

    /// @dev In any window no more than twice the share leaves at once, whatever the order; nothing waits over three days.
    function test_fuzz_bound(uint96[8] calldata amounts, uint32[8] calldata waits) public {
        uint256 held = 1e30;
        vm.deal(alice, held);
        depositEther(held, alice);
        uint256 paid;
        uint256 start = block.timestamp;
        for (uint256 i = 0; i < 8; ++i) {
            uint256 wait = waits[i] % (WINDOW / 8);
            vm.warp(block.timestamp + wait);
            uint256 amount = uint256(amounts[i]) * 10;
            vm.prank(address(rollup));
            uint256 delay = breakers.admit(address(0), amount);
            assertTrue(delay <= 3 days, "at most three days");
            if (delay == 0) paid += amount;
        }
        assertTrue(block.timestamp - start < WINDOW, "one window");
        assertTrue(paid <= 2 * (held * SHARE / 10_000), "at most twice the share");
    }

    function test_fuzz_admitNeverReverts(uint256 amount, uint256 wait) public {
        amount %= 1 << 120;
        vm.warp(block.timestamp + (wait % (1 << 35)));
        depositEther(1 ether, alice);
        vm.prank(address(rollup));
        uint256 delay = breakers.admit(address(0), amount);
        assertTrue((delay == 0) == (amount <= 0.25 ether), "a quarter");
    }

    /// @dev A breaker that fails holds a claim, and does not refuse it.
    function test_aFailingBreakerHolds() public {
        bytes memory broken = hex"fe";
        (uint256 batchId, bytes32[] memory leaves) = withdrawals(address(0), 100 ether, two(1 ether, 1 ether));
        vm.etch(address(breakers), broken);
        claim(batchId, 0, leaves, address(0), 1 ether);
        assertEq(rollup.delayedUntil(batchId, 0), block.timestamp + 3 days, "held");
        vm.warp(block.timestamp + 3 days);
        claim(batchId, 0, leaves, address(0), 1 ether);
        assertEq(bob.balance, 1 ether, "and paid");
    }

    /// @dev With too little gas for the breaker the whole claim runs out of it: nobody can put another's claim on hold.
    function test_lackOfGasHoldsNothing() public {
        (uint256 batchId, bytes32[] memory leaves) = withdrawals(address(0), 100 ether, two(1 ether, 1 ether));
        bytes32[] memory path = new bytes32[](1);
        path[0] = leaves[1];
        bytes memory call = abi.encodeCall(rollup.initiateWithdrawal, (abi.encode(batchId, 0, path), address(0), 1 ether, bob));
        uint256 id = vm.snapshotState();
        for (uint256 gas_ = 20_000; gas_ < 160_000; gas_ += 500) {
            (bool done,) = address(rollup).call{gas: gas_}(call);
            if (done) assertEq(rollup.delayedUntil(batchId, 0), 0, "held for lack of gas");
            vm.revertToState(id);
            id = vm.snapshotState();
        }
    }

    // ------------------------------------------------------------------ the guardian

    function test_pause() public {
        (uint256 batchId, bytes32[] memory leaves) = withdrawals(address(0), 100 ether, two(1 ether, 2 ether));
        vm.prank(guardian);
        breakers.pause(3);
        uint256 until = block.timestamp + 72 hours;
        vm.expectRevert(abi.encodeWithSelector(IBridge.DepositsPaused.selector, address(0)));
        depositEther(1, alice);
        claim(batchId, 0, leaves, address(0), 1 ether);
        assertEq(rollup.delayedUntil(batchId, 0), until, "until the pause ends");
        // What no pause covers: commit, finalise, forced exits, keys.
        vm.prank(bob);
        vm.deal(bob, 1 ether);
        rollup.requestForcedExit{value: 1 ether}(address(0));
        commitAndFinalize(Records.forcedExit(0, 0, bob), 1);

        vm.warp(until - 1);
        assertFalse(breakers.depositsOpen(address(0)), "closed to the last second");
        vm.expectRevert(IBreakers.StillGuarded.selector);
        breakers.rest();
        vm.warp(until);
        depositEther(1, alice);
        breakers.rest();
        claim(batchId, 0, leaves, address(0), 1 ether);
        claim(batchId, 1, leaves, address(0), 2 ether);
        vm.prank(guardian);
        vm.expectRevert(
            abi.encodeWithSelector(IBreakers.PauseTooSoon.selector, until - 72 hours + 30 days, block.timestamp)
        );
        breakers.pause(1);
        vm.warp(until - 72 hours + 30 days);
        vm.prank(guardian);
        breakers.pause(1);
        assertFalse(breakers.depositsOpen(address(token)), "paused again");
    }

    function test_scopes() public {
        (uint256 batchId, bytes32[] memory leaves) = withdrawals(address(0), 100 ether, two(1 ether, 2 ether));
        uint256 id = vm.snapshotState();
        vm.prank(guardian);
        breakers.pause(1);
        claim(batchId, 0, leaves, address(0), 1 ether);
        assertEq(rollup.delayedUntil(batchId, 0), 0, "claims go on");
        vm.revertToState(id);
        vm.prank(guardian);
        breakers.pause(2);
        depositEther(1, alice);
        for (uint8 scope = 0; scope < 6; scope += 4) {
            vm.prank(guardian);
            vm.expectRevert(abi.encodeWithSelector(IBreakers.UnknownScope.selector, scope));
            breakers.pause(scope);
        }
    }

    function test_pauseEndsEarly() public {
        vm.prank(guardian);
        breakers.pause(3);
        vm.prank(guardian);
        breakers.unpause();
        depositEther(1, alice);
        vm.prank(guardian);
        vm.expectRevert();
        breakers.pause(3);
    }

    function test_guardianIsOneAndMovesInTwoSteps() public {
        vm.expectRevert(abi.encodeWithSelector(IBreakers.NotGuardian.selector, guardian, address(this)));
        breakers.pause(3);
        vm.expectRevert(abi.encodeWithSelector(IBreakers.NotGuardian.selector, guardian, address(this)));
        breakers.unpause();
        vm.expectRevert(abi.encodeWithSelector(IBreakers.NotGuardian.selector, guardian, address(this)));
        breakers.offerGuardian(bob);
        vm.prank(guardian);
        breakers.offerGuardian(bob);
        vm.expectRevert(abi.encodeWithSelector(IBreakers.NotGuardian.selector, bob, alice));
        vm.prank(alice);
        breakers.acceptGuardian();
        assertEq(breakers.guardian(), guardian, "not before it is accepted");
        assertEq(breakers.offeredTo(), bob, "who may");
        vm.prank(bob);
        breakers.acceptGuardian();
        assertEq(breakers.guardian(), bob, "moved");
        assertEq(breakers.offeredTo(), address(0), "no offer is open");
        vm.expectRevert(abi.encodeWithSelector(IBreakers.NotGuardian.selector, bob, guardian));
        vm.prank(guardian);
        breakers.pause(3);
    }

    /// @dev An offer of the guardian that the governor replaced is nobody's any more.
    function test_aReplacedGuardiansOfferIsVoid() public {
        vm.prank(guardian);
        breakers.offerGuardian(bob);
        vm.prank(address(governor));
        breakers.setGuardian(alice);
        assertEq(breakers.offeredTo(), address(0), "no offer is open");
        vm.expectRevert(abi.encodeWithSelector(IBreakers.NotGuardian.selector, address(0), bob));
        vm.prank(bob);
        breakers.acceptGuardian();
    }

    /// @dev Without a guardian nobody pauses, not even the zero address.
    function test_noGuardian() public {
        vm.prank(address(governor));
        breakers.setGuardian(address(0));
        vm.prank(address(0));
        vm.expectRevert(abi.encodeWithSelector(IBreakers.NotGuardian.selector, address(0), address(0)));
        breakers.pause(3);
    }

    function test_onlyTheGovernorSets() public {
        address[3] memory others = [address(this), guardian, owner];
        for (uint256 i = 0; i < 3; ++i) {
            bytes memory reason =
                abi.encodeWithSelector(IBreakers.NotGovernor.selector, address(governor), others[i]);
            vm.prank(others[i]);
            vm.expectRevert(reason);
            breakers.setShare(address(0), true, 1);
            vm.prank(others[i]);
            vm.expectRevert(reason);
            breakers.setGuardian(others[i]);
        }
        vm.expectRevert(abi.encodeWithSelector(IGuarded.NotBreakers.selector, address(breakers), address(this)));
        rollup.setGuarded(true);
        vm.expectRevert(abi.encodeWithSelector(IGuarded.NotBreakers.selector, address(breakers), address(this)));
        rollup.setTokenGuarded(address(token), true);
    }

    function test_settings() public {
        vm.expectRevert(abi.encodeWithSelector(IBreakers.BadSetting.selector, 0, 10_000, 0));
        new Breakers(address(1), address(2), guardian, 0, WINDOW);
        vm.expectRevert(abi.encodeWithSelector(IBreakers.BadSetting.selector, 0, 10_000, 10_001));
        new Breakers(address(1), address(2), guardian, 10_001, WINDOW);
        vm.expectRevert(abi.encodeWithSelector(IBreakers.BadSetting.selector, 1, 1 hours, 3599));
        new Breakers(address(1), address(2), guardian, SHARE, 3599);
        vm.expectRevert(abi.encodeWithSelector(IBreakers.BadSetting.selector, 1, 7 days, 7 days + 1));
        new Breakers(address(1), address(2), guardian, SHARE, 7 days + 1);
        vm.startPrank(address(governor));
        vm.expectRevert(abi.encodeWithSelector(IBreakers.BadSetting.selector, 0, 10_000, 10_001));
        breakers.setShare(address(0), true, 10_001);
        vm.expectRevert(abi.encodeWithSelector(IBreakers.BadSetting.selector, 0, 10_000, 0));
        breakers.setShare(address(0), true, 0);
        vm.expectRevert(abi.encodeWithSelector(IBreakers.BadSetting.selector, 0, 0, 1));
        breakers.setShare(address(0), false, 1);
        breakers.setShare(address(0), true, 10_000);
        assertEq(breakers.shareOf(address(0)), 10_000, "all of it");
        breakers.setShare(address(0), false, 0);
        assertEq(breakers.shareOf(address(0)), SHARE, "the default");
    }

    // ------------------------------------------------------------------ trips: balance

    function test_shortToken() public {
        (uint256 batchId, bytes32[] memory leaves) = withdrawals(address(token), 100, two(1, 2));
        vm.expectRevert(abi.encodeWithSelector(IBreakers.NothingToTrip.selector, address(token), 100, 100));
        breakers.tripBalance(address(token));
        vm.prank(address(rollup));
        token.transfer(address(0xdead), 1);
        breakers.tripBalance(address(token));
        vm.expectRevert(abi.encodeWithSelector(IBreakers.NothingToTrip.selector, address(token), 99, 100));
        breakers.tripBalance(address(token));
        assertFalse(breakers.depositsOpen(address(token)), "its deposits are closed");
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IBridge.DepositsPaused.selector, address(token)));
        rollup.deposit(address(token), 1, bob);
        vm.stopPrank();
        claim(batchId, 0, leaves, address(token), 1);
        assertEq(rollup.delayedUntil(batchId, 0), block.timestamp + 3 days, "its claims wait");
        depositEther(1, alice); // and no other token's
        breakers.rest(); // which opens nothing that is tripped
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IBridge.DepositsPaused.selector, address(token)));
        rollup.deposit(address(token), 1, bob);
        vm.stopPrank();

        token.mint(address(rollup), 1);
        breakers.tripBalance(address(token));
        depositToken(address(token), 1, bob);
        claim(batchId, 1, leaves, address(token), 2);
        assertEq(token.balanceOf(bob), 2, "as before");
    }

    function test_shortEther() public {
        depositEther(2 ether, alice);
        vm.deal(address(rollup), 2 ether - 1);
        breakers.tripBalance(address(0));
        assertTrue(breakers.isTripped(address(0)), "short of a wei");
    }

    /// @dev Little gas must not make a sound token look short.
    function test_lackOfGasTripsNothing() public {
        depositToken(address(token), 100, alice);
        bytes memory call = abi.encodeCall(breakers.tripBalance, (address(token)));
        for (uint256 gas_ = 10_000; gas_ < 500_000; gas_ += 5_000) {
            (bool done,) = address(breakers).call{gas: gas_}(call);
            assertFalse(done, "tripped");
        }
    }

    // ------------------------------------------------------------------ trips: proofs

    function opposed() private returns (BatchHeader memory a, BatchHeader memory b) {
        a = commit(draft("", 0));
        b = abi.decode(abi.encode(a), (BatchHeader));
        b.newRoot = bytes32(uint256(a.newRoot) ^ 1);
    }

    function test_contradiction() public {
        (BatchHeader memory a, BatchHeader memory b) = opposed();
        bytes memory proofA = prove(a);
        bytes memory proofB = prove(b);
        breakers.tripProof(proofA, proofB);
        (uint64 deposits, uint64 claims,) = breakers.pauses();
        assertEq(deposits, block.timestamp + 72 hours, "deposits");
        assertEq(claims, block.timestamp + 72 hours, "claims");
        vm.expectRevert(abi.encodeWithSelector(IBreakers.AlreadyTripped.selector, 1));
        breakers.tripProof(proofA, proofB);
        vm.prank(guardian);
        vm.expectRevert(IBreakers.StillGuarded.selector);
        breakers.unpause();
        // Another batch trips again, and shortens nothing.
        finalize(a);
        (a, b) = opposed();
        b.idRoot = bytes32(uint256(a.idRoot) ^ 1);
        vm.warp(block.timestamp + 1 hours);
        breakers.tripProof(prove(a), prove(b));
    }

    function test_contradictionRefuses() public {
        (BatchHeader memory a, BatchHeader memory b) = opposed();
        bytes memory proofA = prove(a);
        bytes memory proofB = prove(b);
        vm.expectRevert(abi.encodeWithSelector(IBreakers.HeadersNotOpposed.selector, 1));
        breakers.tripProof(proofA, proofA);
        bytes memory wrong = abi.encode(b, new bytes(32));
        vm.expectRevert(abi.encodeWithSelector(IBreakers.NoProof.selector, 1));
        breakers.tripProof(proofA, wrong);
        wrong = abi.encode(a, new bytes(32));
        vm.expectRevert(abi.encodeWithSelector(IBreakers.NoProof.selector, 0));
        breakers.tripProof(wrong, proofB);
        vm.expectRevert(
            abi.encodeWithSelector(IBreakers.WrongHeader.selector, keccak256(abi.encode(a)), keccak256(abi.encode(b)))
        );
        breakers.tripProof(proofB, proofA);
    }

    /// @dev An empty or shorter batch of the attacker's own, or one with other data, contradicts nothing.
    function test_anotherBatchContradictsNothing() public {
        (BatchHeader memory a, BatchHeader memory b) = opposed();
        bytes memory proofA = prove(a);
        for (uint256 field = 0; field < 20; ++field) {
            if (field == 3 || field == 8) continue;
            BatchHeader memory other = abi.decode(abi.encode(b), (BatchHeader));
            assembly {
                let place := add(other, mul(field, 32))
                mstore(place, xor(mload(place), 1))
            }
            bytes memory proofB = prove(other);
            // The batch it names is not asked: what is missing is A's own header with another root.
            vm.expectRevert(abi.encodeWithSelector(IBreakers.HeadersNotOpposed.selector, 1));
            breakers.tripProof(proofA, proofB);
        }
    }

    // ------------------------------------------------------------------ escape

    /// @dev Everything tripped and paused: escape opens on time, exits, refunds and held claims pay at once.
    function test_nothingStopsTheWaysOut() public {
        (uint256 batchId, bytes32[] memory leaves) = withdrawals(address(0), 100 ether, two(26 ether, 2 ether));
        claim(batchId, 0, leaves, address(0), 26 ether);
        assertEq(rollup.delayedUntil(batchId, 0), block.timestamp + 3 days, "held");
        depositEther(1 ether, alice);
        vm.deal(address(rollup), address(rollup).balance - 1);
        breakers.tripBalance(address(0));
        vm.warp(rollup.escapeOpensAt());
        vm.prank(guardian);
        breakers.pause(3);
        rollup.activateEscape();
        claim(batchId, 0, leaves, address(0), 26 ether);
        claim(batchId, 1, leaves, address(0), 2 ether);
        assertEq(bob.balance, 28 ether, "claims, held or not");
        uint256 before = alice.balance;
        rollup.refundDeposit(1, address(0), 1 ether, alice, alice);
        assertEq(alice.balance, before + 1 ether, "refund");
    }
}
