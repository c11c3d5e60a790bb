// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBridge} from "../../contracts/src/interfaces/IBridge.sol";
import {ProofCodec} from "../../contracts/src/libraries/ProofCodec.sol";
import {BatchHeader} from "../../contracts/src/types/Batch.sol";
import {HashVerifier} from "../../contracts/test/HashVerifier.sol";
import {TestToken} from "../../contracts/test/TestToken.sol";
import {IRollupHarness} from "./IRollupHarness.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @title A batch whose header, claims and signature the node's Python computed (fixtures/batch.json): L1 agrees.
contract TwinTest is RollupFixture {
    string private _json;

    function setUp() public override {
        _json = vm.readFile("tests/contracts/fixtures/batch.json");
        vm.chainId(vm.parseJsonUint(_json, ".chainId"));
        vm.warp(vm.parseJsonUint(_json, ".time") + 1);
        vm.roll(100);
        address place = vm.parseJsonAddress(_json, ".rollup");
        // The domain depends on the address, so the constructor runs there.
        bytes memory arguments =
            abi.encode(new HashVerifier(), bytes32(uint256(1)), bytes32(EMPTY_ID), FEE, 0, buildSettings(place));
        vm.etch(place, bytes.concat(harnessCode(), arguments));
        (bool ok, bytes memory code) = place.call("");
        assertTrue(ok, "constructor");
        vm.etch(place, code);
        // tokenCount has an initial value, which the constructor wrote at this address.
        rollup = IRollupHarness(place);
        address listed = vm.parseJsonAddress(_json, ".token");
        vm.etch(listed, address(new TestToken("T", "T", 18)).code);
        vm.deal(address(this), 1 ether);
        rollup.registerToken{value: FEE}(listed);
    }

    function test_sameHeader() public {
        assertEq(rollup.domain(), vm.parseJsonUint(_json, ".domain"), "domain");
        bytes memory requests = vm.parseJsonBytes(_json, ".requests");
        for (uint256 i = 0; i < requests.length; i += 150) {
            bytes memory record = new bytes(150);
            for (uint256 j = 0; j < 150; ++j) {
                record[j] = requests[i + j];
            }
            rollup.enqueue(keccak256(record));
        }
        BatchHeader memory expected = abi.decode(vm.parseJsonBytes(_json, ".header"), (BatchHeader));
        vm.recordLogs();
        vm.prank(sequencer, sequencer);
        (bool ok,) = address(rollup).call(vm.parseJsonBytes(_json, ".commitBatch"));
        assertTrue(ok, "the call as Python encodes it");
        BatchHeader memory header = abi.decode(vm.getRecordedLogs()[0].data, (BatchHeader));
        assertEq(header.withdrawalsRoot, expected.withdrawalsRoot, "withdrawals root");
        assertEq(header.z, expected.z, "z");
        assertEq(header.txY, expected.txY, "tx y");
        assertEq(header.opY, expected.opY, "op y");
        assertEq(rollup.headerHash(1), vm.parseJsonBytes32(_json, ".headerHash"), "header hash");
        finalize(header);
        // Withdrawal 1 is 70 of token 1 to ALICE; nothing is escrowed, so a good path ends at the account.
        bytes memory claim = vm.parseJsonBytes(_json, ".claim");
        address listed = rollup.tokens(1);
        vm.expectRevert(abi.encodeWithSelector(IBridge.EscrowExceeded.selector, listed, 0, 70));
        rollup.initiateWithdrawal(claim, listed, 70, address(0xa11ce000));
    }

    function decode(bytes calldata proof) external pure returns (bytes32, bytes memory) {
        (BatchHeader calldata header, bytes calldata snark) = ProofCodec.decodeBatch(proof);
        return (ProofCodec.hashHeader(header), snark);
    }

    function test_sameProofEncoding() public view {
        (bytes32 hash, bytes memory snark) = this.decode(vm.parseJsonBytes(_json, ".proof"));
        assertEq(hash, vm.parseJsonBytes32(_json, ".headerHash"), "header");
        assertEq(keccak256(snark), keccak256("snark"), "snark");
    }
}
