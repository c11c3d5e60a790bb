// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Bonds} from "../../contracts/src/Bonds.sol";
import {IBonds, IDisputable} from "../../contracts/src/interfaces/IBonds.sol";
import {IChallenges} from "../../contracts/src/interfaces/IChallenges.sol";
import {IExits} from "../../contracts/src/interfaces/IExits.sol";
import {IEvidence} from "../../contracts/src/interfaces/IEvidence.sol";
import {IIdTreeReader} from "../../contracts/src/interfaces/IIdTreeReader.sol";
import {ISlashing} from "../../contracts/src/interfaces/ISlashing.sol";
import {BatchHeader, Settings} from "../../contracts/src/types/Batch.sol";
import {
    BlockHeader,
    BondSettings,
    Opening,
    Receipt,
    ReceiptName,
    SignedHeader
} from "../../contracts/src/types/Bond.sol";
import {Refuser} from "./BondsFixture.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @title Bonds with the real rollup: commit, challenges, reverts, and a sequencer that stays honest throughout.
contract BondsRollupTest is RollupFixture {
    uint256 private constant KEY = 0x5e9;
    uint128 private constant BOND = 10 ether;
    uint128 private constant CHALLENGE = 1 ether;
    uint128 private constant FORFEIT = 2 ether;
    uint128 private constant FILING = 0.1 ether;
    uint256 private constant START = 1_800_000_000;

    Bonds private bonds;
    bytes32 private _parent;
    SignedHeader[] private _signed;

    function setUp() public override {
        sequencer = vm.addr(KEY);
        super.setUp();
        vm.deal(bob, 1000 ether);
        bonds.addBond{value: BOND}();
    }

    function buildSettings(address place) internal override returns (Settings memory s) {
        s = super.buildSettings(place);
        BondSettings memory terms =
            BondSettings(BOND, CHALLENGE, FORFEIT, FILING, 24 hours, 6 hours, 24 hours, 7 days, 21 days);
        bonds = new Bonds(place, sequencer, terms);
        s.bonds = address(bonds);
    }

    // ------------------------------------------------------------------ an honest sequencer

    /// @dev The block that ends a batch of one deposit, signed; and the batch as it will be committed, for ever.
    function sealBatch(uint64 number) private returns (Draft memory d, SignedHeader memory signed) {
        bytes memory record = depositEther(1 ether, bob);
        d = draft(record, 1);
        d.input.idRoot = bytes32(root(number));
        BlockHeader memory h;
        h.number = number;
        h.parent = _parent;
        h.firstSequence = uint64(d.input.endSequence - 1);
        h.count = 1;
        h.leavesRoot = keccak256(abi.encode(uint256(h.firstSequence), id(number), uint256(0)));
        h.queueIndex = uint64(d.input.endQueue);
        h.queueHash = rollup.queueHash(h.queueIndex);
        h.time = uint64(block.timestamp);
        h.includeBy = h.time + 3 days;
        h.chunkEnds = new uint64[](1);
        h.chunkEnds[0] = h.firstSequence + 1;
        (h.batchId, h.stateRoot) = (uint64(d.input.batchId), d.input.newRoot);
        _parent = bonds.computeDigest(h);
        d.input.blockHash = _parent;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, _parent);
        signed = SignedHeader(h, abi.encodePacked(r, s, v));
        _signed.push(signed);
    }

    function id(uint64 number) private pure returns (bytes32) {
        return bytes32(uint256(number) + 77);
    }

    function root(uint64 number) private view returns (uint256) {
        uint256[24] memory siblings;
        return IIdTreeReader(bonds.idTreeReader()).computeRoot(uint256(id(number)), 0, siblings);
    }

    function receiptOf(SignedHeader memory signed) private pure returns (Receipt memory r) {
        r.signed = signed;
        r.sequence = signed.header.firstSequence;
        r.id = id(signed.header.number);
    }

    /// @dev Nothing that anybody can make of the signed headers takes anything; every receipt is answered.
    function checkHonest(BatchHeader[] memory batches) private {
        for (uint256 i = 0; i < _signed.length; ++i) {
            SignedHeader memory one = _signed[i];
            bytes32 digest = bonds.computeDigest(one.header);
            vm.expectRevert(abi.encodeWithSelector(ISlashing.SameHeader.selector, digest));
            bonds.slashEquivocation(one, one);
            vm.expectRevert(abi.encodeWithSelector(ISlashing.RootHolds.selector, batches[i].newRoot));
            bonds.slashRoot(one, batches[i]);
            Receipt memory r = receiptOf(one);
            vm.prank(alice);
            bonds.fileReceipt{value: FILING}(r);
            Opening memory o;
            o.batch = batches[i];
            ReceiptName memory name = ReceiptName(digest, r.sequence, r.id, 0);
            vm.prank(bob);
            bonds.answerReceipt(name, o);
        }
        assertEq(bonds.owed(bob), _signed.length * uint256(FILING), "who answers is paid");
    }

    function challenge(uint256 batchId) private {
        vm.prank(alice);
        bonds.challengeBatch{value: CHALLENGE}(batchId);
    }

    // ------------------------------------------------------------------ commit

    function test_namedByEachOther() public view {
        assertEq(rollup.bonds(), address(bonds), "bonds");
        assertEq(bonds.rollup(), address(rollup), "rollup");
        assertEq(rollup.sequencer(), sequencer, "sequencer");
    }

    function test_onlyTheSequencerCommits() public {
        Draft memory d = draft("", 0);
        vm.prank(alice, alice);
        vm.expectRevert(abi.encodeWithSelector(IBonds.NotSequencer.selector, sequencer, alice));
        rollup.commitBatch(d.input, d.operations, d.transactions, d.signatures);
    }

    function test_noCommitBelowTheBond() public {
        vm.prank(sequencer);
        bonds.startUnbonding(1);
        refuse(draft("", 0), abi.encodeWithSelector(IBonds.BondTooLow.selector, BOND, BOND - 1));
        bonds.addBond{value: 1}();
        send(draft("", 0));
        assertEq(rollup.commitTime(1), START, "commit time");
    }

    function test_handover() public {
        address other = vm.addr(0x07e4);
        vm.prank(sequencer);
        bonds.offerSequencer(other);
        vm.prank(other, other);
        bonds.acceptSequencer();
        refuse(draft("", 0), abi.encodeWithSelector(IBonds.NotSequencer.selector, other, sequencer));
        sequencer = other;
        send(draft("", 0));
    }

    function test_onlyBondsDisputes() public {
        bytes memory reason = abi.encodeWithSelector(IDisputable.NotBonds.selector, address(bonds), address(this));
        vm.expectRevert(reason);
        rollup.setChallenged(true);
        vm.expectRevert(reason);
        rollup.revertBatches();
    }

    // ------------------------------------------------------------------ challenges

    function test_provenByWhoRefusesEther() public {
        Refuser refuser = new Refuser();
        BatchHeader memory h = commit(draft("", 0));
        challenge(1);
        bytes memory call = abi.encodeCall(rollup.finalizeBatch, (1, h.newRoot, prove(h)));
        assertTrue(refuser.call(address(rollup), call), "finalised");
        assertEq(rollup.lastFinalised(), 1, "final");
        assertEq(bonds.owed(address(refuser)), CHALLENGE, "the prover's");
        vm.warp(START + 7 hours);
        vm.expectRevert(abi.encodeWithSelector(IChallenges.NotChallenged.selector));
        bonds.revertBatches();
    }

    /// @dev The flag is down again: the next batch finalises without a word to Bonds.
    function test_afterAChallengeNothingRemains() public {
        BatchHeader memory a = commit(draft("", 0));
        BatchHeader memory b = commit(draft("", 0));
        challenge(1);
        finalize(a);
        finalize(b);
        assertEq(bonds.owed(address(this)), CHALLENGE, "one prize");
    }

    function test_escapeDuringAChallenge() public {
        commit(draft("", 0));
        challenge(1);
        vm.warp(START + FINALITY_DEADLINE + 1);
        rollup.activateEscape();
        bytes memory reason = abi.encodeWithSelector(IExits.EscapeOpen.selector, block.timestamp);
        vm.expectRevert(reason);
        bonds.revertBatches();
        bonds.refundChallenge();
        assertEq(bonds.owed(alice), CHALLENGE, "back");
        vm.expectRevert(reason);
        bonds.challengeBatch{value: CHALLENGE}(1);
    }

    function test_challengedOnEveryBatch() public {
        BatchHeader[] memory batches = new BatchHeader[](5);
        for (uint64 i = 0; i < 5; ++i) {
            (Draft memory d,) = sealBatch(i);
            batches[i] = commit(d);
            challenge(i + 1);
            vm.warp(block.timestamp + 1 hours);
            finalize(batches[i]);
        }
        assertEq(bonds.owed(address(this)), 5 * uint256(CHALLENGE), "five prizes");
        assertEq(bonds.bondOf(), BOND, "whole");
        vm.warp(block.timestamp + 4 days);
        checkHonest(batches);
        assertEq(bonds.bondOf(), BOND, "still whole");
    }

    /// @dev The prover fails for a day; three batches are reverted, committed again byte for byte, and proven.
    function test_revertedAndCommittedAgain() public {
        BatchHeader[] memory batches = new BatchHeader[](3);
        Draft[] memory drafts = new Draft[](3);
        for (uint64 i = 0; i < 3; ++i) {
            (drafts[i],) = sealBatch(i);
            batches[i] = commit(drafts[i]);
        }
        challenge(1);
        vm.warp(START + 6 hours);
        vm.expectRevert();
        bonds.revertBatches();
        vm.warp(START + 6 hours + 1);
        bonds.revertBatches();
        assertEq(rollup.lastCommitted(), 0, "all three");
        assertEq(rollup.headerHash(1), bytes32(0), "no header");
        bytes memory reason = abi.encodeWithSelector(IBonds.BondTooLow.selector, BOND, BOND - FORFEIT);
        refuse(drafts[0], reason);
        bonds.addBond{value: FORFEIT}();
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 before = keccak256(abi.encode(batches[i]));
            assertEq(keccak256(abi.encode(commit(drafts[i]))), before, "the same batch");
            assertEq(rollup.commitTime(i + 1), block.timestamp, "committed now");
        }
        for (uint256 i = 0; i < 3; ++i) {
            finalize(batches[i]);
        }
        vm.warp(START + 4 days);
        checkHonest(batches);
        assertEq(bonds.bondOf(), BOND, "only the forfeit was lost");
    }

    /// @dev A header that named a queue which a deep reorg of L1 changed is void; what replaces it is no offence.
    function test_reorgedQueue() public {
        (, SignedHeader memory present) = sealBatch(0);
        SignedHeader memory gone = SignedHeader(_signed[0].header, "");
        gone.header.queueHash = keccak256("the queue before the reorg");
        bytes32 digest = bonds.computeDigest(gone.header);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest);
        gone.signature = abi.encodePacked(r, s, v);
        bytes memory reason =
            abi.encodeWithSelector(IEvidence.HeaderVoid.selector, 1, rollup.queueHash(1), gone.header.queueHash);
        vm.expectRevert(reason);
        bonds.slashEquivocation(present, gone);
    }

    // ------------------------------------------------------------------ a dishonest one

    /// @dev It signs a root, and commits and proves another.
    function test_signedAnotherRoot() public {
        (Draft memory d, SignedHeader memory signed) = sealBatch(0);
        d.input.newRoot = bytes32(uint256(1));
        BatchHeader memory h = commit(d);
        vm.expectRevert(abi.encodeWithSelector(IEvidence.BatchNotFinalised.selector, 0, 1));
        bonds.slashRoot(signed, h);
        finalize(h);
        vm.prank(bob);
        bonds.slashRoot(signed, h);
        assertEq(bonds.owed(bob), BOND / 5, "reported");
        refuse(draft("", 0), abi.encodeWithSelector(IBonds.BondTooLow.selector, BOND, 0));
    }

    /// @dev It promises an item and includes another in its place.
    function test_omittedAnItem() public {
        (Draft memory d, SignedHeader memory signed) = sealBatch(0);
        uint256[24] memory siblings;
        d.input.idRoot = bytes32(IIdTreeReader(bonds.idTreeReader()).computeRoot(5, 0, siblings));
        BatchHeader memory h = commit(d);
        finalize(h);
        vm.warp(START + 3 days + 1);
        Receipt memory r = receiptOf(signed);
        vm.prank(alice);
        bonds.fileReceipt{value: FILING}(r);
        ReceiptName memory name = ReceiptName(bonds.computeDigest(signed.header), r.sequence, r.id, 0);
        bonds.contradictReceipt(name, bytes32(uint256(5)), Opening(h, siblings));
        assertEq(bonds.owed(alice), FILING + BOND / 5, "the holder's");
    }

    /// @dev Never finalised: escape opens, and the bond is still there to be taken.
    function test_vanished() public {
        (Draft memory d, SignedHeader memory signed) = sealBatch(0);
        commit(d);
        vm.warp(START + FINALITY_DEADLINE + 1);
        rollup.activateEscape();
        Receipt memory r = receiptOf(signed);
        vm.prank(alice);
        bonds.fileReceipt{value: FILING}(r);
        vm.warp(block.timestamp + 24 hours + 1);
        bytes32 leaf = keccak256(abi.encode(r.sequence, r.id, uint256(0)));
        bonds.slashReceipt(keccak256(abi.encode(bonds.computeDigest(signed.header), leaf)));
        assertEq(bonds.owed(alice), FILING + BOND / 5, "the holder's");
    }
}
