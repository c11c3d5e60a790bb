// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IRollup} from "../../contracts/src/interfaces/IRollup.sol";
import {ProofCodec} from "../../contracts/src/libraries/ProofCodec.sol";
import {BatchHeader} from "../../contracts/src/types/Batch.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @title finalizeBatch and verifyStateCommitment: order, stored header, root, proof, and the two encodings.
contract FinalizeTest is RollupFixture {
    function test_finalise() public {
        BatchHeader memory h = commit(draft(depositEther(1, alice), 1));
        assertEq(rollup.queueHead(), 0, "committed is not consumed");
        vm.expectEmit(address(rollup));
        emit IRollup.BatchFinalized(1, h.newRoot);
        vm.prank(bob); // anyone
        rollup.finalizeBatch(1, h.newRoot, prove(h));
        assertEq(rollup.stateRoot(), h.newRoot, "root");
        assertEq(rollup.lastFinalised(), 1, "last finalised");
        assertEq(rollup.queueHead(), 1, "queue head");
        (, uint64 time, uint64 endSequence,) = rollup.finalised();
        assertEq(time, block.timestamp, "time");
        assertEq(endSequence, 1, "sequence");
    }

    function refuseFinal(uint256 batchId, bytes32 root, bytes memory proof, bytes memory reason) private {
        vm.expectRevert(reason);
        rollup.finalizeBatch(batchId, root, proof);
    }

    function test_order() public {
        BatchHeader memory first = commit(draft("", 0));
        BatchHeader memory second = commit(draft("", 0));
        bytes4 notNext = IRollup.NotNext.selector;
        refuseFinal(2, second.newRoot, prove(second), abi.encodeWithSelector(notNext, 1, 2));
        refuseFinal(0, first.newRoot, prove(first), abi.encodeWithSelector(notNext, 1, 0));
        finalize(first);
        refuseFinal(1, first.newRoot, prove(first), abi.encodeWithSelector(notNext, 2, 1));
        finalize(second);
        bytes memory reason =
            abi.encodeWithSelector(IRollup.WrongHeader.selector, bytes32(0), keccak256(abi.encode(second)));
        refuseFinal(3, second.newRoot, prove(second), reason);
    }

    function test_wrongRootHeaderAndProof() public {
        BatchHeader memory h = commit(draft(depositEther(1, alice), 1));
        BatchHeader memory next = commit(draft("", 0));
        bytes32 stored = rollup.headerHash(1);
        bytes32 other = bytes32(uint256(h.newRoot) ^ 1);
        refuseFinal(1, other, prove(h), abi.encodeWithSelector(IRollup.WrongRoot.selector, h.newRoot, other));
        // A proof of another batch, under its own header and under this one.
        bytes memory wrongHeader =
            abi.encodeWithSelector(IRollup.WrongHeader.selector, stored, keccak256(abi.encode(next)));
        refuseFinal(1, next.newRoot, prove(next), wrongHeader);
        (, bytes memory snark) = abi.decode(prove(next), (BatchHeader, bytes));
        refuseFinal(1, h.newRoot, abi.encode(h, snark), abi.encodeWithSelector(IRollup.ProofRejected.selector, 1));
        // One flipped bit in each of the twenty words of the header.
        for (uint256 i = 0; i < 20; ++i) {
            bytes memory proof = prove(h);
            proof[32 * i + 31] ^= 0x01;
            vm.expectRevert();
            rollup.finalizeBatch(1, h.newRoot, proof);
        }
        // A forged header with the root the attacker wants.
        BatchHeader memory forged = abi.decode(prove(h), (BatchHeader));
        forged.newRoot = other;
        wrongHeader = abi.encodeWithSelector(IRollup.WrongHeader.selector, stored, keccak256(abi.encode(forged)));
        refuseFinal(1, other, prove(forged), wrongHeader);
        finalize(h);
    }

    function test_malformedProofs() public {
        BatchHeader memory h = commit(draft("", 0));
        bytes memory good = prove(h); // 640 header, 32 offset, 32 length, 32 snark
        malformed(h, "", abi.encode(0, 704, 0));
        malformed(h, slice(good, 703), abi.encode(703, 704, 703));
        malformed(h, slice(good, 704), abi.encode(672, 0, 32));
        malformed(h, bytes.concat(good, hex"00"), abi.encode(737, 736, 737));
        malformed(h, bytes.concat(good, new bytes(32)), abi.encode(768, 736, 768));
        malformed(h, withWord(good, 640, 704), abi.encode(640, 672, 704));
        malformed(h, withWord(good, 672, type(uint256).max), abi.encode(672, 32, type(uint256).max));
        malformed(h, withWord(good, 672, 31), abi.encode(735, 0, uint8(good[735])));
        malformed(h, withWord(good, 672, 0), abi.encode(736, 704, 736));
        rollup.finalizeBatch(1, h.newRoot, good);
    }

    function malformed(BatchHeader memory h, bytes memory proof, bytes memory detail) private {
        refuseFinal(1, h.newRoot, proof, bytes.concat(ProofCodec.ProofMalformed.selector, detail));
        vm.expectRevert(bytes.concat(ProofCodec.ProofMalformed.selector, detail));
        rollup.verifyStateCommitment(h.newRoot, proof);
    }

    function slice(bytes memory data, uint256 length) private pure returns (bytes memory result) {
        result = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            result[i] = data[i];
        }
    }

    function withWord(bytes memory data, uint256 position, uint256 word) private pure returns (bytes memory result) {
        result = bytes.concat(data);
        assembly {
            mstore(add(add(result, 32), position), word)
        }
    }

    function test_verifyStateCommitment() public {
        BatchHeader memory h = commit(draft("", 0));
        bytes memory proof = prove(h);
        assertFalse(rollup.verifyStateCommitment(h.newRoot, proof), "committed only");
        finalize(h);
        assertTrue(rollup.verifyStateCommitment(h.newRoot, proof), "final");
        assertFalse(rollup.verifyStateCommitment(GENESIS, proof), "another root");
        BatchHeader memory second = commitAndFinalize("", 0);
        assertTrue(rollup.verifyStateCommitment(h.newRoot, proof), "an older final batch");
        assertFalse(rollup.verifyStateCommitment(second.newRoot, proof), "root of another batch");
        (, bytes memory snark) = abi.decode(prove(second), (BatchHeader, bytes));
        assertFalse(rollup.verifyStateCommitment(h.newRoot, abi.encode(h, snark)), "proof of another batch");
        h.newRoot = second.newRoot;
        assertFalse(rollup.verifyStateCommitment(h.newRoot, prove(h)), "header of nobody");
        h.batchId = 0;
        assertFalse(rollup.verifyStateCommitment(h.newRoot, prove(h)), "batch 0");
        h.batchId = type(uint256).max;
        assertFalse(rollup.verifyStateCommitment(h.newRoot, prove(h)), "batch of the far future");
        vm.expectRevert(); // the verifier's own error for a snark it cannot read
        rollup.verifyStateCommitment(second.newRoot, abi.encode(second, new bytes(33)));
    }

    function testFuzz_snarkRoundTrip(bytes calldata snark) public {
        BatchHeader memory h = commitAndFinalize("", 0);
        vm.assume(keccak256(snark) != keccak256(abi.encodePacked(keccak256(abi.encodePacked(publicInputs(h))))));
        // Any byte string is a well-formed snark to the codec; the verifier decides.
        try rollup.verifyStateCommitment(h.newRoot, abi.encode(h, snark)) returns (bool proven) {
            assertFalse(proven, "not the proof");
        } catch (bytes memory reason) {
            assertTrue(bytes4(reason) != ProofCodec.ProofMalformed.selector, "the codec reads it");
        }
    }
}
