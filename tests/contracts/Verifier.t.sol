// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IVerifier} from "../../contracts/src/proof/IVerifier.sol";
import {BatchHeader} from "../../contracts/src/types/Batch.sol";
import {RollupFixture} from "./RollupFixture.sol";
import {SmallConstraints0} from "./fixtures/small/SmallConstraints0.sol";
import {SmallVerifier} from "./fixtures/small/SmallVerifier.sol";

/// @title The generated verifier of the plonk crate's small circuit, with a real proof (fixtures/small, which its
/// fixture.json says how to regenerate): true for that proof and those inputs, and for nothing near them.
contract VerifierTest is RollupFixture {
    string private constant FOLDER = "tests/contracts/fixtures/small/";
    uint256 private constant Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;
    uint256 private constant CODE_LIMIT = 24_576;

    IVerifier private _verifier;
    address private _key;
    bytes private _proof;
    uint256[] private _inputs;
    uint256[] private _sizes;
    bool[] private _mayBeInfinity;
    string private _json;

    function setUp() public override {
        super.setUp();
        _json = vm.readFile(string.concat(FOLDER, "fixture.json"));
        bytes memory init = vm.parseBytes(string.concat("0x", vm.readFile(string.concat(FOLDER, "key_init.hex"))));
        address key;
        assembly {
            key := create(0, add(init, 32), mload(init))
        }
        _key = key;
        _verifier = IVerifier(address(new SmallVerifier(key, address(new SmallConstraints0()))));
        _proof = vm.parseJsonBytes(_json, ".proof");
        _inputs = vm.parseJsonUintArray(_json, ".publicInputs");
        for (uint256 i = 0;; ++i) {
            string memory message = string.concat(".messages[", vm.toString(i), "]");
            if (!vm.keyExistsJson(_json, message)) break;
            _sizes.push(vm.parseJsonUint(_json, string.concat(message, ".bytes")));
            _mayBeInfinity.push(vm.parseJsonBool(_json, string.concat(message, ".mayBeInfinity")));
        }
    }

    // ------------------------------------------------------------------ what holds

    function test_acceptsTheProof() public {
        assertTrue(_verifier.verify(_proof, _inputs), "the proof holds");
        vm.snapshotGasLastCall("Verifier", "verify small circuit");
        assertEq(_verifier.vkDigest(), vm.parseJsonBytes32(_json, ".vkDigest"), "vk digest");
        assertTrue(address(_verifier).code.length < CODE_LIMIT && _key.code.length < CODE_LIMIT, "EIP-170");
        assertEq(uint8(_key.code[0]), 0, "the key's data is not code");
    }

    function test_otherPartsAreRefused() public {
        SmallConstraints0 part = new SmallConstraints0();
        vm.expectRevert(abi.encodeWithSelector(SmallVerifier.WrongPart.selector, address(part)));
        new SmallVerifier(address(part), address(part));
        vm.expectRevert(abi.encodeWithSelector(SmallVerifier.WrongPart.selector, _key));
        new SmallVerifier(_key, _key);
        vm.expectRevert(abi.encodeWithSelector(SmallVerifier.WrongPart.selector, bob));
        new SmallVerifier(_key, bob);
    }

    // ------------------------------------------------------------------ damage

    /// @dev Anything but true, and if it reverts then with an error of the verifier.
    function refused(bytes memory proof, uint256[] memory inputs) private view {
        try _verifier.verify(proof, inputs) returns (bool holds) {
            assertFalse(holds, "a damaged proof holds");
        } catch (bytes memory reason) {
            assertTrue(reason.length >= 4, "typed error");
        }
    }

    function reverts(bytes memory proof, uint256[] memory inputs, bytes memory reason) private {
        vm.expectRevert(reason);
        _verifier.verify(proof, inputs);
    }

    function rejected(bytes memory proof, string memory what) private view {
        assertFalse(_verifier.verify(proof, _inputs), what);
    }

    function readWord(bytes memory data, uint256 position) private pure returns (uint256 word) {
        assembly {
            word := mload(add(add(data, 32), position))
        }
    }

    function withWord(bytes memory data, uint256 position, uint256 word) private pure returns (bytes memory result) {
        result = bytes.concat(data);
        assembly {
            mstore(add(add(result, 32), position), word)
        }
    }

    function test_everyByteFlipped() public view {
        bytes memory proof = _proof;
        uint256[] memory inputs = _inputs;
        for (uint256 i = 0; i < proof.length; ++i) {
            bytes1 bit = bytes1(uint8(1 << (i % 8)));
            proof[i] ^= bit;
            refused(proof, inputs);
            proof[i] ^= bit;
        }
        assertTrue(_verifier.verify(proof, inputs), "the undamaged proof");
    }

    function test_everyMessage() public {
        uint256 position;
        uint256 scalars;
        for (uint256 i = 0; i < _sizes.length; ++i) {
            if (_sizes[i] == 32) {
                damageScalar(position, scalars++);
            } else {
                damagePoint(position, _mayBeInfinity[i]);
            }
            position += _sizes[i];
        }
        assertEq(position, _proof.length, "the messages are the whole proof");
        assertTrue(scalars > 0, "scalars seen");
    }

    function damageScalar(uint256 position, uint256 index) private {
        uint256 value = readWord(_proof, position);
        rejected(withWord(_proof, position, addmod(value, 1, R)), "scalar + 1");
        rejected(withWord(_proof, position, value == 0 ? 1 : R - value), "scalar negated");
        bytes memory reason = abi.encodeWithSelector(SmallVerifier.EvaluationNotCanonical.selector, index);
        for (uint256 alias_ = value + R; alias_ > R;) {
            reverts(withWord(_proof, position, alias_), _inputs, reason);
            unchecked {
                alias_ = alias_ + R < alias_ ? 0 : alias_ + R;
            }
        }
        reverts(withWord(_proof, position, R), _inputs, reason);
        reverts(withWord(_proof, position, type(uint256).max), _inputs, reason);
    }

    function damagePoint(uint256 position, bool mayBeInfinity) private {
        uint256 x = readWord(_proof, position);
        uint256 y = readWord(_proof, position + 32);
        bytes memory reason = abi.encodeWithSelector(SmallVerifier.PointMalformed.selector, position);
        reverts(withWord(_proof, position, addmod(x, 1, Q)), _inputs, reason);
        reverts(withWord(_proof, position, x + Q), _inputs, reason);
        reverts(withWord(_proof, position + 32, y + Q), _inputs, reason);
        reverts(withWord(withWord(_proof, position, Q), position + 32, Q), _inputs, reason);
        bytes memory infinity = withWord(withWord(_proof, position, 0), position + 32, 0);
        if (x == 0 && y == 0) {
            assertTrue(mayBeInfinity, "infinity where it is allowed");
        } else {
            rejected(withWord(_proof, position + 32, Q - y), "point negated");
            if (mayBeInfinity) rejected(infinity, "infinity");
            else reverts(infinity, _inputs, reason);
        }
        rejected(withWord(withWord(_proof, position, 1), position + 32, 2), "the generator");
    }

    function test_lengths() public {
        uint256 length = _proof.length;
        uint256[6] memory lengths = [0, 31, length - 64, length - 1, length + 1, length + 32];
        for (uint256 i = 0; i < lengths.length; ++i) {
            bytes memory proof = new bytes(lengths[i]);
            for (uint256 j = 0; j < lengths[i] && j < length; ++j) {
                proof[j] = _proof[j];
            }
            reverts(proof, _inputs, abi.encodeWithSelector(SmallVerifier.ProofLength.selector, length, lengths[i]));
        }
    }

    function test_publicInputs() public {
        for (uint256 i = 0; i < _inputs.length; ++i) {
            uint256[] memory inputs = _inputs;
            uint256 value = inputs[i];
            inputs[i] = addmod(value, 1, R);
            assertFalse(_verifier.verify(_proof, inputs), "input + 1");
            inputs[i] = addmod(value, R - 1, R);
            assertFalse(_verifier.verify(_proof, inputs), "input - 1");
            bytes memory reason = abi.encodeWithSelector(SmallVerifier.InputNotCanonical.selector, i);
            inputs[i] = value + R;
            reverts(_proof, inputs, reason);
            inputs[i] = type(uint256).max;
            reverts(_proof, inputs, reason);
        }
        uint256 count = _inputs.length;
        for (uint256 n = 0; n < count + 3; ++n) {
            if (n == count) continue;
            uint256[] memory inputs = new uint256[](n);
            for (uint256 j = 0; j < n && j < count; ++j) {
                inputs[j] = _inputs[j];
            }
            reverts(_proof, inputs, abi.encodeWithSelector(SmallVerifier.InputCount.selector, count, n));
        }
    }

    /// @dev With less gas than needed the call reverts; it never says false of a proof that holds.
    function test_lackOfGasIsNotFalse() public view {
        bytes memory call = abi.encodeCall(IVerifier.verify, (_proof, _inputs));
        uint256 refusals;
        for (uint256 gas_ = 5_000; gas_ < 900_000; gas_ += 7_001) {
            (bool done, bytes memory answer) = address(_verifier).staticcall{gas: gas_}(call);
            if (done) assertTrue(abi.decode(answer, (bool)), "false for lack of gas");
            else ++refusals;
        }
        assertTrue(refusals > 10, "lack of gas seen");
    }

    // ------------------------------------------------------------------ behind the rollup

    /// @dev What the verifier cannot read reverts finalizeBatch with the verifier's own error.
    function test_rollupPassesTheErrorOn() public {
        rollup = deployRollup(address(_verifier));
        assertEq(rollup.vkDigest(), _verifier.vkDigest(), "vk digest through the rollup");
        BatchHeader memory header = commit(draft("", 0));
        bytes memory reason = abi.encodeWithSelector(SmallVerifier.InputCount.selector, _inputs.length, 26);
        vm.expectRevert(reason);
        rollup.finalizeBatch(1, header.newRoot, abi.encode(header, _proof));
        reason = abi.encodeWithSelector(SmallVerifier.ProofLength.selector, _proof.length, 3);
        vm.expectRevert(reason);
        rollup.finalizeBatch(1, header.newRoot, abi.encode(header, hex"010203"));
    }
}
