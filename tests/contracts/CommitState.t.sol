// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBridge} from "../../contracts/src/interfaces/IBridge.sol";
import {IExits} from "../../contracts/src/interfaces/IExits.sol";
import {IRollup} from "../../contracts/src/interfaces/IRollup.sol";
import {BatchHeader} from "../../contracts/src/types/Batch.sol";
import {Position, PositionLibrary} from "../../contracts/src/types/Position.sol";
import {Records} from "./Records.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @title What a commit leaves behind in few slots: the packed position, roots of withdrawals after reverts, the ring of
/// times. Each test is the forgery, or the slip, that the slot would let through if a field were lost.
contract CommitStateTest is RollupFixture {
    /// Batches whose commit times are kept.
    uint256 private constant RING = 256;

    function revertAll() private {
        vm.prank(address(companion));
        rollup.revertBatches();
    }

    /// @dev A batch with one withdrawal to bob, of a deposit that is in the queue already.
    function withdrawing(bytes memory request, uint256 amount) private view returns (Draft memory) {
        return draft(bytes.concat(request, Records.withdraw(0, 1, 0, amount, 0, alice, bob)), 1);
    }

    // ------------------------------------------------------------------ the position

    /// @dev What is packed is read back, to the ends of every field, and no field touches another.
    function testFuzz_position(uint40 id, uint40 time, uint56 sequence, uint40 queue, bytes32 root, uint40 stale)
        public
        pure
    {
        Position plain = PositionLibrary.pack(id, time, sequence, queue, root);
        check(plain, id, time, sequence, queue, root);
        assertEq(plain.staleUntil(), 0, "nothing taken back");
        assertFalse(plain.isClosed(), "open");
        Position full = plain.withStale(stale).close();
        check(full, id, time, sequence, queue, root);
        assertEq(full.staleUntil(), stale, "stale");
        assertTrue(full.isClosed(), "closed");
    }

    function check(Position p, uint40 id, uint40 time, uint56 sequence, uint40 queue, bytes32 root) private pure {
        assertEq(p.batchId(), id, "batch");
        assertEq(p.time(), time, "time");
        assertEq(p.endSequence(), sequence, "sequence");
        assertEq(p.endQueue(), queue, "queue");
        assertEq(p.rootTag(), uint256(root) & 0xffffffff, "tag");
    }

    /// @dev The tag is no proof: a root that only looks like the last one is committed, and never becomes final.
    function test_anotherRootWithTheSameTag() public {
        BatchHeader memory first = commitAndFinalize("", 0);
        Draft memory d = draft("", 0);
        d.input.oldRoot = bytes32(uint256(first.newRoot) ^ (1 << 32));
        BatchHeader memory h = commit(d);
        bytes memory proof = prove(h);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongRoot.selector, first.newRoot, d.input.oldRoot));
        rollup.finalizeBatch(2, h.newRoot, proof);
        d = draft("", 0);
        d.input.oldRoot = bytes32(uint256(h.newRoot) ^ (1 << 31));
        bytes32 tag = bytes32(uint256(h.newRoot) & 0xffffffff);
        refuse(d, abi.encodeWithSelector(IRollup.WrongRoot.selector, tag, d.input.oldRoot));
    }

    /// @dev Escape closes commits for ever, whatever else is in the slot.
    function test_closedByEscape() public {
        commitAndFinalize("", 0);
        commit(draft("", 0));
        revertAll();
        commit(draft("", 0));
        Draft memory d = draft("", 0);
        vm.warp(rollup.escapeOpensAt());
        rollup.activateEscape();
        refuse(d, abi.encodeWithSelector(IExits.EscapeOpen.selector, block.timestamp));
        assertEq(rollup.lastCommitted(), 2, "what was committed stays");
        (uint64 id, uint64 time,,) = rollup.committed();
        assertEq(id, 2, "batch");
        assertEq(time, d.input.time, "time");
    }

    function test_sequenceAndQueueGoOnAfterARevert() public {
        commitAndFinalize(depositEther(1, alice), 1);
        Draft memory lost = draft(depositEther(2, alice), 1);
        lost.input.endSequence += 70;
        lost.transactions = Records.chunkHeader(1, block.timestamp, 71);
        commit(lost);
        revertAll();
        (uint64 id,, uint64 sequence, uint64 queue) = rollup.committed();
        assertEq(id, 1, "batch");
        assertEq(sequence, 1, "sequence");
        assertEq(queue, 1, "queue");
        BatchHeader memory again = commit(lost);
        assertEq(again.firstSequence, 1, "goes on");
        assertEq(again.endSequence, 72, "the same");
    }

    // ------------------------------------------------------------------ withdrawals of batches taken back

    /// @dev Roots of three batches that were taken back: none of them pays after others came in their place, however the
    /// reverts lie, and a batch that has withdrawals again has its own.
    function test_staleRootsPayNobody() public {
        bytes memory request = depositEther(5 ether, alice);
        commit(withdrawing(request, 5 ether));
        commit(draft(Records.withdraw(0, 1, 1, 5 ether, 0, alice, bob), 0));
        commit(draft(Records.withdraw(0, 1, 2, 5 ether, 0, alice, bob), 0));
        revertAll();
        commit(draft(request, 1));
        revertAll(); // a shorter one: batches 2 and 3 are stale still
        commit(draft(request, 1));
        commit(draft("", 0));
        BatchHeader memory last = commit(draft(Records.withdraw(0, 1, 1, 1 ether, 0, alice, bob), 0));
        assertEq(rollup.withdrawalsRoot(1), 0, "none");
        assertEq(rollup.withdrawalsRoot(2), 0, "none");
        assertEq(rollup.withdrawalsRoot(3), leaf(3, 0, address(0), 1 ether, bob), "its own");
        commit(draft("", 0)); // beyond what was taken back
        assertEq(rollup.withdrawalsRoot(4), 0, "none");
        assertTrue(last.withdrawalsRoot != 0, "one");
    }

    /// @dev The claim that a lost mark would pay.
    function test_staleRootIsNoClaim() public {
        bytes memory request = depositEther(5 ether, alice);
        BatchHeader memory first = commit(draft(request, 1));
        commit(draft(Records.withdraw(0, 1, 0, 5 ether, 0, alice, bob), 0));
        revertAll();
        commit(draft(request, 1));
        finalize(first);
        commitAndFinalize("", 0);
        bytes32 got = leaf(2, 0, address(0), 5 ether, bob);
        vm.expectRevert(abi.encodeWithSelector(IBridge.WrongPath.selector, 0, got));
        rollup.initiateWithdrawal(abi.encode(2, 0, new bytes32[](0)), address(0), 5 ether, bob);
    }

    /// @dev Random commits with and without a withdrawal, reverts and proofs: the stored root is always the batch's.
    function testFuzz_rootsAfterReverts(uint256 seed) public {
        bytes32[40] memory roots;
        BatchHeader[40] memory headers;
        for (uint256 i = 0; i < 30; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 last = rollup.lastCommitted();
            if (seed % 5 == 0) {
                revertAll();
            } else if (seed % 5 == 1 && last > rollup.lastFinalised()) {
                finalize(headers[rollup.lastFinalised() + 1]);
            } else {
                bytes memory record = Records.withdraw(0, 1, 0, 1 + seed % 3, 0, alice, bob);
                Draft memory d = draft(seed & 256 == 0 ? record : bytes(""), 0);
                // Another root each time, so that a header of a batch taken back is no header of the next one.
                d.input.newRoot = bytes32(seed >> 8);
                headers[last + 1] = commit(d);
                roots[last + 1] = headers[last + 1].withdrawalsRoot;
            }
            for (uint256 b = 1; b <= rollup.lastCommitted(); ++b) {
                assertEq(rollup.withdrawalsRoot(b), roots[b], "root");
                assertEq(rollup.headerHash(b), keccak256(abi.encode(headers[b])), "header");
            }
            assertEq(rollup.headerHash(rollup.lastCommitted() + 1), 0, "none above");
        }
    }

    // ------------------------------------------------------------------ times

    function test_commitTimes() public {
        assertEq(rollup.commitTime(0), 0, "no batch");
        uint256 start = block.timestamp;
        commit(draft("", 0)); // in the block of the deployment
        for (uint256 i = 2; i <= 20; ++i) {
            vm.warp(start + 7 * i);
            commit(draft("", 0));
        }
        for (uint256 i = 1; i <= 20; ++i) {
            assertEq(rollup.commitTime(i), i == 1 ? start : start + 7 * i, "eight to a word");
        }
        assertEq(rollup.commitTime(21), 0, "not committed");
        assertEq(rollup.commitTime(type(uint256).max), 0, "not committed");
        revertAll();
        assertEq(rollup.commitTime(1), 0, "taken back");
        vm.warp(start + 1000);
        commit(draft("", 0));
        assertEq(rollup.commitTime(1), start + 1000, "the last commit's");
        assertEq(rollup.commitTime(2), 0, "still taken back");
    }

    /// @dev A word is used again 256 batches later, one time after the other; what is overwritten is not read as old.
    function test_theRingOfTimes() public {
        uint256 start = block.timestamp;
        for (uint256 i = 0; i < 9; ++i) {
            commit(draft("", 0));
        }
        jump(RING - 2);
        vm.warp(start + 1 days);
        commit(draft("", 0)); // batch 255
        assertEq(rollup.commitTime(1), start, "kept");
        assertEq(rollup.commitTime(RING - 1), start + 1 days, "new");
        commit(draft("", 0)); // 256, in the place of 0
        assertEq(rollup.commitTime(1), start, "kept");
        commit(draft("", 0)); // 257, in the place of 1
        assertEq(rollup.commitTime(1), 0, "overwritten");
        assertEq(rollup.commitTime(2), start, "kept");
        assertEq(rollup.commitTime(RING + 1), start + 1 days, "new");
        vm.warp(start + 2 days);
        for (uint256 i = RING + 2; i <= RING + 8; ++i) {
            commit(draft("", 0));
            assertEq(rollup.commitTime(i), start + 2 days, "new");
            assertEq(rollup.commitTime(i - RING), 0, "overwritten");
            assertEq(rollup.commitTime(i - RING + 1), start, "kept");
        }
    }

    /// @dev A batch whose place a batch taken back had meanwhile has no time, rather than that one's.
    function test_timeOfABatchTakenBack() public {
        uint256 start = block.timestamp;
        commitAndFinalize("", 0);
        jump(RING - 1);
        vm.warp(start + 1 days);
        commit(draft("", 0));
        commit(draft("", 0)); // in the place of batch 1
        revertAll();
        assertEq(rollup.lastCommitted(), 1, "the first stays");
        assertEq(rollup.commitTime(1), 0, "unknown");
        commit(draft("", 0));
        assertEq(rollup.commitTime(2), start + 1 days, "committed again");
    }

    /// @dev As if batches up to this one had been committed.
    function jump(uint256 batchId) private {
        bytes32 slot = positionSlot();
        uint256 word = uint256(vm.load(address(rollup), slot));
        vm.store(address(rollup), slot, bytes32((word >> 40) << 40 | batchId));
        assertEq(rollup.lastCommitted(), batchId, "there");
        keepRoot(batchId, bytes32((word >> 176) & 0xffffffff));
    }

    /// @dev The one slot whose low 40 bits are the last committed batch, and no others.
    function positionSlot() private view returns (bytes32) {
        (uint64 id, uint64 time, uint64 sequence,) = rollup.committed();
        for (uint256 slot = 0; slot < 32; ++slot) {
            uint256 word = uint256(vm.load(address(rollup), bytes32(slot)));
            if (uint40(word) == id && uint40(word >> 40) == time && uint56(word >> 80) == sequence && id != 0) {
                return bytes32(slot);
            }
        }
        revert("no slot");
    }
}
