// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Bonds} from "../../contracts/src/Bonds.sol";
import {BatchHeader} from "../../contracts/src/types/Batch.sol";
import {BlockHeader, Opening, Receipt, ReceiptName, SignedHeader} from "../../contracts/src/types/Bond.sol";
import {BondsFixture} from "./BondsFixture.sol";

/// @title Gas of every call of the contract of bonds (contracts/snapshots/Bonds.json), and its size.
/// @notice Each call is a transaction of its own: 21,000 and calldata are in the figures; the rollup is a stand-in.
/// forge-config: default.isolate = true
contract BondsGasTest is BondsFixture {
    uint256 private constant CODE_LIMIT = 24_576;

    function measure(string memory name) private {
        vm.snapshotGasLastCall("Bonds", name);
    }

    function test_codeSize() public {
        vm.snapshotValue("Bonds", "code bytes", address(bonds).code.length);
        assertTrue(address(bonds).code.length < CODE_LIMIT, "EIP-170");
        assertTrue(type(Bonds).creationCode.length < 2 * CODE_LIMIT, "EIP-3860");
        new Bonds(address(rollup), sequencer, settings());
    }

    function test_bond() public {
        bonds.addBond{value: BOND}();
        measure("addBond");
        vm.prank(sequencer);
        bonds.startUnbonding(1 ether);
        measure("startUnbonding");
        vm.warp(START + 21 days);
        bonds.finishUnbonding();
        measure("finishUnbonding");
        vm.prank(sequencer);
        bonds.withdraw(sequencer);
        measure("withdraw");
    }

    function test_challenge() public {
        commit(batch(1, 0, 1));
        bonds.challengeBatch{value: CHALLENGE}(1);
        measure("challengeBatch");
        uint256 state = vm.snapshotState();
        vm.prank(address(rollup));
        bonds.onFinalize(1, alice);
        measure("onFinalize");
        vm.revertToState(state);
        vm.warp(START + 6 hours + 1);
        bonds.revertBatches();
        measure("revertBatches");
    }

    function test_slashes() public {
        BatchHeader memory b = batch(1, 0, 10);
        finalize(b);
        BlockHeader memory h = block_(5);
        SignedHeader memory x = sign(h);
        (h.batchId, h.stateRoot) = (1, keccak256("wrong"));
        SignedHeader memory y = sign(h);
        bonds.slashRoot(y, b);
        measure("slashRoot");
        bonds.addBond{value: BOND}();
        x = sign(block_(5));
        bonds.slashEquivocation(x, y);
        measure("slashEquivocation");
    }

    function test_receipts() public {
        Receipt memory r = receiptOf(50, ID, 1 ether);
        ReceiptName memory name = nameOf(r);
        Opening memory o = include(1, r.sequence, ID);
        vm.warp(START + 3 days + 1);
        bonds.fileReceipt{value: FILING}(r);
        measure("fileReceipt");
        bonds.answerReceipt(name, o);
        measure("answerReceipt");
        r = receiptOf(51, ID, 1 ether);
        name = nameOf(r);
        bonds.fileReceipt{value: FILING}(r);
        vm.warp(block.timestamp + 24 hours + 1);
        bonds.slashReceipt(keyOf(r));
        measure("slashReceipt");
    }

    function test_covers() public {
        Receipt memory struck = receiptOf(50, ID, 1 ether);
        Opening memory o = include(1, struck.sequence, ID);
        equivocate(1000, bob);
        vm.warp(START + 3 days + 1);
        Receipt memory r = receiptOf(51, ID, 1 ether);
        vm.prank(alice);
        bonds.registerCover{value: FILING}(1, r, 0);
        measure("registerCover");
        bonds.registerCover{value: FILING}(1, struck, 0);
        ReceiptName memory name = nameOf(struck);
        bonds.strikeCover(1, name, o);
        measure("strikeCover");
        vm.warp(START + 8 days);
        bonds.payCovers(1, 2);
        measure("payCovers of 1, and the end");
    }
}
