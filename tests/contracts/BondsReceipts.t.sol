// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBond} from "../../contracts/src/interfaces/IBond.sol";
import {IEvidence} from "../../contracts/src/interfaces/IEvidence.sol";
import {IIdTreeReader} from "../../contracts/src/interfaces/IIdTreeReader.sol";
import {ISlashing} from "../../contracts/src/interfaces/ISlashing.sol";
import {BlockHeader, Opening, Receipt, ReceiptName} from "../../contracts/src/types/Bond.sol";
import {BondsFixture} from "./BondsFixture.sol";

/// @title Receipts: filed when overdue, answered by a finalised batch alone, and what every forgery meets.
contract BondsReceiptsTest is BondsFixture {
    uint256 private constant DUE = START + 3 days;

    function file(Receipt memory r) private returns (bytes32) {
        vm.prank(alice);
        bonds.fileReceipt{value: FILING}(r);
        return keyOf(r);
    }

    function filed(uint64 number) private returns (Receipt memory r) {
        r = receiptOf(number, ID, 1 ether);
        vm.warp(DUE + 1);
        file(r);
    }

    function refuseFiling(Receipt memory r, bytes memory reason) private {
        fails(reason);
        bonds.fileReceipt{value: FILING}(r);
    }

    function stateOf(Receipt memory r) private view returns (uint8 state) {
        (,, state) = bonds.filing(keyOf(r));
    }

    // ------------------------------------------------------------------ filing

    function test_filedTooEarly() public {
        Receipt memory r = receiptOf(5, ID, 1 ether);
        vm.warp(DUE);
        refuseFiling(r, abi.encodeWithSelector(IEvidence.NotDue.selector, DUE, DUE));
        vm.warp(DUE + 1);
        file(r);
        assertEq(stateOf(r), 1, "open");
    }

    /// @dev A sequencer cannot allow itself more than 7 days.
    function test_includeByIsBounded() public {
        BlockHeader memory h = block_(5);
        h.includeBy = type(uint64).max;
        Receipt memory r = receiptOf(h, ID, 1 ether);
        vm.warp(START + 7 days);
        refuseFiling(r, abi.encodeWithSelector(IEvidence.NotDue.selector, START + 7 days, START + 7 days));
        vm.warp(START + 7 days + 1);
        file(r);
    }

    function test_filingBondIsExact() public {
        Receipt memory r = receiptOf(5, ID, 1 ether);
        vm.warp(DUE + 1);
        fails(abi.encodeWithSelector(IBond.WrongValue.selector, FILING, FILING - 1));
        bonds.fileReceipt{value: FILING - 1}(r);
    }

    function test_filedTwice() public {
        Receipt memory r = filed(5);
        refuseFiling(r, abi.encodeWithSelector(ISlashing.AlreadyFiled.selector, keyOf(r)));
        Opening memory o = include(1, r.sequence, ID);
        bonds.answerReceipt(nameOf(r), o);
        refuseFiling(r, abi.encodeWithSelector(ISlashing.AlreadyFiled.selector, keyOf(r)));
    }

    function test_wrongPath() public {
        Receipt memory r = receiptOf(5, ID, 1 ether);
        vm.warp(DUE + 1);
        r.path[0] = 0;
        fails(IEvidence.WrongReceiptPath.selector);
        bonds.fileReceipt{value: FILING}(r);
    }

    /// @dev Another id, cover or sequence number under the same header.
    function test_anotherLeaf() public {
        vm.warp(DUE + 1);
        Receipt memory r = receiptOf(5, ID, 1 ether);
        r.id = bytes32(uint256(ID) + 1);
        fails(IEvidence.WrongReceiptPath.selector);
        bonds.fileReceipt{value: FILING}(r);
        r = receiptOf(5, ID, 1 ether);
        r.cover += 1;
        fails(IEvidence.WrongReceiptPath.selector);
        bonds.fileReceipt{value: FILING}(r);
    }

    function test_wrongIndex() public {
        vm.warp(DUE + 1);
        Receipt memory r = receiptOf(5, ID, 1 ether);
        r.index = 2;
        refuseFiling(r, abi.encodeWithSelector(IEvidence.ReceiptOutsideBlock.selector, 50, 3, 2, 51));
        r.sequence = 52;
        fails(IEvidence.WrongReceiptPath.selector);
        bonds.fileReceipt{value: FILING}(r);
        r = receiptOf(5, ID, 1 ether);
        r.index = 5; // the same path bits, beyond the tree
        r.sequence = 55;
        refuseFiling(r, abi.encodeWithSelector(IEvidence.ReceiptOutsideBlock.selector, 50, 3, 5, 55));
    }

    /// @dev An index that the path is too short for, within the header's count.
    function test_indexBeyondThePath() public {
        BlockHeader memory h = block_(5);
        h.count = 10;
        Receipt memory r = receiptOf(h, ID, 1 ether);
        bytes32 leaf = keccak256(abi.encode(uint256(55), ID, uint256(1 ether)));
        h.leavesRoot = keccak256(abi.encode(keccak256(abi.encode(r.path[0], leaf)), r.path[1]));
        r.signed = sign(h);
        (r.index, r.sequence) = (5, 55);
        vm.warp(DUE + 1);
        fails(IEvidence.WrongReceiptPath.selector);
        bonds.fileReceipt{value: FILING}(r);
    }

    function test_signedByAnother() public {
        vm.warp(DUE + 1);
        Receipt memory r = receiptOf(5, ID, 1 ether);
        r.signed = sign(r.signed.header, OTHER_KEY);
        refuseFiling(r, abi.encodeWithSelector(IEvidence.WrongSignature.selector, other));
        r.signed = sign(r.signed.header);
        flip(r.signed);
        refuseFiling(r, abi.encodeWithSelector(IEvidence.WrongSignature.selector, address(0)));
    }

    function test_voidReceipt() public {
        vm.warp(DUE + 1);
        BlockHeader memory h = block_(5);
        h.queueHash = 0;
        Receipt memory r = receiptOf(h, ID, 1 ether);
        refuseFiling(r, abi.encodeWithSelector(IEvidence.HeaderVoid.selector, 3, QUEUE, bytes32(0)));
    }

    // ------------------------------------------------------------------ answers

    function test_answered() public {
        Receipt memory r = filed(50);
        Opening memory o = include(1, r.sequence, ID);
        ReceiptName memory name = nameOf(r);
        vm.prank(bob);
        bonds.answerReceipt(name, o);
        assertEq(bonds.owed(bob), FILING, "the answerer's");
        assertEq(stateOf(r), 2, "honoured");
        vm.warp(block.timestamp + 2 days);
        fails(abi.encodeWithSelector(ISlashing.NotFiled.selector, keyOf(r)));
        this.slash(r);
    }

    function slash(Receipt memory r) external {
        bytes32 key = keyOf(r);
        vm.prank(bob);
        bonds.slashReceipt(key);
    }

    function test_answeredInEscape() public {
        Receipt memory r = filed(50);
        Opening memory o = include(1, r.sequence, ID);
        rollup.setEscape(uint64(block.timestamp));
        bonds.answerReceipt(nameOf(r), o);
    }

    /// @dev Late is late only when somebody says so: until then an answer counts.
    function test_answeredAfterTheDeadline() public {
        Receipt memory r = filed(50);
        Opening memory o = include(1, r.sequence, ID);
        vm.warp(block.timestamp + 2 days);
        bonds.answerReceipt(nameOf(r), o);
    }

    function refuseAnswer(Receipt memory r, Opening memory o, bytes memory reason) private {
        ReceiptName memory name = nameOf(r);
        fails(reason);
        bonds.answerReceipt(name, o);
    }

    function test_answerFromABatchThatIsNotFinalised() public {
        Receipt memory r = filed(50);
        Opening memory o = opening(1, r.sequence, ID);
        commit(o.batch);
        refuseAnswer(r, o, abi.encodeWithSelector(IEvidence.BatchNotFinalised.selector, 0, 1));
    }

    /// @dev A header that nobody committed, under the number of a finalised batch.
    function test_answerFromAnInventedBatch() public {
        Receipt memory r = filed(50);
        finalize(batch(1, 0, 1000));
        Opening memory o = opening(1, r.sequence, ID);
        bytes memory reason =
            abi.encodeWithSelector(IEvidence.WrongBatch.selector, rollup.headerHash(1), keccak256(abi.encode(o.batch)));
        refuseAnswer(r, o, reason);
        o.batch.batchId = 0;
        reason = abi.encodeWithSelector(IEvidence.WrongBatch.selector, bytes32(0), keccak256(abi.encode(o.batch)));
        refuseAnswer(r, o, reason);
    }

    /// @dev The same id, promised and executed before, at another sequence number.
    function test_answerFromAnOlderBatch() public {
        Receipt memory r = filed(500);
        Opening memory o = include(1, 700, ID);
        refuseAnswer(r, o, abi.encodeWithSelector(IEvidence.SequenceOutsideBatch.selector, 261, 800, 5001));
        o = include(2, 5000, ID);
        ReceiptName memory name = nameOf(r);
        fails(IEvidence.WrongOpening.selector);
        bonds.answerReceipt(name, o);
    }

    function test_answerWithAnotherId() public {
        Receipt memory r = filed(50);
        Opening memory o = include(1, r.sequence, bytes32(uint256(0xbad)));
        ReceiptName memory name = nameOf(r);
        fails(IEvidence.WrongOpening.selector);
        bonds.answerReceipt(name, o);
        // Naming the other id is naming another receipt.
        name.id = bytes32(uint256(0xbad));
        fails(ISlashing.NotFiled.selector);
        bonds.answerReceipt(name, o);
    }

    function test_answerWithAWrongPath() public {
        Receipt memory r = filed(50);
        Opening memory o = include(1, r.sequence, ID);
        ReceiptName memory name = nameOf(r);
        for (uint256 i = 0; i < 24; ++i) {
            o.siblings[i] ^= 1;
            fails(IEvidence.WrongOpening.selector);
            bonds.answerReceipt(name, o);
            o.siblings[i] ^= 1;
        }
        o.siblings[7] += 21888242871839275222246405745257275088548364400416034343698204186575808495617;
        fails(IIdTreeReader.OpeningMalformed.selector);
        bonds.answerReceipt(name, o);
    }

    function test_answerWithoutFiling() public {
        Receipt memory r = receiptOf(50, ID, 1 ether);
        Opening memory o = include(1, r.sequence, ID);
        refuseAnswer(r, o, abi.encodeWithSelector(ISlashing.NotFiled.selector, keyOf(r)));
    }

    // ------------------------------------------------------------------ violated

    function test_nobodyAnswers() public {
        Receipt memory r = filed(50);
        bytes32 key = keyOf(r);
        vm.warp(DUE + 1 + 24 hours);
        fails(abi.encodeWithSelector(IBond.TooEarly.selector, block.timestamp + 1, block.timestamp));
        bonds.slashReceipt(key);
        vm.warp(block.timestamp + 1);
        rollup.setEscape(uint64(block.timestamp));
        vm.prank(bob);
        bonds.slashReceipt(key);
        assertEq(bonds.owed(alice), FILING + BOND / 5, "bond back, and reward, to the filer");
        assertEq(bonds.owed(bob), 0, "not to who calls");
        assertEq(bonds.bondOf(), 0, "all of it");
        fails(abi.encodeWithSelector(ISlashing.NotFiled.selector, key));
        bonds.slashReceipt(key);
    }

    function test_contradicted() public {
        Receipt memory r = filed(50);
        Opening memory o = include(1, r.sequence, bytes32(uint256(0xbad)));
        ReceiptName memory name = nameOf(r);
        fails(abi.encodeWithSelector(ISlashing.IdHolds.selector, ID));
        bonds.contradictReceipt(name, ID, o);
        fails(IEvidence.WrongOpening.selector);
        bonds.contradictReceipt(name, bytes32(uint256(0xbae)), o);
        vm.prank(bob);
        bonds.contradictReceipt(name, bytes32(uint256(0xbad)), o);
        assertEq(bonds.owed(alice), FILING + BOND / 5, "the filer's, at once");
        assertEq(stateOf(r), 3, "violated");
    }

    /// @dev What nobody filed, and what is settled, takes nothing.
    function test_contradictionOfWhatIsNotFiled() public {
        Receipt memory r = receiptOf(50, ID, 1 ether);
        Opening memory o = include(1, r.sequence, bytes32(uint256(0xbad)));
        ReceiptName memory name = nameOf(r);
        bytes memory reason = abi.encodeWithSelector(ISlashing.NotFiled.selector, keyOf(r));
        fails(reason);
        bonds.contradictReceipt(name, bytes32(uint256(0xbad)), o);
        vm.warp(DUE + 1);
        file(r);
        bonds.contradictReceipt(name, bytes32(uint256(0xbad)), o);
        bonds.addBond{value: BOND}();
        fails(reason);
        bonds.contradictReceipt(name, bytes32(uint256(0xbad)), o);
        fails(ISlashing.NotFiled.selector);
        bonds.slashReceipt(keccak256("never filed"));
    }

    /// @dev The honoured receipt cannot be contradicted: a place has one id.
    function test_noContradictionOfAnHonouredOne() public {
        Receipt memory r = filed(50);
        Opening memory o = include(1, r.sequence, ID);
        ReceiptName memory name = nameOf(r);
        for (uint256 id = 0; id < 32; ++id) {
            if (bytes32(id) == ID) continue;
            fails(IEvidence.WrongOpening.selector);
            bonds.contradictReceipt(name, bytes32(id), o);
        }
        // id + r is the same field element.
        uint256 alias_ = uint256(ID) + 21888242871839275222246405745257275088548364400416034343698204186575808495617;
        fails(IIdTreeReader.OpeningMalformed.selector);
        bonds.contradictReceipt(name, bytes32(alias_), o);
    }

    /// @dev Two receipts violated, one bond: the second filer has its filing bond back and may register its cover.
    function test_twoReceiptsOneBond() public {
        Receipt memory a = filed(50);
        Receipt memory b = receiptOf(51, ID, 1 ether);
        file(b);
        vm.warp(block.timestamp + 25 hours);
        bonds.slashReceipt(keyOf(a));
        bonds.slashReceipt(keyOf(b));
        assertEq(bonds.owed(alice), 2 * uint256(FILING) + BOND / 5, "one reward");
        assertEq(bonds.caseCount(), 1, "one case");
        (uint256 cases, uint256 receipts,) = bonds.disputes();
        assertEq(receipts, 0, "no filing is open");
        assertEq(cases, 1, "one case is");
    }
}
