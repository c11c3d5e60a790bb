// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IAccountReader} from "../../contracts/src/interfaces/IAccountReader.sol";
import {BatchHeader, BatchInput, Settings} from "../../contracts/src/types/Batch.sol";
import {Companion} from "../../contracts/test/Companion.sol";
import {HashVerifier} from "../../contracts/test/HashVerifier.sol";
import {TestToken} from "../../contracts/test/TestToken.sol";
import {Deployer} from "./Deployer.sol";
import {IRollupHarness} from "./IRollupHarness.sol";
import {Records} from "./Records.sol";
import {Shipped} from "./Shipped.sol";
import {Test} from "./Test.sol";
import {Vm} from "./Vm.sol";

/// @title A rollup with the test-only verifier, and builders for batches, proofs and claims.
abstract contract RollupFixture is Test {
    struct Draft {
        BatchInput input;
        bytes operations;
        bytes transactions;
        bytes signatures;
    }

    uint256 internal constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    // BabyJubJub base point B8.
    uint256 internal constant BX = 5299619240641551281634865583518297030282874472190772894086521144482721001553;
    uint256 internal constant BY = 16950150798460657717958625567821834550301663161624707787222815936182638968203;
    uint256 internal constant OWNER_KEY = 0xa11ce;
    bytes32 internal constant GENESIS = bytes32(uint256(0x1234));
    bytes32 internal constant EMPTY_ID = bytes32(uint256(0x5678));
    uint256 internal constant FEE = 0.05 ether;
    uint64 internal constant FORCED_DEADLINE = 7 days;
    uint64 internal constant FINALITY_DEADLINE = 14 days;

    address internal sequencer = address(uint160(0x5e9000000000000000000000000000000001));
    address internal alice = address(uint160(0xa11ce0000000000000000000000000000001));
    address internal bob = address(uint160(0xb0b000000000000000000000000000000002));
    IRollupHarness internal rollup;
    Companion internal companion;
    TestToken internal token;
    /// @dev L1 keeps a tag of the committed root only; the sequencer knows it.
    mapping(uint256 batchId => bytes32) private _roots;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        vm.roll(100);
        rollup = deployRollup(address(new HashVerifier()));
        token = new TestToken("Token", "TOK", 18);
        vm.deal(alice, 1000 ether);
        vm.deal(address(this), 1000 ether);
        rollup.registerToken{value: FEE}(address(token));
    }

    function deployRollup(address verifier) internal returns (IRollupHarness) {
        Deployer deployer = new Deployer();
        Settings memory settings = buildSettings(vm.computeCreateAddress(address(deployer), 1));
        return deployWith(deployer, verifier, GENESIS, EMPTY_ID, FEE, 0, settings);
    }

    /// @dev As deployRollup, from arguments of one's own; `deployer` is new and `settings` made for its first contract.
    function deployWith(
        Deployer deployer,
        address verifier,
        bytes32 genesis,
        bytes32 emptyId,
        uint256 fee,
        uint8 mode,
        Settings memory settings
    ) internal returns (IRollupHarness) {
        bytes memory arguments = abi.encode(verifier, genesis, emptyId, fee, mode, settings);
        return IRollupHarness(deployer.deploy(bytes.concat(harnessCode(), arguments)));
    }

    function harnessCode() internal view returns (bytes memory) {
        return vm.getCode("RollupHarness.sol:RollupHarness");
    }

    /// @dev The contracts beside a rollup that will be at `place`.
    function buildSettings(address place) internal virtual returns (Settings memory) {
        companion = new Companion(place, sequencer);
        address beside = address(companion);
        address reader = address(buildReader());
        return Settings(reader, beside, beside, beside, FORCED_DEADLINE, FINALITY_DEADLINE);
    }

    function buildReader() internal virtual returns (IAccountReader) {
        return IAccountReader(Shipped.deploy("AccountReader"));
    }

    // ------------------------------------------------------------------ requests

    function depositEther(uint256 amount, address recipient) internal returns (bytes memory record) {
        vm.prank(alice);
        rollup.depositETH{value: amount}(recipient);
        return Records.deposit(0, amount, recipient, alice);
    }

    function depositToken(address asset, uint256 amount, address recipient) internal {
        TestToken(asset).mint(alice, amount);
        vm.startPrank(alice);
        // A low-level call: approve of some tokens returns nothing.
        (bool approved,) = asset.call(abi.encodeCall(TestToken(asset).approve, (address(rollup), amount)));
        assertTrue(approved, "approve");
        rollup.deposit(asset, amount, recipient);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------ batches

    /// @dev A batch of these operations that every rule accepts, given that the operations are right.
    function draft(bytes memory operations, uint256 requests) internal view returns (Draft memory d) {
        (uint64 batchId,, uint64 endSequence, uint64 endQueue) = rollup.committed();
        uint256 items = operations.length / 150;
        d.operations = operations;
        d.input.batchId = batchId + 1;
        d.input.time = block.timestamp;
        d.input.oldRoot = committedRoot();
        d.input.newRoot = bytes32(uint256(keccak256(abi.encode("root", batchId))) >> 8);
        d.input.endSequence = endSequence + items;
        d.input.endQueue = endQueue + requests;
        d.input.idRoot = bytes32(uint256(keccak256(abi.encode("id", batchId))) >> 8);
        d.input.txC = bytes32(uint256(keccak256(abi.encode("tx", batchId))) >> 8);
        d.input.opC = bytes32(uint256(keccak256(abi.encode("op", batchId))) >> 8);
        d.input.chunks = 1;
        d.transactions = Records.chunkHeader(1, block.timestamp, items);
    }

    /// @dev Root of the last committed batch.
    function committedRoot() internal view returns (bytes32) {
        uint256 last = rollup.lastCommitted();
        return last == rollup.lastFinalised() ? rollup.stateRoot() : _roots[last];
    }

    function keepRoot(uint256 batchId, bytes32 root) internal {
        _roots[batchId] = root;
    }

    function commit(Draft memory d) internal returns (BatchHeader memory header) {
        vm.recordLogs();
        send(d);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        header = abi.decode(logs[logs.length - 1].data, (BatchHeader));
        bytes32 stored = rollup.headerHash(header.batchId);
        assertEq(keccak256(abi.encode(header)), stored, "the event rebuilds the stored header");
        assertEq(logs[logs.length - 1].topics[2], stored, "header hash of the event");
    }

    /// @dev As the sequencer, without reading the event: for expected reverts.
    function send(Draft memory d) internal {
        vm.prank(sequencer, sequencer);
        rollup.commitBatch(d.input, d.operations, d.transactions, d.signatures);
        _roots[d.input.batchId] = d.input.newRoot;
    }

    function refuse(Draft memory d, bytes memory reason) internal {
        vm.expectRevert(reason);
        send(d);
    }

    // ------------------------------------------------------------------ proofs and claims

    /// @dev The 26 public inputs of docs/spec/batch.md, written out a second time.
    function publicInputs(BatchHeader memory h) internal view returns (uint256[26] memory) {
        uint256 low = (1 << 128) - 1;
        return [
            rollup.domain(),
            h.time,
            uint256(h.oldRoot),
            uint256(h.newRoot),
            h.firstSequence,
            h.endSequence,
            h.firstQueue,
            h.endQueue,
            uint256(EMPTY_ID),
            uint256(h.idRoot),
            h.firstSequence,
            h.z,
            h.txWords,
            0,
            uint256(h.txC),
            0,
            0,
            h.txY & low,
            h.txY >> 128,
            h.opWords,
            0,
            uint256(h.opC),
            0,
            0,
            h.opY & low,
            h.opY >> 128
        ];
    }

    function prove(BatchHeader memory header) internal view returns (bytes memory) {
        return abi.encode(header, abi.encodePacked(keccak256(abi.encodePacked(publicInputs(header)))));
    }

    function finalize(BatchHeader memory header) internal {
        rollup.finalizeBatch(header.batchId, header.newRoot, prove(header));
    }

    function commitAndFinalize(bytes memory operations, uint256 requests) internal returns (BatchHeader memory header) {
        header = commit(draft(operations, requests));
        finalize(header);
    }

    /// @dev A finalised batch with one withdrawal, after a deposit that covers it; returns its claim proof.
    function withdrawal(address asset, uint256 amount, address recipient) internal returns (bytes memory) {
        uint256 index = rollup.tokenIndex(asset);
        bytes memory request;
        if (asset == address(0)) {
            request = depositEther(amount, alice);
        } else {
            uint256 held = rollup.escrowed(asset);
            depositToken(asset, amount, alice);
            request = Records.deposit(index, rollup.escrowed(asset) - held, alice, alice);
        }
        bytes memory operations = bytes.concat(request, Records.withdraw(index, 1, 0, amount, 0, alice, recipient));
        BatchHeader memory header = commitAndFinalize(operations, 1);
        return abi.encode(header.batchId, 0, new bytes32[](0));
    }

    function leaf(uint256 batchId, uint256 i, address asset, uint256 amount, address recipient)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(batchId, i, asset, amount, recipient));
    }
}
