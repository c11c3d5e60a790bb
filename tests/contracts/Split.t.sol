// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IVerifier} from "../../contracts/src/proof/IVerifier.sol";
import {Test} from "./Test.sol";
import {SmallConstraints0} from "./fixtures/small/SmallConstraints0.sol";
import {SplitConstraints0} from "./fixtures/small/SplitConstraints0.sol";
import {SplitConstraints1} from "./fixtures/small/SplitConstraints1.sol";
import {SplitConstraints2} from "./fixtures/small/SplitConstraints2.sol";
import {SplitConstraints3} from "./fixtures/small/SplitConstraints3.sol";
import {SplitVerifier} from "./fixtures/small/SplitVerifier.sol";

/// @title The same verifier with its identities cut into four contracts, as a larger circuit needs: the same verdicts.
contract SplitTest is Test {
    string private constant FOLDER = "tests/contracts/fixtures/small/";

    address private _key;
    address[4] private _parts;
    bytes private _proof;
    uint256[] private _inputs;

    function setUp() public {
        string memory json = vm.readFile(string.concat(FOLDER, "fixture.json"));
        bytes memory init = vm.parseBytes(string.concat("0x", vm.readFile(string.concat(FOLDER, "key_init.hex"))));
        address key;
        assembly {
            key := create(0, add(init, 32), mload(init))
        }
        _key = key;
        _parts[0] = address(new SplitConstraints0());
        _parts[1] = address(new SplitConstraints1());
        _parts[2] = address(new SplitConstraints2());
        _parts[3] = address(new SplitConstraints3());
        _proof = vm.parseJsonBytes(json, ".proof");
        _inputs = vm.parseJsonUintArray(json, ".publicInputs");
    }

    function make(uint256 a, uint256 b, uint256 c, uint256 d) private returns (IVerifier) {
        return IVerifier(address(new SplitVerifier(_key, _parts[a], _parts[b], _parts[c], _parts[d])));
    }

    function test_sameVerdicts() public {
        IVerifier verifier = make(0, 1, 2, 3);
        assertTrue(verifier.verify(_proof, _inputs), "the proof holds");
        for (uint256 i = 31; i < _proof.length; i += 32) {
            bytes memory proof = _proof;
            proof[i] ^= 0x01;
            try verifier.verify(proof, _inputs) returns (bool holds) {
                assertFalse(holds, "a damaged proof holds");
            } catch (bytes memory reason) {
                assertTrue(reason.length == 36, "typed error");
            }
        }
        for (uint256 i = 0; i < _inputs.length; ++i) {
            uint256[] memory inputs = _inputs;
            inputs[i] += 1;
            assertFalse(verifier.verify(_proof, inputs), "another input");
        }
    }

    function test_partsHaveTheirPlace() public {
        uint8[4][3] memory orders = [[1, 0, 2, 3], [0, 1, 1, 3], [0, 1, 3, 2]];
        for (uint256 i = 0; i < orders.length; ++i) {
            uint8[4] memory o = orders[i];
            uint256 first = 0;
            while (o[first] == first) ++first;
            vm.expectRevert(abi.encodeWithSelector(SplitVerifier.WrongPart.selector, _parts[o[first]]));
            make(o[0], o[1], o[2], o[3]);
        }
        // A part of the same key, cut otherwise: identities would be left out or folded twice.
        _parts[0] = address(new SmallConstraints0());
        vm.expectRevert(abi.encodeWithSelector(SplitVerifier.WrongPart.selector, _parts[0]));
        make(0, 1, 2, 3);
    }

    /// @dev A part that runs out of gas is not an answer.
    function test_lackOfGasIsNotFalse() public {
        IVerifier verifier = make(0, 1, 2, 3);
        bytes memory call = abi.encodeCall(IVerifier.verify, (_proof, _inputs));
        for (uint256 gas_ = 20_000; gas_ < 400_000; gas_ += 3_001) {
            (bool done, bytes memory answer) = address(verifier).staticcall{gas: gas_}(call);
            if (done) assertTrue(abi.decode(answer, (bool)), "false for lack of gas");
        }
    }

    /// @dev A part answers digest and range to an empty call, and nothing to a call of another form.
    function test_partsReadOneForm() public view {
        uint256 reached;
        for (uint256 i = 0; i < 4; ++i) {
            (bool ok, bytes memory answer) = _parts[i].staticcall("");
            (bytes32 digest, uint256 first, uint256 end) = abi.decode(answer, (bytes32, uint256, uint256));
            assertTrue(ok && digest != 0 && first == reached && end > first, "digest and range");
            reached = end;
        }
        (bool done,) = _parts[2].staticcall("");
        assertTrue(done, "an empty call");
        (done,) = _parts[2].staticcall(new bytes(32));
        assertFalse(done, "another length");
        (done,) = _parts[2].staticcall(new bytes(_proof.length));
        assertFalse(done, "another length");
    }
}
