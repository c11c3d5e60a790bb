// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IRollup} from "../../contracts/src/interfaces/IRollup.sol";
import {IVerifier} from "../../contracts/src/proof/IVerifier.sol";
import {BatchVerifier} from "../../contracts/src/proof/generated/BatchVerifier.sol";
import {BatchHeader, Settings} from "../../contracts/src/types/Batch.sol";
import {Companion} from "../../contracts/test/Companion.sol";
import {TestToken} from "../../contracts/test/TestToken.sol";
import {IRollupHarness} from "./IRollupHarness.sol";
import {Shipped} from "./Shipped.sol";
import {Test} from "./Test.sol";

/// @title The rollup with its own verifier and two real proofs of the batch circuit (fixtures/real.json): deposits,
/// commit, finalise, claim; and what a forger can change, refused by the proof alone.
/// forge-config: default.isolate = true
contract RealProofTest is Test {
    uint256 private constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 private constant CODE_LIMIT = 24_576;
    uint256 private constant FEE = 0.05 ether;
    string private constant KEY = "contracts/src/proof/generated/key.json";
    /// Target of the whole finalizeBatch transaction.
    uint256 private constant FINALIZE_GAS = 750_000;
    /// What the batch that ends nodes of two levels of the archive pays beside (LevelGas.t.sol).
    uint256 private constant LEVELS_GAS = 11_000;

    string private _json;
    address private _sequencer = address(uint160(0x5e9000000000000000000000000000000001));
    IRollupHarness private _rollup;
    IVerifier private _verifier;
    address private _token;
    bytes private _snark;
    uint256[] private _inputs;

    function setUp() public {
        _json = vm.readFile("tests/contracts/fixtures/real.json");
        vm.chainId(vm.parseJsonUint(_json, ".chainId"));
        vm.warp(vm.parseJsonUint(_json, ".time") + 100);
        vm.roll(100);
        bytes memory init = initCode(vm.parseJsonBytes(vm.readFile(KEY), ".key"));
        address key;
        assembly {
            key := create(0, add(init, 32), mload(init))
        }
        address constraints = Shipped.deploy("BatchConstraints0");
        _verifier = IVerifier(Shipped.deploy("BatchVerifier", abi.encode(key, constraints)));
        assertTrue(key.code.length > 0 && key.code.length < CODE_LIMIT, "EIP-170, key");
        _rollup = IRollupHarness(vm.parseJsonAddress(_json, ".rollup"));
        construct(address(_rollup));
        _token = vm.parseJsonAddress(_json, ".token");
        vm.etch(_token, address(new TestToken("T", "T", 18)).code);
        vm.deal(address(this), 100 ether);
        _rollup.registerToken{value: FEE}(_token);
        _snark = vm.parseJsonBytes(_json, ".batches[0].snark");
        _inputs = vm.parseJsonUintArray(_json, ".batches[0].publicInputs");
    }

    /// @dev PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN.
    function initCode(bytes memory code) private pure returns (bytes memory) {
        return bytes.concat(hex"61", bytes2(uint16(code.length)), hex"80600a5f395ff3", code);
    }

    /// @dev Runs the constructor at the fixture's address, which the domain contains.
    function construct(address place) private {
        bytes32 genesis = vm.parseJsonBytes32(_json, ".genesisRoot");
        bytes32 emptyId = vm.parseJsonBytes32(_json, ".emptyIdRoot");
        address beside = address(new Companion(place, _sequencer));
        Settings memory settings = Settings(Shipped.deploy("AccountReader"), beside, beside, beside, 7 days, 14 days);
        bytes memory arguments = abi.encode(_verifier, genesis, emptyId, FEE, 0, settings);
        vm.etch(place, bytes.concat(vm.getCode("Rollup.sol:Rollup"), arguments));
        (bool ok, bytes memory code) = place.call("");
        assertTrue(ok, "constructor");
        vm.etch(place, code);
    }

    // ------------------------------------------------------------------ the path of value

    function request() private {
        address depositor = vm.parseJsonAddress(_json, ".depositor");
        address alice = vm.parseJsonAddress(_json, ".alice");
        vm.deal(depositor, 10 ether);
        vm.prank(depositor);
        _rollup.depositETH{value: 5 ether}(alice);
        uint256[] memory key = vm.parseJsonUintArray(_json, ".aliceKey");
        vm.prank(alice);
        _rollup.registerKey(key[0], key[1]);
        TestToken(_token).mint(depositor, 1000);
        vm.startPrank(depositor);
        TestToken(_token).approve(address(_rollup), 1000);
        _rollup.deposit(_token, 1000, vm.parseJsonAddress(_json, ".bob"));
        vm.stopPrank();
    }

    function field(uint256 batch, string memory name) private view returns (bytes memory) {
        return vm.parseJsonBytes(_json, string.concat(".batches[", vm.toString(batch), "].", name));
    }

    function commit(uint256 batch) private returns (BatchHeader memory header) {
        vm.prank(_sequencer, _sequencer);
        (bool ok,) = address(_rollup).call(field(batch, "commitBatch"));
        assertTrue(ok, "commit");
        vm.snapshotGasLastCall("Proof", string.concat("commitBatch of batch ", vm.toString(batch + 1)));
        header = abi.decode(field(batch, "header"), (BatchHeader));
        assertEq(_rollup.headerHash(batch + 1), keccak256(abi.encode(header)), "the header Python built");
    }

    function test_depositProveWithdraw() public {
        request();
        BatchHeader memory first = commit(0);
        BatchHeader memory second = commit(1);
        _rollup.finalizeBatch(1, first.newRoot, field(0, "proof"));
        uint256 used = vm.snapshotGasLastCall("Proof", "finalizeBatch, the first");
        assertTrue(used + LEVELS_GAS < FINALIZE_GAS, "gas of finalizeBatch");
        assertEq(_rollup.stateRoot(), first.newRoot, "root");
        assertEq(_rollup.queueHead(), 3, "three requests consumed");
        address payee = vm.parseJsonAddress(_json, ".payee");
        _rollup.initiateWithdrawal(field(0, "claims[0]"), address(0), 3 ether, payee);
        vm.snapshotGasLastCall("Proof", "initiateWithdrawal ETH");
        _rollup.initiateWithdrawal(field(0, "claims[1]"), _token, 100, payee);
        assertEq(payee.balance, 3 ether, "paid");
        assertEq(TestToken(_token).balanceOf(payee), 100, "paid");
        assertEq(_rollup.escrowed(address(0)), 2 ether, "the rest is owed to L2");
        _rollup.finalizeBatch(2, second.newRoot, field(1, "proof"));
        vm.snapshotGasLastCall("Proof", "finalizeBatch");
        assertEq(_rollup.lastFinalised(), 2, "a batch with fees");
        assertTrue(_rollup.verifyStateCommitment(first.newRoot, field(0, "proof")), "state commitment");
        assertFalse(_rollup.verifyStateCommitment(second.newRoot, field(0, "proof")), "of another batch");
    }

    /// @dev The key is the circuit's, and verifier and rollup say so.
    function test_digestAndSizes() public view {
        assertEq(_rollup.vkDigest(), vm.parseJsonBytes32(_json, ".vkDigest"), "the prover's key");
        assertTrue(address(_verifier).code.length < CODE_LIMIT, "EIP-170, verifier");
        assertTrue(address(_rollup).code.length < CODE_LIMIT, "EIP-170, rollup");
    }

    // ------------------------------------------------------------------ forgeries

    function test_wrongRootOtherProofFlippedByte() public {
        request();
        BatchHeader memory first = commit(0);
        BatchHeader memory second = commit(1);
        bytes32 other = bytes32(uint256(first.newRoot) ^ 1);
        bytes memory proof = field(0, "proof");
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongRoot.selector, first.newRoot, other));
        _rollup.finalizeBatch(1, other, proof);
        vm.expectRevert(abi.encodeWithSelector(IRollup.ProofRejected.selector, 1));
        _rollup.finalizeBatch(1, first.newRoot, abi.encode(first, field(1, "snark")));
        vm.expectRevert(abi.encodeWithSelector(IRollup.NotNext.selector, 1, 2));
        _rollup.finalizeBatch(2, second.newRoot, field(1, "proof"));
        // The last evaluation's lowest bit: well-formed, and false.
        bytes memory snark = field(0, "snark");
        snark[snark.length - 129] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(IRollup.ProofRejected.selector, 1));
        _rollup.finalizeBatch(1, first.newRoot, abi.encode(first, snark));
        // The first point's lowest bit: off the curve.
        snark = field(0, "snark");
        snark[63] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(BatchVerifier.PointMalformed.selector, 0));
        _rollup.finalizeBatch(1, first.newRoot, abi.encode(first, snark));
        _rollup.finalizeBatch(1, first.newRoot, proof);
    }

    /// @dev A sequencer that commits a root of its own: the stored header is the forger's, the proof says no.
    function test_forgedClaimsAreNotProven() public {
        request();
        // Words of BatchInput: time, new root, end of the sequence, id root, txC, opC. (Ranges of sequence and queue
        // are tied to the data by commit itself.)
        uint256[4] memory claims = [uint256(3), 6, 7, 8];
        for (uint256 i = 0; i < claims.length; ++i) {
            bytes memory call = field(0, "commitBatch");
            call[4 + 32 * claims[i] + 31] ^= 0x01;
            vm.recordLogs();
            uint256 state = vm.snapshotState();
            vm.prank(_sequencer, _sequencer);
            (bool ok,) = address(_rollup).call(call);
            assertTrue(ok, "commit takes claims it cannot judge");
            BatchHeader memory header = abi.decode(vm.getRecordedLogs()[0].data, (BatchHeader));
            vm.expectRevert(abi.encodeWithSelector(IRollup.ProofRejected.selector, 1));
            _rollup.finalizeBatch(1, header.newRoot, abi.encode(header, _snark));
            assertTrue(vm.revertToState(state), "snapshot");
        }
    }

    /// @dev Other data under the same claims: z and y move, the proof says no.
    function test_otherDataIsNotProven() public {
        request();
        bytes memory data = field(0, "commitBatch");
        uint256 transactions = 4 + 32 * 12;
        uint256 offset;
        assembly {
            offset := mload(add(add(data, 32), transactions))
        }
        data[4 + offset + 32 + 80] ^= 0x01; // a data slot after the chunk header
        vm.recordLogs();
        vm.prank(_sequencer, _sequencer);
        (bool ok,) = address(_rollup).call(data);
        assertTrue(ok, "commit reads no slot");
        BatchHeader memory header = abi.decode(vm.getRecordedLogs()[0].data, (BatchHeader));
        vm.expectRevert(abi.encodeWithSelector(IRollup.ProofRejected.selector, 1));
        _rollup.finalizeBatch(1, header.newRoot, abi.encode(header, _snark));
    }

    function test_everyPublicInput() public {
        assertTrue(_verifier.verify(_snark, _inputs), "the proof holds");
        vm.snapshotGasLastCall("Proof", "verify batch circuit");
        for (uint256 i = 0; i < _inputs.length; ++i) {
            uint256[] memory inputs = _inputs;
            inputs[i] = addmod(inputs[i], 1, R);
            assertFalse(_verifier.verify(_snark, inputs), "input + 1");
            inputs[i] = R;
            vm.expectRevert(abi.encodeWithSelector(BatchVerifier.InputNotCanonical.selector, i));
            _verifier.verify(_snark, inputs);
        }
    }

    function test_everyWordOfTheProof() public view {
        bytes memory proof = _snark;
        for (uint256 i = 31; i < proof.length; i += 32) {
            proof[i] ^= 0x01;
            try _verifier.verify(proof, _inputs) returns (bool holds) {
                assertFalse(holds, "a damaged proof holds");
            } catch (bytes memory reason) {
                assertTrue(reason.length == 36 || reason.length == 68, "typed error");
            }
            proof[i] ^= 0x01;
        }
    }

    function test_lackOfGasIsNotFalse() public view {
        bytes memory call = abi.encodeCall(IVerifier.verify, (_snark, _inputs));
        uint256 refusals;
        for (uint256 gas_ = 20_000; gas_ < 800_000; gas_ += 9_973) {
            (bool done, bytes memory answer) = address(_verifier).staticcall{gas: gas_}(call);
            if (done) assertTrue(abi.decode(answer, (bool)), "false for lack of gas");
            else ++refusals;
        }
        assertTrue(refusals > 10, "lack of gas seen");
    }
}
