// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBridge} from "../../contracts/src/interfaces/IBridge.sol";
import {IRollup} from "../../contracts/src/interfaces/IRollup.sol";
import {BatchHeader} from "../../contracts/src/types/Batch.sol";
import {Records} from "./Records.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @title Operation records at commit: the queue whole and in order, withdrawals, key changes, shapes.
contract OperationsTest is RollupFixture {
    function hashOf(uint256 index) private view returns (bytes32 hash) {
        (hash,,) = rollup.queueEntry(index);
    }

    function wrongRequest(uint256 index, bytes memory record) private view returns (bytes memory) {
        return abi.encodeWithSelector(IRollup.WrongRequest.selector, index, hashOf(index), keccak256(record));
    }

    // ------------------------------------------------------------------ queue

    function test_queueAttacks() public {
        bytes memory a = depositEther(1 ether, alice);
        bytes memory b = depositEther(2 ether, bob);
        vm.prank(alice);
        rollup.registerKey(BX, BY);
        bytes memory c = Records.registerKey(alice, BX, BY);

        refuse(draft(b, 1), wrongRequest(0, b)); // skipped
        refuse(draft(bytes.concat(b, a), 2), wrongRequest(0, b)); // reordered
        refuse(draft(bytes.concat(a, a), 2), wrongRequest(1, a)); // twice
        bytes memory invented = Records.deposit(0, 3 ether, bob, alice);
        refuse(draft(bytes.concat(a, invented), 2), wrongRequest(1, invented));
        bytes memory richer = Records.deposit(0, 1 ether + 1, alice, alice);
        refuse(draft(richer, 1), wrongRequest(0, richer)); // amount altered
        bytes memory located = bytes.concat(a);
        located[6] = 0x01; // account index, which L1 cannot know
        refuse(draft(located, 1), wrongRequest(0, located));
        refuse(
            draft(bytes.concat(a, b, c, c), 3),
            abi.encodeWithSelector(IRollup.WrongRequest.selector, 3, 0, keccak256(c))
        );
        commit(draft(bytes.concat(a, b, c), 3));
        refuse(draft(c, 0), abi.encodeWithSelector(IRollup.WrongRequest.selector, 3, 0, keccak256(c))); // past the end
    }

    function test_claimedQueueRange() public {
        bytes memory a = depositEther(1 ether, alice);
        bytes memory b = depositEther(2 ether, bob);
        refuse(draft(a, 2), abi.encodeWithSelector(IRollup.WrongQueueEnd.selector, 2, 1)); // fewer than claimed
        refuse(draft(bytes.concat(a, b), 1), abi.encodeWithSelector(IRollup.WrongQueueEnd.selector, 1, 2)); // more
        refuse(draft(bytes.concat(a, b), 3), abi.encodeWithSelector(IRollup.WrongQueueEnd.selector, 3, 2)); // not there
        commit(draft(a, 1));
        Draft memory d = draft(b, 1);
        d.input.endQueue = 0; // backwards
        refuse(d, abi.encodeWithSelector(IRollup.WrongQueueEnd.selector, 0, 2));
        BatchHeader memory second = commit(draft(b, 1));
        assertEq(second.firstQueue, 1, "continues");
        assertEq(second.endQueue, 2, "to the end");
    }

    function test_forcedExitOutcome() public {
        rollup.enqueue(keccak256(Records.forcedExit(1, 0, bob)));
        rollup.enqueue(keccak256(Records.forcedExit(0, 0, alice)));
        bytes memory stranger = Records.forcedExit(1, 77, alice);
        refuse(
            draft(stranger, 1),
            abi.encodeWithSelector(
                IRollup.WrongRequest.selector, 0, hashOf(0), keccak256(Records.forcedExit(1, 0, alice))
            )
        );
        // Paid, then a no-op: the outcome is not in the hash, and only the paid one is a withdrawal.
        bytes memory operations = bytes.concat(Records.forcedExit(1, 77, bob), Records.forcedExit(0, 0, alice));
        BatchHeader memory h = commit(draft(operations, 2));
        assertEq(h.withdrawalsRoot, leaf(1, 0, address(token), 77, bob), "one leaf");
    }

    function test_forcedExitOfAnUnusedTokenIsNotEther() public {
        rollup.enqueue(keccak256(Records.forcedExit(9, 0, bob)));
        bytes memory reason = abi.encodeWithSelector(IRollup.WithdrawalRefused.selector, 0, 9, 77, bob);
        refuse(draft(Records.forcedExit(9, 77, bob), 1), reason);
        BatchHeader memory h = commit(draft(Records.forcedExit(9, 0, bob), 1));
        assertEq(h.withdrawalsRoot, 0, "a no-op pays nothing");
    }

    // ------------------------------------------------------------------ kinds and shapes

    function test_unknownKinds() public {
        uint8[6] memory kinds = [0, 1, 4, 8, 10, 255];
        for (uint256 i = 0; i < kinds.length; ++i) {
            bytes memory record = Records.build(uint256(kinds[i]) << 232, 0, 0, 0, 0);
            refuse(draft(record, 0), abi.encodeWithSelector(IRollup.UnknownOperation.selector, 0, kinds[i]));
        }
    }

    function test_withdrawShape() public {
        bytes memory good = Records.withdraw(1, 5, 9, 100, 3, alice, bob);
        // A bit in each field that a withdrawal lacks: w0 low 8, w1 bits 160 and 223, w2 bits 160 and 239, w3, w4.
        uint8[9] memory bytesAt = [29, 30 + 9, 30 + 2, 60 + 9, 60, 90, 119, 120, 149];
        for (uint256 i = 0; i < bytesAt.length; ++i) {
            bytes memory record = bytes.concat(good);
            record[bytesAt[i]] = bytes1(uint8(record[bytesAt[i]]) ^ 1);
            refuse(draft(record, 0), abi.encodeWithSelector(IRollup.OperationMalformed.selector, 0, 2));
        }
        commit(draft(good, 0));
    }

    function refusedWithdrawal(uint256 index, uint256 amount, address recipient) private {
        bytes memory record = Records.withdraw(index, 1, 0, amount, 0, alice, recipient);
        bytes memory good = Records.withdraw(0, 1, 0, 1, 0, alice, bob);
        bytes memory reason = abi.encodeWithSelector(IRollup.WithdrawalRefused.selector, 1, index, amount, recipient);
        refuse(draft(bytes.concat(good, record), 0), reason);
    }

    function test_withdrawRules() public {
        refusedWithdrawal(1, 0, bob);
        refusedWithdrawal(2, 1, bob); // not registered
        refusedWithdrawal(65535, 1, bob);
        refusedWithdrawal(1, 1, address(0));
        refusedWithdrawal(1, 1, address(0xffff));
    }

    function test_withdrawalsRoot() public {
        bytes memory operations;
        bytes32[8] memory nodes; // five leaves, padded with zeros
        for (uint256 i = 0; i < 5; ++i) {
            operations = bytes.concat(operations, depositEther(1 + i, bob));
            operations = bytes.concat(operations, Records.withdraw(i % 2, 1, i, 10 + i, 0, alice, bob));
            nodes[i] = leaf(1, i, i % 2 == 0 ? address(0) : address(token), 10 + i, bob);
        }
        BatchHeader memory h = commit(draft(operations, 5));
        for (uint256 width = 4; width > 0; width /= 2) {
            for (uint256 i = 0; i < width; ++i) {
                nodes[i] = keccak256(abi.encodePacked(nodes[2 * i], nodes[2 * i + 1]));
            }
        }
        assertEq(h.withdrawalsRoot, nodes[0], "root");
        assertEq(rollup.withdrawalsRoot(1), nodes[0], "stored root");
    }

    // ------------------------------------------------------------------ set_key

    function signature(address account, uint256 ax, uint256 ay, uint64 nonce) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(OWNER_KEY, digest(account, ax, ay, nonce));
        return abi.encodePacked(r, s, v);
    }

    function digest(address account, uint256 ax, uint256 ay, uint64 nonce) private view returns (bytes32) {
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
        return
            keccak256(abi.encodePacked(hex"1901", separator, keccak256(abi.encode(typeHash, account, ax, ay, nonce))));
    }

    function test_setKey() public {
        address owner = vm.addr(OWNER_KEY);
        bytes memory operations = bytes.concat(
            Records.setKey(owner, 7, 3, BX, BY),
            depositEther(1, bob),
            Records.setKey(owner, 7, (1 << 48) - 1, R - BX, BY)
        );
        Draft memory d = draft(operations, 1);
        bytes memory first = signature(owner, BX, BY, 3);
        bytes memory second = signature(owner, R - BX, BY, (1 << 48) - 1);
        bytes4 selector = IRollup.WrongSignatures.selector;
        refuse(d, abi.encodeWithSelector(selector, 65, 0));
        d.signatures = first;
        refuse(d, abi.encodeWithSelector(selector, 130, 65));
        d.signatures = bytes.concat(first, second, hex"00");
        refuse(d, abi.encodeWithSelector(selector, 130, 131));
        d.signatures = bytes.concat(first, second);
        commit(d);
    }

    function test_signaturesWithoutSetKey() public {
        Draft memory d = draft("", 0);
        d.signatures = new bytes(65);
        refuse(d, abi.encodeWithSelector(IRollup.WrongSignatures.selector, 0, 65));
    }

    function wrongSigner(Draft memory d, bytes memory forged, address got) private {
        d.signatures = forged;
        refuse(d, abi.encodeWithSelector(IRollup.WrongSigner.selector, 0, vm.addr(OWNER_KEY), got));
    }

    function test_setKeyMalleability() public {
        address owner = vm.addr(OWNER_KEY);
        Draft memory d = draft(Records.setKey(owner, 7, 3, BX, BY), 0);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(OWNER_KEY, digest(owner, BX, BY, 3));
        uint256 n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        wrongSigner(d, abi.encodePacked(r, bytes32(n - uint256(s)), v == 27 ? 28 : 27), address(0)); // high s
        wrongSigner(d, abi.encodePacked(r, s, v - 27), address(0)); // v of 0 or 1
        wrongSigner(d, abi.encodePacked(bytes32(0), s, v), address(0));
        wrongSigner(d, abi.encodePacked(r, bytes32(0), v), address(0));
        d.signatures = abi.encodePacked(r, s, v);
        commit(d);
    }

    function test_setKeyOfAnother() public {
        address owner = vm.addr(OWNER_KEY);
        bytes memory good = signature(owner, BX, BY, 3);
        uint256 checked;
        bytes[4] memory records = [
            Records.setKey(bob, 7, 3, BX, BY), // another account
            Records.setKey(owner, 7, 4, BX, BY), // another nonce
            Records.setKey(owner, 7, 3, R - BX, BY), // another key
            Records.setKey(address(0), 7, 3, BX, BY)
        ];
        for (uint256 i = 0; i < records.length; ++i) {
            Draft memory d = draft(records[i], 0);
            d.signatures = good;
            vm.prank(sequencer, sequencer);
            try rollup.commitBatch(d.input, d.operations, d.transactions, d.signatures) {}
            catch (bytes memory reason) {
                assertEq(bytes32(bytes4(reason)), bytes32(IRollup.WrongSigner.selector), "wrong signer");
                ++checked;
            }
        }
        assertEq(checked, 4, "all refused");
    }

    function test_signatureOfNobody() public {
        // ecrecover answers zero for garbage; the zero address must not pass for it.
        Draft memory d = draft(Records.setKey(address(0), 7, 3, BX, BY), 0);
        d.signatures = abi.encodePacked(bytes32(uint256(1)), bytes32(0), uint8(27));
        refuse(d, abi.encodeWithSelector(IRollup.WrongSigner.selector, 0, address(0), address(0)));
    }

    function test_setKeyShapeAndKey() public {
        address owner = vm.addr(OWNER_KEY);
        bytes memory good = Records.setKey(owner, 7, 3, BX, BY);
        // token, amount (both ends), w0 low 8, fee token, w1 zero field, w3 and w4 above 136 bits.
        uint8[9] memory bytesAt = [2, 13, 28, 29, 31, 39, 102, 90, 132];
        for (uint256 i = 0; i < bytesAt.length; ++i) {
            bytes memory record = bytes.concat(good);
            record[bytesAt[i]] = bytes1(uint8(record[bytesAt[i]]) ^ 1);
            refuse(draft(record, 0), abi.encodeWithSelector(IRollup.OperationMalformed.selector, 0, 3));
        }
        bytes memory weak = Records.setKey(owner, 7, 3, 0, R - 1);
        Draft memory d = draft(weak, 0);
        d.signatures = signature(owner, 0, R - 1, 3);
        refuse(d, abi.encodeWithSelector(IBridge.KeyRefused.selector, 0, R - 1));
        d = draft(Records.setKey(owner, 7, 3, BX + R, BY), 0);
        d.signatures = signature(owner, BX + R, BY, 3);
        refuse(d, abi.encodeWithSelector(IBridge.KeyRefused.selector, BX + R, BY));
    }
}
