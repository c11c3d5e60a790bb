// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBridge} from "../../contracts/src/interfaces/IBridge.sol";
import {IRollup} from "../../contracts/src/interfaces/IRollup.sol";
import {BabyJubJub} from "../../contracts/src/libraries/BabyJubJub.sol";
import {BatchHeader} from "../../contracts/src/types/Batch.sol";
import {Records} from "./Records.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @title rotate_key records (kind 9): a key change whose EdDSA signature the circuit verifies, so L1 wants none.
/// @notice What keeps a set_key from passing as one: the code is in the record, and the proof is of the record.
contract RotateKeyTest is RollupFixture {
    uint256 private constant CODE = 9;

    function malformed(uint256 position) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IRollup.OperationMalformed.selector, position, CODE);
    }

    function keyRefused(uint256 ax, uint256 ay) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IBridge.KeyRefused.selector, ax, ay);
    }

    function test_noSignatureBytes() public {
        Draft memory d = draft(Records.rotateKey(alice, 7, 3, 0, BX, BY), 0);
        d.signatures = new bytes(65);
        refuse(d, abi.encodeWithSelector(IRollup.WrongSignatures.selector, 0, 65));
        d.signatures = hex"00";
        refuse(d, abi.encodeWithSelector(IRollup.WrongSignatures.selector, 0, 1));
        d.signatures = "";
        BatchHeader memory h = commit(d);
        assertEq(h.opWords, 5, "one record");
        assertEq(h.withdrawalsRoot, 0, "pays nothing");
        assertEq(h.endQueue, 0, "takes no queue entry");
    }

    /// @dev Index, nonce and fee token are the circuit's business, up to their ends.
    function test_freeFields() public {
        commit(draft(Records.rotateKey(alice, 0, 0, 0, BX, BY), 0));
        commit(draft(Records.rotateKey(bob, type(uint32).max, (1 << 48) - 1, 65535, R - BX, BY), 0));
        commit(draft(Records.rotateKey(address(type(uint160).max), 1, 1, 9, BX, BY), 0));
    }

    function test_shape() public {
        bytes memory good = Records.rotateKey(alice, 7, 3, 5, BX, BY);
        bytes memory other = Records.rotateKey(bob, 8, 0, 0, BX, BY);
        // Both ends of: token, amount, low 8 of w0, the zero field of w1, w3 and w4 above 136 bits.
        uint8[11] memory bytesAt = [1, 2, 13, 28, 29, 32, 39, 90, 102, 120, 132];
        for (uint256 i = 0; i < bytesAt.length; ++i) {
            bytes memory record = bytes.concat(good);
            record[bytesAt[i]] = bytes1(uint8(record[bytesAt[i]]) ^ 1);
            refuse(draft(record, 0), malformed(0));
            refuse(draft(bytes.concat(other, record), 0), malformed(1));
        }
        commit(draft(bytes.concat(other, good), 0));
    }

    function test_unusableKeys() public {
        refusedKey(0, 1);
        refusedKey(0, R - 1);
        refusedKey(BX + R, BY);
        refusedKey(BX, BY + R);
        refusedKey(BX, BY + 1);
        refusedKey(type(uint256).max, type(uint256).max);
    }

    function refusedKey(uint256 ax, uint256 ay) private {
        refuse(draft(Records.rotateKey(alice, 7, 3, 5, ax, ay), 0), keyRefused(ax, ay));
    }

    /// @dev One bit of a good record turned, at every place: what is refused, and how, is the table of data.md.
    function testFuzz_turnedBit(uint256 place, uint8 bit) public {
        place = 1 + place % 149;
        bytes memory record = Records.rotateKey(alice, 7, 3, 5, BX, BY);
        record[place] = bytes1(uint8(record[place]) ^ uint8(1 << (bit % 8)));
        bool free = (place >= 3 && place <= 12) || place == 30 || place == 31 || (place >= 40 && place <= 59);
        bool ofKey = (place >= 60 && place <= 89) || (place >= 103 && place <= 119) || place >= 133;
        Draft memory d = draft(record, 0);
        if (free) {
            commit(d);
        } else if (ofKey) {
            (uint256 ax, uint256 ay) = readKey(record);
            refuse(d, keyRefused(ax, ay));
        } else {
            refuse(d, malformed(0));
        }
    }

    function testFuzz_anyKey(uint256 ax, uint256 ay, uint16 feeToken, uint32 index, uint48 nonce) public {
        Draft memory d = draft(Records.rotateKey(alice, index, nonce, feeToken, ax, ay), 0);
        if (!BabyJubJub.isKey(ax, ay)) refuse(d, keyRefused(ax, ay));
        else commit(d);
    }

    /// @dev The key of a record, read byte by byte: 15 bytes high and 17 low of each coordinate.
    function readKey(bytes memory record) private pure returns (uint256 ax, uint256 ay) {
        for (uint256 i = 0; i < 32; ++i) {
            ax = ax << 8 | uint8(record[i < 15 ? 60 + i : 103 + i - 15]);
            ay = ay << 8 | uint8(record[i < 15 ? 75 + i : 133 + i - 15]);
        }
    }

    // ------------------------------------------------------------------ in place of set_key

    /// @dev The owner of `account` signed nothing. As kind 3 the record is refused; as kind 9 it is committed, and the
    /// proof that a sequencer could have (of a set_key with a signature) is not one of this batch: words, z and y differ.
    function test_setKeyWithoutSignatureCannotPassAsRotateKey() public {
        address owner = vm.addr(OWNER_KEY);
        Draft memory d = draft(Records.setKey(owner, 7, 3, BX, BY), 0);
        refuse(d, abi.encodeWithSelector(IRollup.WrongSignatures.selector, 65, 0));
        uint256 before = vm.snapshotState();
        d.signatures = sign(owner);
        BatchHeader memory signed = commit(d);
        bytes memory snark = abi.encodePacked(keccak256(abi.encodePacked(publicInputs(signed))));

        assertTrue(vm.revertToState(before), "back");
        d.operations[0] = bytes1(uint8(CODE));
        refuse(d, abi.encodeWithSelector(IRollup.WrongSignatures.selector, 0, 65));
        d.signatures = "";
        BatchHeader memory h = commit(d);
        assertFalse(h.z == signed.z, "z is of the records");
        assertFalse(h.opY == signed.opY, "y is of the records");
        vm.expectRevert(abi.encodeWithSelector(IRollup.ProofRejected.selector, 1));
        rollup.finalizeBatch(1, h.newRoot, abi.encode(h, snark));
        bytes32 stored = rollup.headerHash(1);
        bytes32 got = keccak256(abi.encode(signed));
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongHeader.selector, stored, got));
        rollup.finalizeBatch(1, signed.newRoot, abi.encode(signed, snark));
    }

    /// @dev A rotate_key beside a set_key must neither use up its signature nor stand in for it.
    function test_signaturesAreOfSetKeysAlone() public {
        address owner = vm.addr(OWNER_KEY);
        bytes memory rotate = Records.rotateKey(alice, 1, 0, 0, BX, BY);
        bytes memory set = Records.setKey(owner, 7, 3, BX, BY);
        Draft memory d = draft(bytes.concat(rotate, set, rotate), 0);
        refuse(d, abi.encodeWithSelector(IRollup.WrongSignatures.selector, 65, 0));
        d.signatures = bytes.concat(sign(owner), sign(owner));
        refuse(d, abi.encodeWithSelector(IRollup.WrongSignatures.selector, 65, 130));
        d.signatures = sign(owner);
        commit(d);
        // With a fee token a set_key is no set_key, signed or not.
        d = draft(set, 0);
        d.operations[31] = 0x05;
        d.signatures = sign(owner);
        refuse(d, abi.encodeWithSelector(IRollup.OperationMalformed.selector, 0, 3));
    }

    function test_isNoQueueEntry() public {
        vm.prank(alice);
        rollup.registerKey(BX, BY);
        bytes memory rotate = Records.rotateKey(alice, 0, 0, 0, BX, BY);
        refuse(draft(rotate, 1), abi.encodeWithSelector(IRollup.WrongQueueEnd.selector, 1, 0));
        (bytes32 queued,,) = rollup.queueEntry(0);
        bytes memory request = Records.registerKey(alice, BX, BY);
        assertEq(queued, keccak256(request), "the request");
        commit(draft(bytes.concat(rotate, request, rotate), 1));
    }

    function sign(address owner) private view returns (bytes memory) {
        bytes32 separator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("l2rollup"),
                keccak256("1"),
                block.chainid,
                address(rollup)
            )
        );
        bytes32 typeHash = keccak256("SetKey(address account,uint256 ax,uint256 ay,uint64 nonce)");
        bytes32 message = keccak256(abi.encode(typeHash, owner, BX, BY, uint64(3)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(OWNER_KEY, keccak256(abi.encodePacked(hex"1901", separator, message)));
        return abi.encodePacked(r, s, v);
    }
}
