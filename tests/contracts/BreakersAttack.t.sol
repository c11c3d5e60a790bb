// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBreakers} from "../../contracts/src/interfaces/IBreakers.sol";
import {BatchHeader} from "../../contracts/src/types/Batch.sol";
import {RefusingRecipient} from "../../contracts/test/HostileTokens.sol";
import {BreakersFixture} from "./Breakers.t.sol";

/// @dev Burns what gas it is given: what a verifier that runs out of it looks like.
contract BurningVerifier {
    function verify(bytes calldata, uint256[] calldata) external pure returns (bool) {
        while (true) {}
        return true;
    }

    function vkDigest() external pure returns (bytes32) {
        return keccak256("burning");
    }
}

/// @title Attempts on the breakers: to leave past a bucket, to hold others for ever, to trip without a fact.
contract BreakersAttackTest is BreakersFixture {
    uint256 private constant HELD = 100 ether;

    function admit(uint256 amount) private returns (uint256) {
        vm.prank(address(rollup));
        return breakers.admit(address(0), amount);
    }

    function pauseClaims() private returns (uint256) {
        vm.prank(guardian);
        breakers.pause(2);
        return block.timestamp + 72 hours;
    }

    // ------------------------------------------------------------------ past a bucket

    /// @dev A claim in the last second of a pause waits a second only where it fits into the bucket.
    function test_theLastSecondOfAPauseIsNoWayAround() public {
        depositEther(HELD, alice);
        uint256 until = pauseClaims();
        vm.warp(until - 1);
        assertEq(admit(60 ether), 3 days, "over the bucket: three days");
        assertEq(admit(25 ether), 1, "what fits waits for the end");
        assertEq(admit(1), 3 days, "and is of the bucket");
        vm.warp(until);
        assertEq(admit(1), 3 days, "which has not drained");
        vm.warp(until + WINDOW);
        assertEq(admit(25 ether), 0, "a window later it has");
    }

    /// @dev Claims all through a pause are paid in one second, at its end: together they are one bucket.
    function test_aBucketDoesNotDrainInAPause() public {
        depositEther(HELD, alice);
        uint256 until = pauseClaims();
        vm.warp(block.timestamp + 1); // in the first second a pause is as long as the delay
        uint256 together;
        for (uint256 hour = 0; hour < 71; ++hour) {
            uint256 delay = admit(5 ether);
            if (delay < 3 days) {
                assertEq(block.timestamp + delay, until, "paid at the end");
                together += 5 ether;
            }
            vm.warp(block.timestamp + 1 hours);
        }
        assertEq(together, 25 ether, "one bucket");
    }

    /// @dev Recipients that refuse take from the bucket too: what waits as a pending balance leaves without a breaker.
    function test_pendingBalancesAreNoWayAround() public {
        address recipient = address(new RefusingRecipient());
        commitAndFinalize(depositEther(HELD, alice), 1);
        uint256 held;
        for (uint256 i = 0; i < 6; ++i) {
            bytes memory proof = withdrawal(address(0), 10 ether, recipient);
            rollup.initiateWithdrawal(proof, address(0), 10 ether, recipient);
            if (rollup.delayedUntil(i + 2, 0) != 0) held += 10 ether;
        }
        assertEq(rollup.pending(address(0), recipient), 60 ether - held, "pending");
        assertTrue(held >= 20 ether, "the rest waits");
    }

    /// @dev Bound: in any window no more is paid sooner than in three days than twice the share of the most that was
    /// ever owed. Deposits, payments, pauses and their ends in any order; everything is paid within three days.
    function test_fuzz_boundOverHistories(uint256 seed) public {
        vm.deal(alice, 1e24);
        depositEther(1000 ether, alice);
        uint256[24] memory time;
        uint256[24] memory paid;
        uint256[24] memory owed;
        for (uint256 i = 0; i < 24; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            vm.warp(block.timestamp + (seed % 7 == 0 ? seed % 30 days : (seed >> 8) % 6 hours));
            if (seed % 5 == 0) depositEther((seed >> 16) % 300 ether + 1, alice);
            vm.startPrank(guardian);
            if (seed % 11 == 0) try breakers.pause(2) {} catch {}
            if (seed % 13 == 0) breakers.unpause();
            vm.stopPrank();
            uint256 now_ = rollup.escrowed(address(0));
            uint256 amount = (seed >> 32) % (now_ * (seed % 3 + 1) / 10);
            uint256 delay = admit(amount);
            assertTrue(delay <= 3 days, "at most three days");
            owed[i] = now_;
            time[i] = block.timestamp + delay;
            if (delay < 3 days) {
                paid[i] = amount;
                pay(amount);
            }
        }
        for (uint256 i = 0; i < 24; ++i) {
            (uint256 sum, uint256 most) = (0, 0);
            for (uint256 j = 0; j < 24; ++j) {
                if (owed[j] > most) most = owed[j];
                if (time[j] >= time[i] && time[j] < time[i] + WINDOW) sum += paid[j];
            }
            assertTrue(sum <= 2 * most * SHARE / 10_000, "twice the share");
        }
    }

    /// @dev Lowers what is owed as a payment does, without a batch.
    function pay(uint256 amount) private {
        (bytes32 place, uint256 word) = account();
        vm.store(address(rollup), place, bytes32(word - amount));
    }

    /// @dev The account of ETH: the one entry of a mapping whose low 120 bits are what is escrowed.
    function account() private view returns (bytes32 place, uint256 word) {
        uint256 wanted = rollup.escrowed(address(0));
        for (uint256 slot = 0; uint120(word) != wanted; ++slot) {
            place = keccak256(abi.encode(address(0), slot));
            word = uint256(vm.load(address(rollup), place));
        }
    }

    /// @dev Nothing reverts for the rollup: any token, any amount, any time, paused or not, after a fall of what is owed.
    function test_fuzz_admitTakesAnything(address asset, uint256 amount, uint32 wait, bool paused) public {
        depositEther(HELD, alice);
        assertEq(admit(20 ether), 0, "something has left");
        if (paused) pauseClaims();
        vm.warp(block.timestamp + wait);
        vm.prank(address(rollup));
        assertTrue(breakers.admit(asset, amount) <= 3 days, "at most three days");
        if (amount != 0 && asset != address(0)) {
            vm.prank(address(rollup));
            assertEq(breakers.admit(asset, amount), 3 days, "nothing is owed in it");
        }
    }

    /// @dev A share of all is no limit, and a claim after half of the value left waits as little as the first.
    function test_aShareOfAllHoldsNothing() public {
        vm.prank(address(governor));
        breakers.setShare(address(0), true, 10_000);
        (uint256 batchId, bytes32[] memory leaves) = withdrawals(address(0), HELD, two(60 ether, 40 ether));
        assertEq(breakers.available(address(0)), HELD, "all of it");
        claim(batchId, 0, leaves, address(0), 60 ether);
        claim(batchId, 1, leaves, address(0), 40 ether);
        assertEq(bob.balance, HELD, "both at once");
    }

    // ------------------------------------------------------------------ holding others

    /// @dev Whoever keeps the bucket empty holds each claim once, and for three days.
    function test_anEmptyBucketHoldsNobodyTwice() public {
        (uint256 batchId, bytes32[] memory leaves) = withdrawals(address(0), HELD, two(25 ether, 1 ether));
        claim(batchId, 0, leaves, address(0), 25 ether);
        claim(batchId, 1, leaves, address(0), 1 ether);
        uint256 until = block.timestamp + 3 days;
        for (uint256 i = 0; i < 72; ++i) {
            vm.warp(block.timestamp + 1 hours);
            uint256 left = breakers.available(address(0));
            if (left != 0) admit(left);
        }
        assertEq(breakers.available(address(0)), 0, "empty again");
        vm.prank(guardian);
        breakers.pause(3);
        vm.warp(until);
        claim(batchId, 1, leaves, address(0), 1 ether);
        assertEq(bob.balance, 26 ether, "paid in its time");
    }

    // ------------------------------------------------------------------ tripping without a fact

    /// @dev Ids, gas terms and validUntil are in no data of L1: a sender alone in a batch signs its transfer twice and
    /// has both proven, by a sound verifier. Two id roots are no contradiction.
    function test_twoSignaturesOfOneTransferTripNothing() public {
        BatchHeader memory a = commit(draft("", 0));
        BatchHeader memory b = abi.decode(abi.encode(a), (BatchHeader));
        b.idRoot = bytes32(uint256(a.idRoot) ^ 1);
        bytes memory proofA = prove(a);
        bytes memory proofB = prove(b);
        vm.expectRevert(abi.encodeWithSelector(IBreakers.HeadersNotOpposed.selector, 1));
        breakers.tripProof(proofA, proofB);
    }

    function test_aVerifierWithoutGasProvesNothing() public {
        BatchHeader memory a = commit(draft("", 0));
        BatchHeader memory b = abi.decode(abi.encode(a), (BatchHeader));
        b.newRoot = bytes32(uint256(a.newRoot) ^ 1);
        bytes memory call = abi.encodeCall(breakers.tripProof, (prove(a), prove(b)));
        uint256 id = vm.snapshotState();
        for (uint256 gas_ = 30_000; gas_ < 400_000; gas_ += 2_000) {
            (bool done,) = address(breakers).call{gas: gas_}(call);
            (uint64 deposits, uint64 claims,) = breakers.pauses();
            assertEq(deposits != 0, done, "tripped by what reverted");
            assertEq(claims, deposits, "both or none");
            vm.revertToState(id);
            id = vm.snapshotState();
        }
        vm.etch(rollup.verifier(), address(new BurningVerifier()).code);
        (bool tripped,) = address(breakers).call{gas: 2_000_000}(call);
        assertFalse(tripped, "burned, not proven");
    }

    function assertEq(bool got, bool expected, string memory what) private pure {
        assertTrue(got == expected, what);
    }
}

/// @title What the breakers cost a claim: admit at most 40,000, the whole claim at most 120,000.
/// forge-config: default.isolate = true
contract BreakersGasTest is BreakersFixture {
    function test_admit() public {
        depositEther(100 ether, alice);
        uint256 base = 21_000 + 4 * 24 + 44 * 16; // the transaction that the rollup's call is not
        vm.prank(address(rollup));
        breakers.admit(address(0), 1 ether);
        uint256 first = vm.snapshotGasLastCall("Breakers", "admit, first of a token, as a transaction");
        vm.warp(block.timestamp + 1 hours);
        vm.prank(address(rollup));
        breakers.admit(address(0), 1 ether);
        vm.snapshotGasLastCall("Breakers", "admit, as a transaction");
        assertTrue(first - base <= 40_000, "admit");
    }

    function test_claim() public {
        (uint256 batchId, bytes32[] memory leaves) = withdrawals(address(0), 100 ether, two(1 ether, 1 ether));
        claim(batchId, 0, leaves, address(0), 1 ether);
        claim(batchId, 1, leaves, address(0), 1 ether);
        assertTrue(vm.snapshotGasLastCall("Breakers", "initiateWithdrawal ETH") <= 120_000, "claim of ETH");
        (batchId, leaves) = withdrawals(address(token), 100, two(1, 1));
        claim(batchId, 0, leaves, address(token), 1);
        assertTrue(vm.snapshotGasLastCall("Breakers", "initiateWithdrawal token, first") <= 120_000, "first of all");
        claim(batchId, 1, leaves, address(token), 1);
        assertTrue(vm.snapshotGasLastCall("Breakers", "initiateWithdrawal token") <= 120_000, "claim of a token");
    }

    function test_held() public {
        (uint256 batchId, bytes32[] memory leaves) = withdrawals(address(0), 100 ether, two(26 ether, 1 ether));
        claim(batchId, 0, leaves, address(0), 26 ether);
        vm.snapshotGasLastCall("Breakers", "initiateWithdrawal, held");
    }
}
