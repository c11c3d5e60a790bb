// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Bridge} from "../../contracts/src/Bridge.sol";
import {IBridge} from "../../contracts/src/interfaces/IBridge.sol";
import {TestToken} from "../../contracts/test/TestToken.sol";
import {Deployer} from "./Deployer.sol";
import {Records} from "./Records.sol";
import {Settings} from "../../contracts/src/types/Batch.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @title Token registry, deposits, key registrations, and the queue they form.
contract DepositTest is RollupFixture {
    function test_registry() public {
        assertEq(rollup.tokenCount(), 2, "native and one token");
        assertEq(rollup.tokens(1), address(token), "token 1");
        assertEq(rollup.tokenIndex(address(token)), 1, "index");
        assertEq(rollup.tokens(0), address(0), "native");
        assertEq(address(rollup).balance, 0, "the fee is burned");
        address second = address(new TestToken("Second", "S", 0));
        vm.expectRevert(abi.encodeWithSelector(IBridge.WrongFee.selector, FEE, FEE - 1));
        rollup.registerToken{value: FEE - 1}(second);
        vm.expectRevert(abi.encodeWithSelector(IBridge.WrongFee.selector, FEE, FEE + 1));
        rollup.registerToken{value: FEE + 1}(second);
        vm.expectRevert(abi.encodeWithSelector(IBridge.NotAToken.selector, bob));
        rollup.registerToken{value: FEE}(bob);
        vm.expectRevert(abi.encodeWithSelector(IBridge.NotAToken.selector, address(rollup)));
        rollup.registerToken{value: FEE}(address(rollup));
        vm.expectRevert(abi.encodeWithSelector(IBridge.TokenAlreadyRegistered.selector, address(token), 1));
        rollup.registerToken{value: FEE}(address(token));
        vm.expectEmit(address(rollup));
        emit IBridge.TokenRegistered(2, second);
        assertEq(rollup.registerToken{value: FEE}(second), 2, "next index");
    }

    function test_registryEndsAt65535() public {
        // tokenCount is the first storage variable.
        vm.store(address(rollup), bytes32(0), bytes32(uint256(65535)));
        assertEq(rollup.tokenCount(), 65535, "slot of tokenCount");
        assertEq(rollup.registerToken{value: FEE}(address(new TestToken("Last", "L", 18))), 65535, "last index");
        address over = address(new TestToken("Over", "O", 18));
        vm.expectRevert(abi.encodeWithSelector(IBridge.TooManyTokens.selector, 65536));
        rollup.registerToken{value: FEE}(over);
    }

    function test_depositEther() public {
        vm.expectEmit(address(rollup));
        emit IBridge.DepositQueued(0, address(0), 0, 3 ether, bob, alice);
        bytes memory record = depositEther(3 ether, bob);
        (bytes32 requestHash, bytes32 rolled, uint64 time) = rollup.queueEntry(0);
        assertEq(requestHash, keccak256(record), "request hash is the record's");
        assertEq(time, block.timestamp, "time");
        bytes32 whole = keccak256(abi.encodePacked(bytes32(0), requestHash, blockhash(block.number - 1)));
        assertEq(rolled, whole & ~bytes32(uint256(type(uint32).max)), "rolling: 224 bits");
        assertEq(rollup.escrowed(address(0)), 3 ether, "escrowed");
        assertEq(rollup.queueHash(0), 0, "hash of the empty queue");
        assertEq(rollup.queueHash(1), rolled, "hash of one");
    }

    function test_rollingHashAbsorbsTheParentBlock() public {
        vm.setBlockhash(99, keccak256("parent"));
        depositEther(1, bob);
        bytes32 first = rollup.queueHash(1);
        vm.roll(101);
        vm.setBlockhash(100, keccak256("other parent"));
        bytes memory record = depositEther(1, bob);
        bytes32 expected = keccak256(abi.encodePacked(first, keccak256(record), keccak256("other parent")));
        expected &= ~bytes32(uint256(type(uint32).max));
        assertEq(rollup.queueHash(2), expected, "absorbs blockhash(number - 1)");
        assertEq(rollup.queueLength(), 2, "length");
    }

    function test_depositToken() public {
        depositToken(address(token), 500, bob);
        (bytes32 requestHash,,) = rollup.queueEntry(0);
        assertEq(requestHash, keccak256(Records.deposit(1, 500, bob, alice)), "request");
        assertEq(rollup.escrowed(address(token)), 500, "escrowed");
        assertEq(token.balanceOf(address(rollup)), 500, "held");
    }

    function test_refusedDeposits() public {
        vm.expectRevert(IBridge.AmountZero.selector);
        rollup.depositETH(bob);
        address[4] memory recipients = [address(0), address(1), address(0xffff), address(rollup)];
        for (uint256 i = 0; i < recipients.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBridge.RecipientRefused.selector, recipients[i]));
            rollup.depositETH{value: 1}(recipients[i]);
        }
        rollup.depositETH{value: 1}(address(0x10000));
        vm.expectRevert(abi.encodeWithSelector(IBridge.UnknownToken.selector, address(0)));
        rollup.deposit(address(0), 1, bob);
        vm.expectRevert(abi.encodeWithSelector(IBridge.UnknownToken.selector, bob));
        rollup.deposit(bob, 1, bob);
        vm.expectRevert();
        rollup.deposit(address(token), 1, bob); // no allowance
        vm.expectRevert(IBridge.AmountZero.selector);
        rollup.deposit(address(token), 0, bob);
        assertEq(rollup.queueLength(), 1, "only the good one is queued");
    }

    function test_escrowStaysBelowTwoTo120() public {
        depositToken(address(token), (1 << 120) - 2, bob);
        depositToken(address(token), 1, bob);
        uint256 rest = type(uint256).max - token.totalSupply(); // with what is held, more than a word
        token.mint(alice, rest);
        vm.startPrank(alice);
        token.approve(address(rollup), type(uint256).max);
        bytes memory reason = abi.encodeWithSelector(IBridge.EscrowFull.selector, address(token), 1 << 120, 1);
        vm.expectRevert(reason);
        rollup.deposit(address(token), 1, bob);
        reason = abi.encodeWithSelector(IBridge.EscrowFull.selector, address(token), 1 << 120, rest);
        vm.expectRevert(reason);
        rollup.deposit(address(token), rest, bob);
        vm.stopPrank();
        assertEq(rollup.escrowed(address(token)), (1 << 120) - 1, "at most 2^120 - 1");
    }

    function test_registerKey() public {
        vm.expectEmit(address(rollup));
        emit IBridge.KeyQueued(0, alice, BX, BY);
        vm.prank(alice);
        rollup.registerKey(BX, BY);
        (bytes32 requestHash,,) = rollup.queueEntry(0);
        assertEq(requestHash, keccak256(Records.registerKey(alice, BX, BY)), "request");
    }

    function test_registerKeyRefuses() public {
        uint256[2][4] memory bad = [[BX + R, BY], [BX, BY + R], [BX, BY + 1], [uint256(0), 1]];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBridge.KeyRefused.selector, bad[i][0], bad[i][1]));
            rollup.registerKey(bad[i][0], bad[i][1]);
        }
    }

    function test_plainEtherIsRefused() public {
        (bool ok,) = address(rollup).call{value: 1}("");
        assertFalse(ok, "no receive");
        (ok,) = address(rollup).call{value: 1}(hex"12345678");
        assertFalse(ok, "no fallback");
    }

    function test_feeFloor() public {
        address verifier = rollup.verifier();
        Deployer deployer = new Deployer();
        Settings memory settings = buildSettings(vm.computeCreateAddress(address(deployer), 1));
        vm.expectRevert(abi.encodeWithSelector(Bridge.TokenFeeTooLow.selector, FEE, FEE - 1));
        deployWith(deployer, verifier, GENESIS, EMPTY_ID, FEE - 1, 0, settings);
    }
}
