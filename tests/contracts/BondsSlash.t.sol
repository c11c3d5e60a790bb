// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IEvidence} from "../../contracts/src/interfaces/IEvidence.sol";
import {ISlashing} from "../../contracts/src/interfaces/ISlashing.sol";
import {BatchHeader} from "../../contracts/src/types/Batch.sol";
import {BlockHeader, SignedHeader} from "../../contracts/src/types/Bond.sol";
import {BondsFixture} from "./BondsFixture.sol";

/// @title Two headers of one number, and contradicted roots: every clause with the forgery that it refuses.
contract BondsSlashTest is BondsFixture {
    function twins(uint64 number) private pure returns (BlockHeader memory a, BlockHeader memory b) {
        (a, b) = (block_(number), block_(number));
        b.stateRoot = keccak256("another");
    }

    function refuse(SignedHeader memory a, SignedHeader memory b, bytes memory reason) private {
        fails(reason);
        bonds.slashEquivocation(a, b);
    }

    // ------------------------------------------------------------------ equivocation

    function test_equivocation() public {
        (BlockHeader memory a, BlockHeader memory b) = twins(5);
        (SignedHeader memory x, SignedHeader memory y) = (sign(a), sign(b));
        vm.prank(alice);
        bonds.slashEquivocation(x, y);
        assertEq(bonds.bondOf(), 0, "all of it");
        assertEq(bonds.owed(alice), BOND / 5, "a fifth to the reporter");
        assertEq(address(0).balance, 3 * uint256(BOND) / 10, "three tenths burned");
        (uint256 pot, uint256 closesAt, uint256 payableAt, bool closed) = bonds.caseOf(1);
        assertEq(pot, BOND / 2, "half for covers");
        assertEq(closesAt, START + 7 days, "claim window");
        assertEq(payableAt, START + 8 days, "and time to strike");
        assertFalse(closed, "open");
    }

    /// @dev Every field of a header makes it another header.
    function test_anyFieldMakesAnotherHeader() public {
        for (uint256 field = 0; field < 11; ++field) {
            BlockHeader memory b = block_(5);
            if (field == 0) b.parent = 0;
            else if (field == 1) b.firstSequence += 1;
            else if (field == 2) b.count += 1;
            else if (field == 3) b.leavesRoot = 0;
            else if (field == 4) b.outstandingCover += 1;
            else if (field == 5) (b.queueIndex, b.queueHash) = (0, 0);
            else if (field == 6) b.time += 1;
            else if (field == 7) b.includeBy += 1;
            else if (field == 8) b.chunkEnds = new uint64[](0);
            else if (field == 9) b.batchId = 1;
            else b.stateRoot = bytes32(uint256(1));
            SignedHeader memory x = sign(block_(5));
            SignedHeader memory y = sign(b);
            uint256 state = vm.snapshotState();
            bonds.slashEquivocation(x, y);
            vm.revertToState(state);
        }
    }

    function test_theSameHeaderTwice() public {
        SignedHeader memory x = sign(block_(5));
        refuse(x, x, abi.encodeWithSelector(ISlashing.SameHeader.selector, bonds.computeDigest(block_(5))));
    }

    function test_anotherNumber() public {
        SignedHeader memory x = sign(block_(5));
        SignedHeader memory y = sign(block_(6));
        refuse(x, y, abi.encodeWithSelector(ISlashing.DifferentNumbers.selector, 5, 6));
    }

    function test_anothersSignature() public {
        (BlockHeader memory a, BlockHeader memory b) = twins(5);
        SignedHeader memory x = sign(a);
        SignedHeader memory y = sign(b, OTHER_KEY);
        refuse(x, y, abi.encodeWithSelector(IEvidence.WrongSignature.selector, other));
        refuse(y, x, abi.encodeWithSelector(IEvidence.WrongSignature.selector, other));
    }

    /// @dev A signature of one header under another: recovers to somebody who never signed.
    function test_signatureOfAnotherHeader() public {
        (BlockHeader memory a, BlockHeader memory b) = twins(5);
        SignedHeader memory x = sign(a);
        SignedHeader memory y = SignedHeader(b, x.signature);
        fails(IEvidence.WrongSignature.selector);
        bonds.slashEquivocation(x, y);
    }

    /// @dev Malleable twins and other forms of a good signature. They are no second header, but one form is the rule.
    function test_oneFormOfASignature() public {
        (BlockHeader memory a, BlockHeader memory b) = twins(5);
        SignedHeader memory x = sign(a);
        bytes memory none = abi.encodeWithSelector(IEvidence.WrongSignature.selector, address(0));
        SignedHeader memory y = sign(b);
        flip(y);
        refuse(x, y, none);
        y = sign(b);
        y.signature[64] = bytes1(uint8(y.signature[64]) - 27);
        refuse(x, y, none);
        y.signature = bytes.concat(sign(b).signature, hex"00");
        refuse(x, y, none);
        y.signature = "";
        refuse(x, y, none);
        y.signature = new bytes(65);
        refuse(x, y, none);
    }

    /// @dev A header signed for another rollup, or another chain, binds nobody here.
    function test_headerOfAnotherRollup() public {
        (BlockHeader memory a, BlockHeader memory b) = twins(5);
        SignedHeader memory x = sign(a);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, keccak256(abi.encode(b)));
        fails(IEvidence.WrongSignature.selector);
        bonds.slashEquivocation(x, SignedHeader(b, abi.encodePacked(r, s, v)));
    }

    /// @dev A deep reorg of L1 takes the queue away that a header named; the block is signed anew, and both exist.
    function test_voidHeader() public {
        (BlockHeader memory a, BlockHeader memory b) = twins(5);
        b.queueHash = bytes32(uint256(0xdead));
        SignedHeader memory x = sign(a);
        SignedHeader memory y = sign(b);
        bytes memory reason = abi.encodeWithSelector(IEvidence.HeaderVoid.selector, 3, QUEUE, bytes32(uint256(0xdead)));
        refuse(x, y, reason);
        refuse(y, x, reason);
        assertTrue(bonds.isVoid(3, bytes32(uint256(0xdead))), "void");
        assertFalse(bonds.isVoid(3, QUEUE), "not void");
        assertFalse(bonds.isVoid(0, 0), "the empty queue");
    }

    /// @dev Beyond the queue L1 answers 0: a header that names 0 there is void all the same.
    function test_queueBeyondItsEnd() public {
        (BlockHeader memory a, BlockHeader memory b) = twins(5);
        (b.queueIndex, b.queueHash) = (4, 0);
        SignedHeader memory x = sign(a);
        SignedHeader memory y = sign(b);
        refuse(x, y, abi.encodeWithSelector(IEvidence.HeaderVoid.selector, 4, bytes32(0), bytes32(0)));
    }

    function test_onceForANumber() public {
        equivocate(5, alice);
        bonds.addBond{value: BOND}();
        (BlockHeader memory a, BlockHeader memory b) = twins(5);
        SignedHeader memory x = sign(a);
        SignedHeader memory y = sign(b);
        bytes32 offence = keccak256(abi.encode("number", uint64(5)));
        refuse(x, y, abi.encodeWithSelector(ISlashing.AlreadyPunished.selector, offence));
        equivocate(6, alice);
        assertEq(bonds.bondOf(), 0, "another offence takes what was added");
    }

    /// @dev Without a bond nothing happens, and the offence is not used up.
    function test_nothingToSlash() public {
        equivocate(5, alice);
        (BlockHeader memory a, BlockHeader memory b) = twins(6);
        SignedHeader memory x = sign(a);
        SignedHeader memory y = sign(b);
        refuse(x, y, abi.encodeWithSelector(ISlashing.NothingToSlash.selector));
        bonds.addBond{value: 1 ether}();
        bonds.slashEquivocation(x, y);
    }

    function test_anEarlierSequencerIsStillHeld() public {
        vm.prank(sequencer);
        bonds.offerSequencer(other);
        vm.prank(other, other);
        bonds.acceptSequencer();
        (BlockHeader memory a, BlockHeader memory b) = twins(5);
        SignedHeader memory x = sign(a);
        SignedHeader memory y = sign(b, OTHER_KEY);
        bonds.slashEquivocation(x, y);
    }

    function test_inEscape() public {
        rollup.setEscape(uint64(START));
        equivocate(5, alice);
        assertEq(bonds.bondOf(), 0, "taken");
    }

    // ------------------------------------------------------------------ roots

    function claim(uint64 number, uint64 batchId, bytes32 root) private view returns (SignedHeader memory) {
        BlockHeader memory h = block_(number);
        (h.batchId, h.stateRoot) = (batchId, root);
        return sign(h);
    }

    function refuseRoot(SignedHeader memory x, BatchHeader memory b, bytes memory reason) private {
        fails(reason);
        bonds.slashRoot(x, b);
    }

    function test_contradictedRoot() public {
        BatchHeader memory b = batch(1, 0, 10);
        finalize(b);
        SignedHeader memory x = claim(5, 1, keccak256("wrong"));
        vm.prank(alice);
        bonds.slashRoot(x, b);
        assertEq(bonds.owed(alice), BOND / 5, "reward");
        bonds.addBond{value: BOND}();
        bytes32 offence = keccak256(abi.encode("root", bonds.computeDigest(x.header)));
        refuseRoot(x, b, abi.encodeWithSelector(ISlashing.AlreadyPunished.selector, offence));
    }

    function test_rootThatHolds() public {
        BatchHeader memory b = batch(1, 0, 10);
        finalize(b);
        refuseRoot(claim(5, 1, b.newRoot), b, abi.encodeWithSelector(ISlashing.RootHolds.selector, b.newRoot));
    }

    function test_batchThatIsNotFinalised() public {
        BatchHeader memory b = batch(1, 0, 10);
        commit(b);
        bytes memory reason = abi.encodeWithSelector(IEvidence.BatchNotFinalised.selector, 0, 1);
        refuseRoot(claim(5, 1, keccak256("wrong")), b, reason);
    }

    function test_anotherBatch() public {
        (BatchHeader memory a, BatchHeader memory b) = (batch(1, 0, 10), batch(2, 10, 20));
        finalize(a);
        finalize(b);
        SignedHeader memory x = claim(5, 1, a.newRoot);
        refuseRoot(x, b, abi.encodeWithSelector(ISlashing.NotItsBatch.selector, 1, 2));
        b.batchId = 1;
        bytes memory reason =
            abi.encodeWithSelector(IEvidence.WrongBatch.selector, keccak256(abi.encode(a)), keccak256(abi.encode(b)));
        refuseRoot(x, b, reason);
    }

    /// @dev Most headers end no batch; their zero root contradicts nothing.
    function test_headerWithoutBatch() public {
        BatchHeader memory none;
        refuseRoot(sign(block_(5)), none, abi.encodeWithSelector(ISlashing.NotItsBatch.selector, 0, 0));
        BatchHeader memory b = batch(1, 0, 10);
        finalize(b);
        refuseRoot(sign(block_(5)), b, abi.encodeWithSelector(ISlashing.NotItsBatch.selector, 0, 1));
    }

    function test_rootOfAVoidHeader() public {
        BatchHeader memory b = batch(1, 0, 10);
        finalize(b);
        BlockHeader memory h = block_(5);
        (h.batchId, h.stateRoot, h.queueIndex) = (1, keccak256("wrong"), 4);
        refuseRoot(sign(h), b, abi.encodeWithSelector(IEvidence.HeaderVoid.selector, 4, bytes32(0), QUEUE));
    }

    function test_rootSignedByAnother() public {
        BatchHeader memory b = batch(1, 0, 10);
        finalize(b);
        BlockHeader memory h = block_(5);
        (h.batchId, h.stateRoot) = (1, keccak256("wrong"));
        refuseRoot(sign(h, OTHER_KEY), b, abi.encodeWithSelector(IEvidence.WrongSignature.selector, other));
    }
}
