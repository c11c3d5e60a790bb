// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBridge} from "../../contracts/src/interfaces/IBridge.sol";
import {IAccountReader} from "../../contracts/src/interfaces/IAccountReader.sol";
import {IExits} from "../../contracts/src/interfaces/IExits.sol";
import {Poseidon2} from "../../contracts/src/libraries/generated/Poseidon2.sol";
import {BlacklistToken} from "../../contracts/test/HostileTokens.sol";
import {TestToken} from "../../contracts/test/TestToken.sol";
import {BatchHeader} from "../../contracts/src/types/Batch.sol";
import {Records} from "./Records.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @dev The hash as a call, so that a test can feed it vectors.
contract Hasher {
    function permute(uint256[] calldata x) external pure returns (uint256[4] memory y) {
        (y[0], y[1], y[2], y[3]) = Poseidon2.permute(x[0], x[1], x[2], x[3]);
    }
}

/// @title Forced exits, the two clocks of escape, exits by path, refunds: who is paid, once, and what stays closed.
contract ExitsTest is RollupFixture {
    uint256 private constant CASES = 3;
    string private _json;

    function setUp() public override {
        super.setUp();
        _json = vm.readFile("tests/contracts/fixtures/exits.json");
    }

    function field(uint256 i, string memory name) private pure returns (string memory) {
        return string.concat(".cases[", vm.toString(i), "].", name);
    }

    function proofOf(uint256 i, string memory name) private view returns (bytes memory) {
        return vm.parseJsonBytes(_json, field(i, name));
    }

    function owner(uint256 i) private view returns (address) {
        return vm.parseJsonAddress(_json, field(i, "owner"));
    }

    function amountOf(uint256 i, string memory name) private view returns (uint256) {
        return vm.parseJsonUint(_json, field(i, name));
    }

    /// @dev A rollup that holds what the fixture's accounts own, on their root.
    function stock() private {
        uint256 ether_;
        uint256 tokens;
        for (uint256 i = 0; i < CASES; ++i) {
            ether_ += amountOf(i, "native");
            tokens += amountOf(i, "token");
        }
        bytes memory first = depositEther(ether_, bob);
        depositToken(address(token), tokens, bob);
        commitAndFinalize(bytes.concat(first, Records.deposit(1, tokens, bob, alice)), 2);
        rollup.setRoot(vm.parseJsonBytes32(_json, ".root"));
    }

    function open() private {
        vm.warp(block.timestamp + FINALITY_DEADLINE + 1);
        rollup.activateEscape();
    }

    // ------------------------------------------------------------------ the hash

    function test_hashIsThatOfTheVectors() public {
        Hasher hasher = new Hasher();
        string memory vectors = vm.readFile("tests/vectors/poseidon2.json");
        for (uint256 i = 0; vm.keyExistsJson(vectors, string.concat(".permutations[", vm.toString(i), "]")); ++i) {
            string memory vector = string.concat(".permutations[", vm.toString(i), "].");
            uint256[4] memory got = hasher.permute(vm.parseJsonUintArray(vectors, string.concat(vector, "input")));
            uint256[] memory expected = vm.parseJsonUintArray(vectors, string.concat(vector, "output"));
            for (uint256 j = 0; j < 4; ++j) assertEq(got[j], expected[j], "lane");
            if (i > 200) break;
        }
        uint256[] memory zero = new uint256[](4);
        assertEq(hasher.permute(zero)[0] >> 248, 0x18, "published answer to zeros");
    }

    // ------------------------------------------------------------------ forced exits

    function test_aForcedExitIsQueuedForItsOwner() public {
        uint256 fee = rollup.forcedExitFee();
        vm.prank(alice);
        rollup.requestForcedExit{value: fee + 5}(address(token));
        (bytes32 got,,) = rollup.queueEntry(0);
        assertEq(got, keccak256(Records.forcedExit(1, 0, alice)), "request hash");
        assertEq(alice.balance, 1000 ether - fee, "what is beyond the fee comes back");
        assertEq(address(rollup).balance, 0, "the fee is burned");
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IExits.FeeTooLow.selector, fee, fee - 1));
        rollup.requestForcedExit{value: fee - 1}(address(0));
        vm.expectRevert(abi.encodeWithSelector(IBridge.UnknownToken.selector, bob));
        rollup.requestForcedExit{value: fee}(bob);
    }

    function test_theFeeRisesWithOpenEntriesToABound() public {
        assertEq(rollup.forcedExitFee(), 0.001 ether, "empty");
        for (uint256 i = 0; i < 64; ++i) rollup.enqueue(bytes32(i));
        assertEq(rollup.forcedExitFee(), 0.003 ether, "64 open");
        for (uint256 i = 0; i < 4000; ++i) rollup.enqueue(bytes32(i));
        assertEq(rollup.forcedExitFee(), 0.1 ether, "the most");
    }

    // ------------------------------------------------------------------ clocks

    function test_escapeOpensOneSecondAfterAnOverdueEntry() public {
        depositEther(1 ether, bob);
        uint256 due = block.timestamp + FORCED_DEADLINE + 1;
        assertEq(rollup.escapeOpensAt(), due, "opens");
        vm.warp(due - 1);
        vm.expectRevert(abi.encodeWithSelector(IExits.NotOverdue.selector, due, due - 1));
        rollup.activateEscape();
        vm.warp(due);
        vm.prank(bob);
        rollup.activateEscape();
        assertEq(rollup.escapedAt(), due, "open");
        vm.expectRevert(abi.encodeWithSelector(IExits.EscapeOpen.selector, due));
        rollup.activateEscape();
    }

    function test_onlyFinalisedConsumptionStopsTheClock() public {
        uint256 start = block.timestamp;
        bytes memory record = depositEther(1 ether, bob);
        BatchHeader memory header = commit(draft(record, 1));
        assertEq(rollup.escapeOpensAt(), start + FORCED_DEADLINE + 1, "a commit is no consumption");
        finalize(header);
        assertEq(rollup.escapeOpensAt(), start + FINALITY_DEADLINE + 1, "the other clock");
    }

    function test_escapeOpensWhereNothingIsFinalised() public {
        uint256 due = block.timestamp + FINALITY_DEADLINE + 1;
        vm.warp(due - 1);
        vm.expectRevert(abi.encodeWithSelector(IExits.NotOverdue.selector, due, due - 1));
        rollup.activateEscape();
        vm.warp(due);
        rollup.activateEscape();
    }

    function test_whatEscapeCloses() public {
        BatchHeader memory header = commit(draft("", 0));
        open();
        bytes memory closed = abi.encodeWithSelector(IExits.EscapeOpen.selector, block.timestamp);
        vm.expectRevert(closed);
        rollup.depositETH{value: 1}(bob);
        vm.expectRevert(closed);
        rollup.deposit(address(token), 1, bob);
        vm.expectRevert(closed);
        rollup.registerKey(BX, BY);
        vm.expectRevert(closed);
        rollup.registerToken{value: FEE}(address(this));
        vm.expectRevert(closed);
        rollup.requestForcedExit{value: 1 ether}(address(0));
        Draft memory next = draft("", 0);
        refuse(next, closed);
        bytes memory proof = prove(header);
        vm.expectRevert(closed);
        rollup.finalizeBatch(header.batchId, header.newRoot, proof);
    }

    // ------------------------------------------------------------------ exits

    function test_everybodyLeavesOnce() public {
        stock();
        bytes memory early = proofOf(0, "nativeProof");
        vm.expectRevert(IExits.EscapeClosed.selector);
        rollup.forceExit(early, address(0));
        open();
        for (uint256 i = 0; i < CASES; ++i) {
            exitAs(i, address(0), "nativeProof", amountOf(i, "native"));
            exitAs(i, address(token), "tokenProof", amountOf(i, "token"));
        }
        assertEq(rollup.escrowed(address(0)), 0, "all ETH left");
        assertEq(rollup.escrowed(address(token)), 0, "all tokens left");
    }

    function exitAs(uint256 i, address asset, string memory name, uint256 amount) private {
        bytes memory proof = proofOf(i, name);
        address to = owner(i);
        if (amount == 0) {
            vm.expectRevert(IBridge.AmountZero.selector);
            rollup.forceExit(proof, asset);
            return;
        }
        uint256 before = asset == address(0) ? to.balance : token.balanceOf(to);
        vm.prank(bob);
        rollup.forceExit(proof, asset);
        uint256 got = (asset == address(0) ? to.balance : token.balanceOf(to)) - before;
        assertEq(got, amount, "paid to the owner, whoever calls");
        uint256 index = amountOf(i, "index");
        uint256 tokenIndex = rollup.tokenIndex(asset);
        assertTrue(rollup.isExited(index, tokenIndex), "recorded");
        vm.expectRevert(abi.encodeWithSelector(IExits.AlreadyExited.selector, index, tokenIndex));
        rollup.forceExit(proof, asset);
    }

    function test_everyWordOfAProofCounts() public {
        stock();
        open();
        for (uint256 k = 0; k < 2; ++k) {
            address asset = k == 0 ? address(0) : address(token);
            bytes memory proof = proofOf(0, k == 0 ? "nativeProof" : "tokenProof");
            for (uint256 i = 0; i < proof.length; i += i == 0 ? 4 : 32) {
                proof[i] ^= 0x01;
                (bool ok,) = address(rollup).call(abi.encodeCall(rollup.forceExit, (proof, asset)));
                assertFalse(ok, vm.toString(i));
                proof[i] ^= 0x01;
            }
        }
    }

    function test_malformedProofs() public {
        stock();
        open();
        bytes memory good = proofOf(0, "nativeProof");
        bytes memory withToken = proofOf(0, "tokenProof");
        malformed(bytes.concat(good, hex"00"), address(0), good.length + 1, good.length, good.length + 1);
        malformed(withToken, address(0), withToken.length, good.length, withToken.length);
        malformed(good, address(token), good.length, withToken.length, good.length);
        malformed("", address(0), 0, good.length, 0);
        bytes memory other = proofOf(0, "nativeProof");
        other[0] = 0x01;
        malformed(other, address(0), 0, 0, 1);
        // a word that is the same element of the field, plus r
        bytes memory alias_ = proofOf(0, "nativeProof");
        uint256 word;
        assembly ("memory-safe") {
            let place := add(alias_, add(32, 37))
            word := add(mload(place), 21888242871839275222246405745257275088548364400416034343698204186575808495617)
            mstore(place, word)
        }
        malformed(alias_, address(0), 37, R - 1, word);
    }

    function malformed(bytes memory proof, address asset, uint256 place, uint256 expected, uint256 got) private {
        vm.expectRevert(
            abi.encodeWithSelector(IAccountReader.AccountProofMalformed.selector, place, expected, got)
        );
        rollup.forceExit(proof, asset);
    }

    function test_theSentinelIsNobody() public {
        stock();
        open();
        bytes memory proof = vm.parseJsonBytes(_json, ".sentinelProof");
        vm.expectRevert(abi.encodeWithSelector(IBridge.RecipientRefused.selector, address(0)));
        rollup.forceExit(proof, address(0));
    }

    function test_anotherTokensProofPaysNothing() public {
        stock();
        TestToken second = new TestToken("Second", "SEC", 18);
        rollup.registerToken{value: FEE}(address(second));
        open();
        bytes memory proof = proofOf(0, "tokenProof");
        vm.expectRevert();
        rollup.forceExit(proof, address(second));
    }

    function test_aRefusedPushWaits() public {
        BlacklistToken listed = new BlacklistToken();
        vm.etch(address(token), address(listed).code);
        stock();
        open();
        BlacklistToken(address(token)).list(owner(0), true);
        rollup.forceExit(proofOf(0, "tokenProof"), address(token));
        assertEq(rollup.pending(address(token), owner(0)), amountOf(0, "token"), "pending");
        assertTrue(rollup.isExited(amountOf(0, "index"), 1), "recorded all the same");
    }

    // ------------------------------------------------------------------ refunds and claims

    function test_depositsThatWereNotConsumedComeBack() public {
        bytes memory consumed = depositEther(1 ether, bob);
        BatchHeader memory first = commit(draft(consumed, 1));
        finalize(first);
        bytes memory pendingRecord = depositEther(2 ether, bob);
        commit(draft(pendingRecord, 1)); // committed, never finalised
        depositToken(address(token), 77, bob);
        vm.expectRevert(IExits.EscapeClosed.selector);
        rollup.refundDeposit(1, address(0), 2 ether, bob, alice);
        open();
        vm.expectRevert(abi.encodeWithSelector(IExits.EntryConsumed.selector, 0, 1));
        rollup.refundDeposit(0, address(0), 1 ether, bob, alice);
        (bytes32 expected,,) = rollup.queueEntry(1);
        bytes32 got = keccak256(Records.deposit(0, 3 ether, bob, alice));
        vm.expectRevert(abi.encodeWithSelector(IExits.WrongDeposit.selector, 1, expected, got));
        rollup.refundDeposit(1, address(0), 3 ether, bob, alice);
        uint256 before = alice.balance;
        rollup.refundDeposit(1, address(0), 2 ether, bob, alice);
        assertEq(alice.balance, before + 2 ether, "to the depositor");
        vm.expectRevert(abi.encodeWithSelector(IExits.AlreadyRefunded.selector, 1));
        rollup.refundDeposit(1, address(0), 2 ether, bob, alice);
        rollup.refundDeposit(2, address(token), 77, bob, alice);
        assertEq(token.balanceOf(alice), 77, "tokens too");
        assertEq(rollup.escrowed(address(0)), 1 ether, "the consumed one stays");
    }

    function test_finalisedWithdrawalsStillPay() public {
        bytes memory proof = withdrawal(address(0), 3 ether, bob);
        open();
        uint256 before = bob.balance;
        rollup.initiateWithdrawal(proof, address(0), 3 ether, bob);
        assertEq(bob.balance, before + 3 ether, "claim");
        vm.expectRevert();
        rollup.initiateWithdrawal(proof, address(0), 3 ether, bob);
    }
}

/// @notice Gas of the ways out, each call a transaction of its own.
/// forge-config: default.isolate = true
contract ExitGasTest is RollupFixture {
    function test_exits() public {
        string memory json = vm.readFile("tests/contracts/fixtures/exits.json");
        depositEther(10 ether, bob);
        depositEther(10 ether, bob);
        depositToken(address(token), 1 << 102, bob);
        vm.prank(alice);
        rollup.requestForcedExit{value: 0.001 ether}(address(token));
        vm.snapshotGasLastCall("Rollup", "requestForcedExit");
        vm.warp(block.timestamp + FORCED_DEADLINE + 1);
        rollup.activateEscape();
        vm.snapshotGasLastCall("Rollup", "activateEscape");
        rollup.setRoot(vm.parseJsonBytes32(json, ".root"));
        rollup.forceExit(vm.parseJsonBytes(json, ".cases[0].nativeProof"), address(0));
        vm.snapshotGasLastCall("Rollup", "forceExit of ETH by path");
        rollup.forceExit(vm.parseJsonBytes(json, ".cases[0].tokenProof"), address(token));
        vm.snapshotGasLastCall("Rollup", "forceExit of a token by path");
        rollup.refundDeposit(1, address(0), 10 ether, bob, alice);
        vm.snapshotGasLastCall("Rollup", "refundDeposit of ETH");
    }
}
