// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IAccountReader} from "../../contracts/src/interfaces/IAccountReader.sol";
import {IBridge} from "../../contracts/src/interfaces/IBridge.sol";
import {IExits} from "../../contracts/src/interfaces/IExits.sol";
import {ExitReader} from "../../contracts/src/proof/ExitReader.sol";
import {ExitVerifier} from "../../contracts/src/proof/generated/ExitVerifier.sol";
import {RollupFixture} from "./RollupFixture.sol";
import {Shipped} from "./Shipped.sol";

/// @title Exits by proofs of the exit circuit (fixtures/proven_exits.json, real proofs), and what a forger can change.
/// forge-config: default.isolate = true
contract ExitProofTest is RollupFixture {
    string private constant KEYS = "contracts/src/proof/generated/";
    uint256 private constant ALONE_GAS = 450_000;
    uint256 private constant SHARED_GAS = 150_000;
    uint256 private constant EACH = 42;

    string private _json;
    ExitReader private _reader;

    function setUp() public override {
        super.setUp();
        _json = vm.readFile("tests/contracts/fixtures/proven_exits.json");
        vm.deal(alice, 1000 ether);
        depositEther(100 ether, alice);
        depositToken(address(token), 100 ether, alice);
        vm.warp(rollup.escapeOpensAt());
        rollup.activateEscape();
        rollup.setRoot(vm.parseJsonBytes32(_json, ".root"));
    }

    function buildReader() internal override returns (IAccountReader) {
        address paths = Shipped.deploy("AccountReader");
        address alone = deployVerifier("Exit", "exit_key.json");
        address shared = deployVerifier("SharedExit", "shared_exit_key.json");
        _reader = ExitReader(Shipped.deploy("ExitReader", abi.encode(paths, alone, shared)));
        return _reader;
    }

    function deployVerifier(string memory name, string memory file) private returns (address) {
        bytes memory key = vm.parseJsonBytes(vm.readFile(string.concat(KEYS, file)), ".key");
        bytes memory init = bytes.concat(hex"61", bytes2(uint16(key.length)), hex"80600a5f395ff3", key);
        address data;
        assembly {
            data := create(0, add(init, 32), mload(init))
        }
        address constraints = Shipped.deploy(string.concat(name, "Constraints0"));
        return Shipped.deploy(string.concat(name, "Verifier"), abi.encode(data, constraints));
    }

    function proofOf(string memory name) private view returns (bytes memory) {
        return vm.parseJsonBytes(_json, string.concat(".", name));
    }

    function owner(uint256 i) private view returns (address) {
        return vm.parseJsonAddress(_json, string.concat(".owners[", vm.toString(i), "]"));
    }

    function amountOf(uint256 i, uint256 tokenIndex) private pure returns (uint256) {
        return 1 ether + 1000 * i + tokenIndex;
    }

    // ------------------------------------------------------------------ what leaves

    function test_oneLeavesByProof() public {
        rollup.forceExit(proofOf("native"), address(0));
        uint256 used = vm.snapshotGasLastCall("Rollup", "forceExit of ETH by proof");
        assertTrue(used <= ALONE_GAS, "gas of an exit by proof");
        assertEq(owner(0).balance, amountOf(0, 0), "ETH");
        rollup.forceExit(proofOf("token"), address(token));
        used = vm.snapshotGasLastCall("Rollup", "forceExit of a token by proof");
        assertTrue(used <= ALONE_GAS, "gas of a token's exit by proof");
        assertEq(token.balanceOf(owner(0)), amountOf(0, 1), "token");
        vm.expectRevert(abi.encodeWithSelector(IExits.AlreadyExited.selector, 1, 0));
        rollup.forceExit(proofOf("native"), address(0));
    }

    function test_thirtyTwoLeaveTogether() public {
        rollup.forceExits(proofOf("many"));
        uint256 used = vm.snapshotGasLastCall("Rollup", "forceExits of 32");
        assertTrue(used <= 32 * SHARED_GAS, "gas of a shared exit");
        for (uint256 i = 1; i < 17; ++i) {
            assertEq(owner(i).balance, amountOf(i, 0), "ETH");
            assertEq(token.balanceOf(owner(i)), amountOf(i, 1), "token");
        }
        rollup.forceExits(proofOf("many"));
        assertEq(owner(1).balance, amountOf(1, 0), "once");
    }

    /// @dev By path, by proof, and together: each unit once, whatever the order.
    function test_waysOutShareOneRecord() public {
        rollup.forceExits(proofOf("native"));
        assertEq(owner(0).balance, amountOf(0, 0), "alone in an aggregate");
        vm.expectRevert(abi.encodeWithSelector(IExits.AlreadyExited.selector, 1, 0));
        rollup.forceExit(proofOf("native"), address(0));
    }

    function test_pathsAreReadToo() public {
        string memory exits = vm.readFile("tests/contracts/fixtures/exits.json");
        rollup.setRoot(vm.parseJsonBytes32(exits, ".root"));
        address first = vm.parseJsonAddress(exits, ".cases[0].owner");
        uint256 before = first.balance;
        rollup.forceExit(vm.parseJsonBytes(exits, ".cases[0].nativeProof"), address(0));
        assertEq(first.balance - before, vm.parseJsonUint(exits, ".cases[0].native"), "by path");
        bytes memory path = vm.parseJsonBytes(exits, ".cases[0].nativeProof");
        vm.expectRevert(abi.encodeWithSelector(IAccountReader.AccountProofMalformed.selector, 0, 1, 0));
        rollup.forceExits(path);
    }

    // ------------------------------------------------------------------ what does not

    /// @dev Every byte of what the proof is of: owner, index, token, amount.
    function test_nothingElseLeaves() public {
        bytes memory proof = proofOf("many");
        bytes32 root = rollup.stateRoot();
        bytes memory reason = abi.encodeWithSelector(ExitReader.ExitProofRejected.selector, uint256(root));
        for (uint256 i = 0; i < EACH; ++i) {
            // one byte in each of the balances, another each time
            uint256 place = 2 + (i * 7 % 32) * EACH + i;
            proof[place] ^= 0x01;
            vm.expectRevert(reason);
            rollup.forceExits(proof);
            proof[place] ^= 0x01;
        }
    }

    function test_anotherRoot() public {
        bytes memory proof = proofOf("native");
        bytes32 root = bytes32(uint256(rollup.stateRoot()) ^ 1);
        rollup.setRoot(root);
        vm.expectRevert(abi.encodeWithSelector(ExitReader.ExitProofRejected.selector, uint256(root)));
        rollup.forceExit(proof, address(0));
        // Root 0 would mark the slots as unused, and show anything.
        vm.expectRevert(abi.encodeWithSelector(ExitReader.ExitProofRejected.selector, 0));
        _reader.readBalances(proof, 0);
    }

    /// @dev Balances moved to another slot, left out, or added: the proof is of their places.
    function test_placesAreBound() public {
        bytes memory proof = proofOf("many");
        uint256 root = uint256(rollup.stateRoot());
        bytes memory reason = abi.encodeWithSelector(ExitReader.ExitProofRejected.selector, root);
        bytes memory swapped = proofOf("many");
        for (uint256 i = 0; i < EACH; ++i) {
            (swapped[2 + i], swapped[2 + EACH + i]) = (proof[2 + EACH + i], proof[2 + i]);
        }
        vm.expectRevert(reason);
        rollup.forceExits(swapped);
        vm.expectRevert(reason);
        rollup.forceExits(resized(proof, 32, 31));
        // One balance and many have keys of their own.
        vm.expectRevert();
        rollup.forceExits(resized(proofOf("native"), 1, 2));
    }

    /// @dev The same proof with another number of balances, the added ones zero.
    function resized(bytes memory proof, uint256 from, uint256 to) private pure returns (bytes memory out) {
        out = new bytes(proof.length + to * EACH - from * EACH);
        (out[0], out[1]) = (0x01, bytes1(uint8(to)));
        for (uint256 i = 0; i < (from < to ? from : to) * EACH; ++i) out[2 + i] = proof[2 + i];
        uint256 snark = proof.length - 2 - from * EACH;
        for (uint256 i = 0; i < snark; ++i) out[2 + to * EACH + i] = proof[2 + from * EACH + i];
    }

    function test_malformed() public {
        bytes memory proof = proofOf("native");
        malformed(resized(proof, 1, 0), 1, 32, 0);
        malformed(resized(proof, 1, 33), 1, 32, 33);
        malformed(hex"01", 1, 32, 0);
        malformed(hex"010100", 3, 44, 3);
        bytes memory call = abi.encodeCall(rollup.forceExit, (proofOf("many"), address(0)));
        (bool done, bytes memory answer) = address(rollup).call(call);
        bytes memory reason = abi.encodeWithSelector(IAccountReader.AccountProofMalformed.selector, 1, 1, 32);
        assertTrue(!done && keccak256(answer) == keccak256(reason), "one account for forceExit");
        vm.expectRevert(abi.encodeWithSelector(IAccountReader.AccountProofMalformed.selector, 26, 1, 0));
        rollup.forceExit(proof, address(token));
        uint256 snark = proof.length - 44;
        vm.expectRevert(abi.encodeWithSelector(ExitVerifier.ProofLength.selector, snark, snark + 1));
        rollup.forceExit(bytes.concat(proof, hex"00"), address(0));
        proof[44] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(ExitVerifier.PointMalformed.selector, 0));
        rollup.forceExit(proof, address(0));
    }

    function malformed(bytes memory proof, uint256 place, uint256 expected, uint256 got) private {
        bytes memory reason =
            abi.encodeWithSelector(IAccountReader.AccountProofMalformed.selector, place, expected, got);
        vm.expectRevert(reason);
        rollup.forceExits(proof);
    }

    /// @dev With less gas than needed the call reverts and nobody has left.
    function test_lackOfGas() public {
        bytes memory call = abi.encodeCall(rollup.forceExit, (proofOf("native"), address(0)));
        uint256 refused;
        for (uint256 gas_ = 50_000; gas_ < 400_000; gas_ += 17_001) {
            (bool done,) = address(rollup).call{gas: gas_}(call);
            if (!done) ++refused;
        }
        assertTrue(refused > 10, "lack of gas seen");
        assertTrue(owner(0).balance == 0 || owner(0).balance == amountOf(0, 0), "whole or nothing");
    }

    function test_constructor() public {
        address paths = address(_reader.paths());
        address verifier = address(_reader.verifier());
        vm.expectRevert(abi.encodeWithSelector(ExitReader.BadReader.selector, 0));
        new ExitReader(bob, verifier, verifier);
        vm.expectRevert(abi.encodeWithSelector(ExitReader.BadReader.selector, 1));
        new ExitReader(paths, bob, verifier);
        vm.expectRevert(abi.encodeWithSelector(ExitReader.BadReader.selector, 2));
        new ExitReader(paths, verifier, bob);
    }
}
