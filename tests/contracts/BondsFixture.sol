// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Bonds} from "../../contracts/src/Bonds.sol";
import {IDisputable} from "../../contracts/src/interfaces/IBonds.sol";
import {IExits} from "../../contracts/src/interfaces/IExits.sol";
import {IIdTreeReader} from "../../contracts/src/interfaces/IIdTreeReader.sol";
import {BatchHeader} from "../../contracts/src/types/Batch.sol";
import {
    BlockHeader,
    BondSettings,
    Opening,
    Receipt,
    ReceiptName,
    SignedHeader
} from "../../contracts/src/types/Bond.sol";
import {Test} from "./Test.sol";

/// @dev Stands in for the rollup: what Bonds reads of it, set by the test, and what Bonds may do to it.
contract StandIn is IDisputable {
    Bonds public bonds;
    uint256 public lastFinalised;
    uint256 public lastCommitted;
    uint256 public queueLength;
    uint64 public escapedAt;
    bool public challenged;
    mapping(uint256 batchId => bytes32) public headerHash;
    mapping(uint256 count => bytes32) public queueHash;
    mapping(uint256 batchId => uint256) public commitTime;

    function connect(Bonds bonds_) external {
        bonds = bonds_;
    }

    function commit(address caller, BatchHeader memory header) external {
        bonds.checkCommit(caller);
        lastCommitted = header.batchId;
        commitTime[header.batchId] = block.timestamp;
        headerHash[header.batchId] = keccak256(abi.encode(header));
    }

    function finalize(uint256 batchId, address prover) external {
        lastFinalised = batchId;
        if (challenged) bonds.onFinalize(batchId, prover);
    }

    function setChallenged(bool challenged_) external {
        if (msg.sender != address(bonds)) revert NotBonds(address(bonds), msg.sender);
        challenged = challenged_;
    }

    function forgetSequencer() external view {
        if (msg.sender != address(bonds)) revert NotBonds(address(bonds), msg.sender);
    }

    function revertBatches() external {
        if (msg.sender != address(bonds)) revert NotBonds(address(bonds), msg.sender);
        if (escapedAt != 0) revert IExits.EscapeOpen(escapedAt);
        lastCommitted = lastFinalised;
    }

    function setQueue(uint256 count, bytes32 hash) external {
        queueLength = count;
        queueHash[count] = hash;
    }

    function setEscape(uint64 time) external {
        escapedAt = time;
    }
}

interface PartialVm {
    function expectPartialRevert(bytes4 selector) external;
}

/// @dev Takes no wei.
contract Refuser {
    function call(address target, bytes calldata data) external payable returns (bool ok) {
        (ok,) = target.call{value: msg.value}(data);
    }
}

/// @title A contract of bonds with a stand-in for the rollup, and builders for headers, receipts, batches, openings.
abstract contract BondsFixture is Test {
    uint256 internal constant KEY = 0x5e9;
    uint256 internal constant OTHER_KEY = 0x07e4;
    uint96 internal constant BOND = 10 ether;
    uint96 internal constant CHALLENGE = 1 ether;
    uint96 internal constant FORFEIT = 2 ether;
    uint96 internal constant FILING = 0.1 ether;
    uint256 internal constant START = 1_800_000_000;
    // Order of secp256k1.
    uint256 internal constant N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    bytes32 internal constant ID = bytes32(uint256(0x1d));
    bytes32 internal constant QUEUE = bytes32(uint256(0x9e));

    address internal sequencer;
    address internal other;
    address internal alice = address(uint160(0xa11ce0000000000000000000000000000001));
    address internal bob = address(uint160(0xb0b000000000000000000000000000000002));
    StandIn internal rollup;
    Bonds internal bonds;

    function setUp() public virtual {
        vm.warp(START);
        (sequencer, other) = (vm.addr(KEY), vm.addr(OTHER_KEY));
        rollup = new StandIn();
        bonds = new Bonds(address(rollup), sequencer, settings());
        rollup.connect(bonds);
        rollup.setQueue(3, QUEUE);
        vm.deal(address(this), 100_000 ether);
        vm.deal(alice, 1000 ether);
        vm.deal(bob, 1000 ether);
        bonds.addBond{value: BOND}();
    }

    function settings() internal pure returns (BondSettings memory) {
        return BondSettings({
            minimumBond: BOND,
            challengeBond: CHALLENGE,
            challengeForfeit: FORFEIT,
            filingBond: FILING,
            proofWindow: 24 hours,
            challengeWindow: 6 hours,
            openingWindow: 24 hours,
            claimWindow: 7 days,
            unbondingDelay: 21 days
        });
    }

    // ------------------------------------------------------------------ headers and receipts

    /// @dev A header that binds: its queue is L1's.
    function block_(uint64 number) internal pure returns (BlockHeader memory h) {
        h.number = number;
        h.parent = keccak256(abi.encode("parent", number));
        h.firstSequence = number * 10;
        h.count = 3;
        h.leavesRoot = keccak256("leaves");
        h.queueIndex = 3;
        h.queueHash = QUEUE;
        h.time = uint64(START);
        h.includeBy = uint64(START + 3 days);
        h.chunkEnds = new uint64[](2);
        (h.chunkEnds[0], h.chunkEnds[1]) = (number * 10 + 1, number * 10 + 3);
    }

    function sign(BlockHeader memory h, uint256 key) internal view returns (SignedHeader memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, bonds.computeDigest(h));
        return SignedHeader(h, abi.encodePacked(r, s, v));
    }

    function sign(BlockHeader memory h) internal view returns (SignedHeader memory) {
        return sign(h, KEY);
    }

    /// @dev The same signature with n - s: valid on the curve, refused here.
    function flip(SignedHeader memory signed) internal pure {
        bytes memory old = signed.signature;
        bytes32 r;
        uint256 s;
        assembly ("memory-safe") {
            r := mload(add(old, 0x20))
            s := mload(add(old, 0x40))
        }
        signed.signature = abi.encodePacked(r, N - s, uint8(old[64]) == 27 ? uint8(28) : uint8(27));
    }

    /// @dev Receipt of the second of three items of a block.
    function receiptOf(uint64 number, bytes32 id, uint256 cover) internal view returns (Receipt memory r) {
        r = receiptOf(block_(number), id, cover);
    }

    function receiptOf(BlockHeader memory h, bytes32 id, uint256 cover) internal view returns (Receipt memory r) {
        r.sequence = h.firstSequence + 1;
        (r.id, r.cover, r.index) = (id, cover, 1);
        bytes32 leaf = keccak256(abi.encode(r.sequence, id, cover));
        r.path = new bytes32[](2);
        (r.path[0], r.path[1]) = (keccak256("left"), keccak256("right"));
        h.leavesRoot = keccak256(abi.encode(keccak256(abi.encode(r.path[0], leaf)), r.path[1]));
        h.outstandingCover = cover;
        r.signed = sign(h);
    }

    function nameOf(Receipt memory r) internal view returns (ReceiptName memory) {
        return ReceiptName(bonds.computeDigest(r.signed.header), r.sequence, r.id, r.cover);
    }

    function keyOf(Receipt memory r) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(bonds.computeDigest(r.signed.header), keccak256(abi.encode(r.sequence, r.id, r.cover)))
            );
    }

    // ------------------------------------------------------------------ batches

    function batch(uint256 batchId, uint256 first, uint256 end) internal pure returns (BatchHeader memory h) {
        h.batchId = batchId;
        (h.firstSequence, h.endSequence) = (first, end);
        h.newRoot = keccak256(abi.encode("root", batchId));
        h.idRoot = keccak256(abi.encode("ids", batchId));
    }

    function commit(BatchHeader memory h) internal {
        rollup.commit(bonds.sequencer(), h);
    }

    function finalize(BatchHeader memory h) internal {
        commit(h);
        rollup.finalize(h.batchId, address(this));
    }

    /// @dev A finalised batch that has `id` at the sequence number, and the opening that shows it.
    function include(uint256 batchId, uint256 sequence, bytes32 id) internal returns (Opening memory o) {
        o = opening(batchId, sequence, id);
        finalize(o.batch);
    }

    /// @dev The place in the batch is 0x1b7: every digit of a quaternary path occurs.
    function opening(uint256 batchId, uint256 sequence, bytes32 id) internal view returns (Opening memory o) {
        uint256 first = sequence > 0x1b7 ? sequence - 0x1b7 : 0;
        o.batch = batch(batchId, first, sequence + 100);
        for (uint256 i = 0; i < 24; ++i) {
            o.siblings[i] = uint256(keccak256(abi.encode(batchId, i))) >> 4;
        }
        uint256 root = IIdTreeReader(bonds.idTreeReader()).computeRoot(uint256(id), sequence - first, o.siblings);
        o.batch.idRoot = bytes32(root);
    }

    // ------------------------------------------------------------------ offences

    /// @dev Takes the whole bond for two headers of one number, reported by `reporter`.
    function equivocate(uint64 number, address reporter) internal {
        BlockHeader memory h = block_(number);
        SignedHeader memory a = sign(h);
        h = block_(number);
        h.parent = keccak256("another");
        SignedHeader memory b = sign(h);
        vm.prank(reporter);
        bonds.slashEquivocation(a, b);
    }

    function fails(bytes memory reason) internal {
        vm.expectRevert(reason);
    }

    /// @dev With any arguments.
    function fails(bytes4 selector) internal {
        PartialVm(address(vm)).expectPartialRevert(selector);
    }
}
