// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Bonds} from "../../contracts/src/Bonds.sol";
import {IBreakers} from "../../contracts/src/interfaces/IBreakers.sol";
import {IBridge} from "../../contracts/src/interfaces/IBridge.sol";
import {IEvidence} from "../../contracts/src/interfaces/IEvidence.sol";
import {IRollup} from "../../contracts/src/interfaces/IRollup.sol";
import {HeaderArchive} from "../../contracts/src/libraries/HeaderArchive.sol";
import {BatchHeader, Settings} from "../../contracts/src/types/Batch.sol";
import {BlockHeader, BondSettings, SignedHeader} from "../../contracts/src/types/Bond.sol";
import {ArchivePath} from "./ArchivePath.sol";
import {BreakersFixture} from "./Breakers.t.sol";

/// @title Header hashes in a ring of 256: what a place held before, what a batch taken back left there, and what only
/// the archive has. With the real bonds and breakers, which ask for old headers too.
contract HeaderRingTest is BreakersFixture {
    uint256 private constant RING = 256;
    uint256 private constant KEY = 0x5e9;
    uint128 private constant BOND = 10 ether;

    Bonds private bonds;
    /// @dev The last header committed under a number, and the hashes of the finalised ones.
    mapping(uint256 batchId => BatchHeader) private _headers;
    bytes32[] private _final;
    uint256 private _salt;

    function setUp() public override {
        sequencer = vm.addr(KEY);
        super.setUp();
        bonds.addBond{value: BOND}();
    }

    function buildSettings(address place) internal override returns (Settings memory s) {
        s = super.buildSettings(place);
        bonds = new Bonds(
            place,
            sequencer,
            BondSettings(BOND, 1 ether, 2 ether, 0.1 ether, 24 hours, 6 hours, 24 hours, 7 days, 21 days)
        );
        s.bonds = address(bonds);
    }

    // ------------------------------------------------------------------ histories

    /// @dev Commits batches up to this one. What is committed again after a revert is another batch.
    function commitTo(uint256 last) private {
        for (uint256 b = rollup.lastCommitted() + 1; b <= last; ++b) {
            Draft memory d = draft("", 0);
            d.input.blockHash = keccak256(abi.encode(b, _salt));
            _headers[b] = commit(d);
        }
    }

    function finaliseTo(uint256 last) private {
        for (uint256 b = rollup.lastFinalised() + 1; b <= last; ++b) {
            finalize(_headers[b]);
            _final.push(hashOf(b));
        }
    }

    function takeBack() private {
        vm.prank(address(bonds));
        rollup.revertBatches();
        ++_salt;
    }

    function hashOf(uint256 batchId) private view returns (bytes32) {
        return keccak256(abi.encode(_headers[batchId]));
    }

    function restore(uint256 batchId) private {
        rollup.restoreHeader(batchId, ArchivePath.build(_final, batchId));
        assertEq(rollup.headerHash(batchId), hashOf(batchId), "restored");
    }

    function refuseRestore(uint256 batchId, bytes32[] memory path, bytes memory reason) private {
        vm.expectRevert(reason);
        rollup.restoreHeader(batchId, path);
    }

    /// @dev Refused for a node, whichever it is.
    function refuseNode(uint256 batchId, bytes32[] memory path) private {
        (bool passes, bytes memory reason) = address(rollup).call(abi.encodeCall(rollup.restoreHeader, (batchId, path)));
        assertFalse(passes, "passes");
        assertTrue(bytes4(reason) == HeaderArchive.WrongNode.selector, "reason");
    }

    function wrongHeader(bytes32 expected, BatchHeader memory got) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IRollup.WrongHeader.selector, expected, keccak256(abi.encode(got)));
    }

    // ------------------------------------------------------------------ places

    /// @dev A place that was opened and never used is no header's: not of batch 0, not of one to come, not of the one
    /// that will have it.
    function test_anOpenedPlaceIsNoHeader() public {
        for (uint256 round = 0; round < 2; ++round) {
            assertEq(rollup.headerHash(0), 0, "no batch 0");
            assertEq(rollup.headerHash(round + 1), 0, "the next one");
            assertEq(rollup.headerHash(RING), 0, "in the place of 0");
            assertEq(rollup.headerHash(RING + 1), 0, "in the place of 1");
            assertEq(rollup.headerHash(type(uint256).max), 0, "none");
            commitTo(round + 1);
        }
        uint256 opened = 0;
        for (uint256 slot = 0; slot < 400; ++slot) {
            if (uint256(vm.load(address(rollup), bytes32(slot))) == 1) ++opened;
        }
        // But for two headers and their word of times; whatever else is 1 can only add to it.
        assertTrue(opened >= RING - 2 + RING / 8 - 1 + 3, "all opened at creation");
        assertFalse(rollup.verifyStateCommitment(0, prove(_headers[0])), "of batch 0");
    }

    function test_theNewestOfAPlaceAlone() public {
        commitTo(100);
        finaliseTo(100);
        commitTo(RING);
        assertEq(rollup.headerHash(1), hashOf(1), "still there");
        assertTrue(rollup.verifyStateCommitment(_headers[1].newRoot, prove(_headers[1])), "still known");
        commitTo(RING + 1);
        assertEq(rollup.headerHash(RING + 1), hashOf(RING + 1), "the newest");
        assertEq(rollup.headerHash(1), 0, "gone");
        assertEq(rollup.headerHash(2), hashOf(2), "still there");
        assertFalse(rollup.verifyStateCommitment(_headers[1].newRoot, prove(_headers[1])), "not known");
        restore(1);
        assertTrue(rollup.verifyStateCommitment(_headers[1].newRoot, prove(_headers[1])), "known again");
        BatchHeader memory other = abi.decode(abi.encode(_headers[1]), (BatchHeader));
        other.blockHash ^= bytes32(uint256(1));
        assertFalse(rollup.verifyStateCommitment(other.newRoot, prove(other)), "another header");
    }

    /// @dev The header of batch 257 as that of batch 1, which lost its place to it: it starts where batch 1 does, which
    /// the tag of the root before it allows, and its proof holds.
    function test_aLaterHeaderIsNotAnEarlierOne() public {
        commitTo(RING - 1);
        Draft memory d = draft("", 0);
        d.input.newRoot = bytes32(uint256(GENESIS) | 1 << 64);
        _headers[RING] = commit(d);
        d = draft("", 0);
        d.input.oldRoot = GENESIS;
        BatchHeader memory forged = commit(d);
        assertEq(forged.batchId, RING + 1, "number");
        bytes memory proof = prove(forged);
        vm.expectRevert(wrongHeader(0, forged));
        rollup.finalizeBatch(1, forged.newRoot, proof);
        proof = prove(_headers[1]);
        vm.expectRevert(wrongHeader(0, _headers[1]));
        rollup.finalizeBatch(1, _headers[1].newRoot, proof);
    }

    // ------------------------------------------------------------------ batches taken back

    /// @dev A sequencer that overwrites its oldest unproven batch makes it unprovable: whoever challenges it has it taken
    /// back, and the chain goes on, although the numbers that were taken back are far ahead.
    function test_theWayOutOfAnOverwrittenBatch() public {
        commitTo(3);
        finaliseTo(2);
        commitTo(3 + RING + 20);
        bytes memory proof = prove(_headers[3]);
        vm.expectRevert(wrongHeader(0, _headers[3]));
        rollup.finalizeBatch(3, _headers[3].newRoot, proof);
        assertEq(rollup.commitTime(3), 0, "as of a batch of long ago");
        bonds.challengeBatch{value: 1 ether}(3);
        (,, uint64 deadline) = bonds.challenge();
        assertEq(deadline, block.timestamp + 1 hours, "no proof can come");
        vm.warp(deadline + 1);
        bonds.revertBatches();
        ++_salt;
        assertEq(rollup.lastCommitted(), 2, "taken back");
        bonds.addBond{value: 2 ether}();

        commitTo(3);
        assertEq(rollup.headerHash(3), hashOf(3), "committed again");
        assertEq(rollup.commitTime(3), block.timestamp, "its time");
        finaliseTo(3);
        assertEq(rollup.headerHash(3), hashOf(3), "and final");
        assertEq(rollup.headerHash(2), 0, "its place was lost");
        restore(2);
        commitTo(3 + RING);
        finaliseTo(3 + RING - 1);
        assertEq(rollup.headerHash(3), 0, "gone again");
        assertEq(rollup.headerHash(4), hashOf(4), "still there");
        restore(3);
    }

    /// @dev The header that a batch taken back left in the place of a finalised one is nobody's.
    function test_aHeaderTakenBackIsNotAFinalisedOne() public {
        commitTo(20);
        finaliseTo(20);
        commitTo(RING + 10);
        BatchHeader memory stale = _headers[RING + 10];
        takeBack();
        assertEq(rollup.headerHash(10), 0, "lost to it");
        assertEq(rollup.headerHash(11), hashOf(11), "not lost");
        assertEq(rollup.headerHash(RING + 10), 0, "taken back");
        assertFalse(rollup.verifyStateCommitment(stale.newRoot, prove(stale)), "taken back");
        stale.batchId = 10;
        assertFalse(rollup.verifyStateCommitment(stale.newRoot, prove(stale)), "under another number");
        restore(10);
        commitTo(25);
        assertEq(rollup.headerHash(10), hashOf(10), "restored for ever");
        assertEq(rollup.headerHash(21), hashOf(21), "the new one");
    }

    /// @dev Taken back and not committed again: neither final, nor to be restored, nor committed.
    function test_aHeaderTakenBackIsNotRestored() public {
        commitTo(5);
        finaliseTo(3);
        bytes32[] memory path = new bytes32[](5);
        for (uint256 i = 0; i < 5; ++i) {
            path[i] = hashOf(i + 1);
        }
        bytes32 first = hashOf(4);
        takeBack();
        bytes4 notFinal = IBridge.NotFinalised.selector;
        refuseRestore(4, path, abi.encodeWithSelector(notFinal, 4, 3));
        commitTo(5);
        refuseRestore(4, path, abi.encodeWithSelector(notFinal, 4, 3)); // pending
        assertEq(rollup.headerHash(4), hashOf(4), "the second");
        finaliseTo(5);
        refuseNode(4, path);
        restore(4);
        assertTrue(rollup.headerHash(4) != first, "not the first");
    }

    /// @dev Batches that were committed between two reverts, the second of which takes back fewer.
    function test_twoReverts() public {
        commitTo(RING + 30);
        takeBack();
        commitTo(40);
        finaliseTo(35);
        takeBack();
        for (uint256 b = 1; b <= 30; ++b) {
            assertEq(rollup.headerHash(b), 0, "whether it was lost is not known any more");
        }
        restore(30);
        assertEq(rollup.headerHash(31), hashOf(31), "never in danger");
        commitTo(50);
        for (uint256 b = 31; b <= 50; ++b) {
            assertEq(rollup.headerHash(b), hashOf(b), "there");
        }
    }

    // ------------------------------------------------------------------ restoring

    function test_restore() public {
        commitTo(70);
        finaliseTo(66);
        bytes32[3] memory newest = rollup.archive();
        assertEq(newest[0], ArchivePath.archive(_final)[0], "the node of two batches");
        assertEq(newest[1], ArchivePath.archive(_final)[1], "the node of one node");
        vm.expectEmit(address(rollup));
        emit IRollup.HeaderRestored(1, hashOf(1));
        vm.prank(bob); // anyone, before it is needed
        rollup.restoreHeader(1, ArchivePath.build(_final, 1));
        restore(64);
        restore(65);
        restore(66);
        restore(66); // again
    }

    function test_restoreRefuses() public {
        commitTo(67);
        finaliseTo(66);
        bytes4 notFinal = IBridge.NotFinalised.selector;
        bytes32[] memory path = ArchivePath.build(_final, 10);
        refuseRestore(0, path, abi.encodeWithSelector(notFinal, 0, 66));
        refuseRestore(67, path, abi.encodeWithSelector(notFinal, 67, 66));
        refuseRestore(68, path, abi.encodeWithSelector(notFinal, 68, 66));
        refuseRestore(65, path, abi.encodeWithSelector(HeaderArchive.WrongHashCount.selector, 2, 65));
        (path[9], path[10]) = (path[10], path[9]);
        refuseNode(10, path);
        (path[9], path[10]) = (path[10], path[9]);
        path[9] = bytes32(uint256(1));
        refuseNode(10, path);
    }

    function test_nothingToRestore() public {
        commitTo(1);
        refuseRestore(1, new bytes32[](0), abi.encodeWithSelector(IBridge.NotFinalised.selector, 1, 0));
    }

    /// @dev Restoring in escape too: claims of old headers outlive the chain of batches.
    function test_restoreInEscape() public {
        commitTo(3);
        finaliseTo(3);
        commitTo(RING + 3);
        vm.warp(rollup.escapeOpensAt());
        rollup.activateEscape();
        assertEq(rollup.headerHash(3), 0, "gone");
        restore(3);
    }

    // ------------------------------------------------------------------ who asks for old headers

    function signed(BatchHeader memory batch) private view returns (SignedHeader memory) {
        BlockHeader memory h;
        h.number = 1;
        h.chunkEnds = new uint64[](0);
        (h.batchId, h.stateRoot) = (uint64(batch.batchId), keccak256("another root"));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, bonds.computeDigest(h));
        return SignedHeader(h, abi.encodePacked(r, s, v));
    }

    /// @dev A sequencer that signed another root commits 256 batches more, so that the header that convicts it is gone,
    /// and proves none of them, so that the node of the archive stays as it is: the header is restored all the same.
    function test_anOverwritingSequencerHidesNothing() public {
        commitTo(3);
        finaliseTo(3);
        commitTo(RING + 3);
        SignedHeader memory lie = signed(_headers[3]);
        vm.expectRevert(abi.encodeWithSelector(IEvidence.WrongBatch.selector, 0, hashOf(3)));
        bonds.slashRoot(lie, _headers[3]);
        restore(3);
        bonds.slashRoot(lie, _headers[3]);
        assertEq(bonds.bondOf(), 0, "slashed");
    }

    /// @dev Nor does it hide a proof that its verifier accepts of two roots.
    function test_tripOnAnOldBatch() public {
        commitTo(3);
        finaliseTo(3);
        commitTo(RING + 3);
        BatchHeader memory b = abi.decode(abi.encode(_headers[3]), (BatchHeader));
        b.newRoot ^= bytes32(uint256(1));
        bytes memory proofA = prove(_headers[3]);
        bytes memory proofB = prove(b);
        vm.expectRevert(abi.encodeWithSelector(IBreakers.WrongHeader.selector, 0, hashOf(3)));
        breakers.tripProof(proofA, proofB);
        restore(3);
        breakers.tripProof(proofA, proofB);
    }

    // ------------------------------------------------------------------ any history

    /// @dev Commits, proofs and reverts at random, beside a plain mapping: no number ever reads as another hash than its
    /// own, nothing that is committed since the last revert and has fewer than 256 batches after it is missing, and
    /// whatever is final can be restored.
    /// forge-config: default.fuzz.runs = 20
    function testFuzz_headersOfAnyHistory(uint256 seed) public {
        uint256 highest = 0;
        uint256 survived = 0;
        for (uint256 step = 0; step < 14; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 amount = 1 + (seed >> 8) % 140;
            uint256 last = rollup.lastCommitted();
            uint256 done = rollup.lastFinalised();
            if (seed % 8 < 4) {
                commitTo(last + amount);
            } else if (seed % 8 < 7) {
                for (uint256 b = done + 1; b <= last && b <= done + amount && last - b < RING; ++b) {
                    finaliseTo(b);
                }
            } else {
                takeBack();
                survived = done;
            }
            if (rollup.lastCommitted() > highest) highest = rollup.lastCommitted();
            checkAll(highest, survived);
        }
        if (_final.length != 0) restore(1 + (seed >> 16) % _final.length);
    }

    function checkAll(uint256 highest, uint256 survived) private view {
        uint256 last = rollup.lastCommitted();
        assertEq(rollup.headerHash(0), 0, "no batch 0");
        for (uint256 b = 1; b <= highest + 1; ++b) {
            bytes32 got = rollup.headerHash(b);
            if (b > last) {
                assertEq(got, 0, "not committed");
                continue;
            }
            uint256 newest = b > survived ? last : highest;
            if (newest - b < RING) assertEq(got, hashOf(b), "there");
            else assertEq(got, 0, "gone");
            if (newest - b >= RING) assertEq(rollup.commitTime(b), 0, "its time too");
        }
        bytes32[3] memory expected = ArchivePath.archive(_final);
        bytes32[3] memory got_ = rollup.archive();
        for (uint256 level = 0; level < 3; ++level) {
            assertEq(got_[level], expected[level], "archive");
        }
    }
}
