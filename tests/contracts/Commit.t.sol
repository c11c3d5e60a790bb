// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IRollup} from "../../contracts/src/interfaces/IRollup.sol";
import {ProofCodec} from "../../contracts/src/libraries/ProofCodec.sol";
import {BatchHeader, BatchInput, Settings} from "../../contracts/src/types/Batch.sol";
import {Companion} from "../../contracts/test/Companion.sol";
import {Deployer} from "./Deployer.sol";
import {Records} from "./Records.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @title The claims of commitBatch: who, order, time, ranges, field elements, lengths, encoding, and the data binding.
contract CommitTest is RollupFixture {
    /// Selector, 11 words of input, 3 offsets.
    uint256 private constant HEAD = 4 + 14 * 32;

    function err(bytes4 selector, uint256 a, uint256 b) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a, b);
    }

    function test_headerIsBoundToTheData() public {
        bytes memory operations = bytes.concat(depositEther(5 ether, alice), depositEther(6 ether, bob));
        Draft memory d = draft(operations, 2);
        d.transactions = bytes.concat(d.transactions, new bytes(29), hex"07");
        d.input.blockHash = keccak256("block");
        BatchHeader memory h = commit(d);
        bytes32 digest = keccak256(
            abi.encode(
                rollup.domain(),
                block.chainid,
                address(rollup),
                1,
                3,
                10,
                h.txC,
                h.opC,
                keccak256(operations),
                keccak256(d.transactions)
            )
        );
        assertEq(h.z, uint256(digest) & ((1 << 248) - 1), "z");
        assertEq(h.txY, horner(d.transactions, h.z), "tx y");
        assertEq(h.opY, horner(operations, h.z), "op y");
        assertEq(h.txWords, 3, "tx words");
        assertEq(h.opWords, 10, "op words");
        assertEq(h.oldRoot, GENESIS, "old root");
        assertEq(h.newRoot, d.input.newRoot, "new root");
        assertEq(h.endSequence, 2, "sequence");
        assertEq(h.endQueue, 2, "queue");
        assertEq(h.blockHash, d.input.blockHash, "block hash");
        assertEq(h.withdrawalsRoot, 0, "no withdrawals");
        assertEq(rollup.stateRoot(), GENESIS, "nothing is proven yet");
        assertEq(rollup.lastCommitted(), 1, "last committed");
    }

    /// @dev Evaluation by powers, lowest word first.
    function horner(bytes memory stream, uint256 z) private pure returns (uint256 y) {
        uint256 power = 1;
        for (uint256 end = stream.length; end > 0; end -= 30) {
            uint256 word;
            for (uint256 i = end - 30; i < end; ++i) {
                word = word << 8 | uint8(stream[i]);
            }
            y = addmod(y, mulmod(word, power, R), R);
            power = mulmod(power, z, R);
        }
    }

    function test_onlyTheSequencerAtTopLevel() public {
        Draft memory d = draft("", 0);
        vm.expectRevert(abi.encodeWithSelector(IRollup.NotSequencer.selector, sequencer, bob));
        vm.prank(bob, bob);
        rollup.commitBatch(d.input, d.operations, d.transactions, d.signatures);
        vm.expectRevert(IRollup.NotTopLevel.selector);
        vm.prank(sequencer, bob); // called by a contract at the sequencer's address
        rollup.commitBatch(d.input, d.operations, d.transactions, d.signatures);
        vm.etch(sequencer, hex"ef0100000000000000000000000000000000000000000b");
        refuse(d, abi.encodeWithSelector(IRollup.NotTopLevel.selector)); // a delegated account (EIP-7702)
        vm.etch(sequencer, "");
        commit(d);
    }

    function test_order() public {
        Draft memory d = draft("", 0);
        d.input.batchId = 2;
        refuse(d, err(IRollup.NotNext.selector, 1, 2));
        d.input.batchId = 0;
        refuse(d, err(IRollup.NotNext.selector, 1, 0));
        d.input.batchId = 1;
        d.input.oldRoot = bytes32(uint256(9));
        refuse(d, abi.encodeWithSelector(IRollup.WrongRoot.selector, GENESIS, bytes32(uint256(9)))); // fits the tag
        d.input.oldRoot = GENESIS;
        BatchHeader memory first = commit(d);
        refuse(d, err(IRollup.NotNext.selector, 2, 1));
        BatchHeader memory second = commit(draft("", 0));
        assertEq(second.oldRoot, first.newRoot, "continues the committed root before it is proven");
    }

    function test_time() public {
        commit(draft("", 0));
        Draft memory d = draft("", 0);
        d.input.time = block.timestamp + 1;
        refuse(
            d,
            abi.encodeWithSelector(
                IRollup.TimeOutOfRange.selector, block.timestamp, block.timestamp, block.timestamp + 1
            )
        );
        d.input.time = block.timestamp - 1;
        refuse(
            d,
            abi.encodeWithSelector(
                IRollup.TimeOutOfRange.selector, block.timestamp, block.timestamp, block.timestamp - 1
            )
        );
        uint256 parent = block.timestamp;
        vm.warp(block.timestamp + 365 days); // there is no age limit
        d.input.time = parent;
        commit(d);
    }

    function test_claimsAreInTheField() public {
        for (uint256 i = 0; i < 4; ++i) {
            Draft memory d = draft("", 0);
            if (i == 0) d.input.newRoot = bytes32(R);
            if (i == 1) d.input.idRoot = bytes32(R);
            if (i == 2) d.input.txC = bytes32(R + 1);
            if (i == 3) d.input.opC = bytes32(type(uint256).max);
            refuse(
                d, abi.encodeWithSelector(IRollup.NotInField.selector, i < 2 ? R : i == 2 ? R + 1 : type(uint256).max)
            );
        }
    }

    function test_ranges() public {
        Draft memory d = draft(depositEther(1, alice), 1);
        d.input.endSequence = 0;
        refuse(d, abi.encodeWithSelector(IRollup.SequenceOutOfRange.selector, 1, 65536, 0));
        d.input.endSequence = 65537;
        refuse(d, abi.encodeWithSelector(IRollup.SequenceOutOfRange.selector, 1, 65536, 65537));
        d.input.endSequence = type(uint256).max;
        refuse(d, abi.encodeWithSelector(IRollup.SequenceOutOfRange.selector, 1, 65536, type(uint256).max));
        d.input.endSequence = 65536;
        d.transactions = Records.chunkHeader(1, block.timestamp, 65536);
        d.input.chunks = 2;
        refuse(d, err(IRollup.WrongChunks.selector, 1, 2));
        d.input.chunks = 1;
        commit(d);
    }

    function test_streams() public {
        Draft memory d = draft("", 0);
        d.operations = new bytes(149);
        refuse(d, abi.encodeWithSelector(IRollup.WrongLength.selector, 150, 0, 149));
        d.operations = "";
        bytes memory good = d.transactions;
        d.transactions = new bytes(30);
        refuse(d, abi.encodeWithSelector(IRollup.WrongLength.selector, 30, 60, 30));
        d.transactions = bytes.concat(good, hex"00");
        refuse(d, abi.encodeWithSelector(IRollup.WrongLength.selector, 30, 60, 61));
        d.transactions = Records.chunkHeader(2, block.timestamp, 0);
        refuse(d, err(IRollup.WrongChunkHeader.selector, 1, 2));
        d.transactions = Records.chunkHeader(1, block.timestamp - 1, 0);
        refuse(d, err(IRollup.WrongChunkHeader.selector, block.timestamp, block.timestamp - 1));
        d.transactions = Records.chunkHeader(1, block.timestamp, 1);
        refuse(d, err(IRollup.WrongChunkHeader.selector, 0, 1));
        d.transactions = good;
        commit(d);
    }

    function test_calldataIsCanonical() public {
        Draft memory d = draft(depositEther(1, alice), 1);
        bytes memory call = abi.encodeCall(IRollup.commitBatch, (d.input, d.operations, d.transactions, d.signatures));
        malformed(bytes.concat(call, hex"00"), err(IRollup.CalldataMalformed.selector, call.length, call.length + 1));
        // All tails moved up by one word, which leaves a gap.
        bytes memory gap = bytes.concat(slice(call, 0, HEAD), bytes32(0), slice(call, HEAD, call.length));
        for (uint256 word = 12; word <= 14; ++word) {
            addToWord(gap, 4 + (word - 1) * 32, 32);
        }
        malformed(gap, err(IRollup.CalldataMalformed.selector, HEAD + 32, HEAD + 64));
        // Padding after 150 bytes of operations.
        bytes memory padded = bytes.concat(call);
        padded[HEAD + 32 + 150] = 0x01;
        malformed(padded, abi.encodeWithSelector(ProofCodec.ProofMalformed.selector, 150, 0, 1));
        // The operations once more as transactions: 32 for the length and 160 padded bytes back.
        bytes memory shared = bytes.concat(call);
        addToWord(shared, 4 + 12 * 32, type(uint256).max - 191);
        malformed(shared, err(IRollup.CalldataMalformed.selector, HEAD + 192 + 32, HEAD + 32));
        (bool ok,) = direct(call);
        assertTrue(ok, "the canonical call");
    }

    /// @dev Any byte of padding, of either stream, is named by its place.
    function testFuzz_padding(uint8 requests, uint256 place, uint8 value) public {
        bytes memory operations;
        for (uint256 i = 0; i < requests % 7; ++i) {
            operations = bytes.concat(operations, depositEther(1 + i, alice));
        }
        Draft memory d = draft(operations, requests % 7);
        d.transactions = bytes.concat(d.transactions, new bytes(30 * (uint256(requests) % 13)));
        bytes memory call = abi.encodeCall(IRollup.commitBatch, (d.input, d.operations, d.transactions, d.signatures));
        if (value != 0) {
            uint256 end = HEAD + 32;
            forgePadding(call, end, operations.length, place, value);
            end += (operations.length + 31) / 32 * 32 + 32;
            forgePadding(call, end, d.transactions.length, place, value);
        }
        (bool ok,) = direct(call);
        assertTrue(ok, "the canonical call");
    }

    function forgePadding(bytes memory call, uint256 start, uint256 length, uint256 place, uint8 value) private {
        uint256 padding = (32 - length % 32) % 32;
        if (padding == 0) return;
        length += place % padding;
        bytes memory forged = bytes.concat(call);
        forged[start + length] = bytes1(value);
        malformed(forged, abi.encodeWithSelector(ProofCodec.ProofMalformed.selector, length, 0, value));
    }

    /// @dev Streams of any length, against the evaluation by powers.
    function testFuzz_evaluation(uint8 words, uint256 seed) public {
        Draft memory d = draft("", 0);
        for (uint256 i = 0; i < words % 20; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            d.transactions = bytes.concat(d.transactions, bytes30(uint240(seed)));
        }
        BatchHeader memory h = commit(d);
        assertEq(h.txY, horner(d.transactions, h.z), "tx y");
        assertEq(h.opY, 0, "op y of nothing");
    }

    function addToWord(bytes memory data, uint256 position, uint256 delta) private pure {
        assembly {
            let place := add(add(data, 32), position)
            mstore(place, add(mload(place), delta))
        }
    }

    function slice(bytes memory data, uint256 from, uint256 to) private pure returns (bytes memory result) {
        result = new bytes(to - from);
        for (uint256 i = from; i < to; ++i) {
            result[i - from] = data[i];
        }
    }

    function direct(bytes memory call) private returns (bool ok, bytes memory answer) {
        vm.prank(sequencer, sequencer);
        (ok, answer) = address(rollup).call(call);
    }

    function malformed(bytes memory call, bytes memory expected) private {
        (bool ok, bytes memory answer) = direct(call);
        assertFalse(ok, "malformed calldata");
        assertEq(keccak256(answer), keccak256(expected), "typed error");
    }

    function test_constructorArguments() public {
        bad(0, bob, GENESIS, EMPTY_ID, 0, none());
        refuse(2, 0, EMPTY_ID, 0);
        refuse(2, bytes32(R), EMPTY_ID, 0);
        refuse(3, GENESIS, 0, 0);
        refuse(3, GENESIS, bytes32(R), 0);
        refuse(5, GENESIS, EMPTY_ID, 1);
        // Each contract beside must have been made for this very rollup, and no other will do.
        refuse(1, Settings(address(0), address(1), address(0), address(0), 0, 0));
        refuse(9, Settings(address(0), address(0), address(1), address(0), 0, 0));
        refuse(10, Settings(address(0), address(0), address(0), address(1), 0, 0));
        refuse(6, Settings(bob, address(0), address(0), address(0), 0, 0));
        refuse(7, Settings(address(0), address(0), address(0), address(0), 1, 0));
        refuse(8, Settings(address(0), address(0), address(0), address(0), 0, 1));
    }

    function none() private pure returns (Settings memory) {
        return Settings(address(0), address(0), address(0), address(0), 0, 0);
    }

    /// @dev Values of its own, everything else right.
    function refuse(uint256 which, bytes32 genesis, bytes32 emptyId, uint8 mode) private {
        bad(which, rollup.verifier(), genesis, emptyId, mode, none());
    }

    /// @dev What is not zero in `wrong` is what is wrong: an address given as 1 is that of another rollup's contract, a
    /// deadline given as 1 is none at all.
    function refuse(uint256 which, Settings memory wrong) private {
        bad(which, rollup.verifier(), GENESIS, EMPTY_ID, 0, wrong);
    }

    function bad(
        uint256 which,
        address v,
        bytes32 genesis,
        bytes32 emptyId,
        uint8 mode,
        Settings memory wrong
    ) private {
        Deployer deployer = new Deployer();
        address others = address(companion);
        Settings memory s = buildSettings(vm.computeCreateAddress(address(deployer), 1));
        companion = Companion(others);
        if (wrong.accountReader != address(0)) s.accountReader = wrong.accountReader;
        if (wrong.bonds != address(0)) s.bonds = others;
        if (wrong.breakers != address(0)) s.breakers = others;
        if (wrong.governor != address(0)) s.governor = others;
        if (wrong.forcedDeadline != 0) s.forcedDeadline = 0;
        if (wrong.finalityDeadline != 0) s.finalityDeadline = 0;
        vm.expectRevert(abi.encodeWithSelector(IRollup.BadConfiguration.selector, which));
        deployWith(deployer, v, genesis, emptyId, FEE, mode, s);
    }

    function test_domain() public view {
        uint256 full = uint256(keccak256(abi.encode("l2rollup", block.chainid, address(rollup))));
        assertEq(rollup.domain(), full & ((1 << 248) - 1), "low 248 bits");
        assertEq(rollup.dataMode(), 0, "calldata");
        assertEq(rollup.vkDigest(), keccak256("HashVerifier: test only"), "vk digest");
    }
}
