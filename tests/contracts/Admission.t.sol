// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Bonds} from "../../contracts/src/Bonds.sol";
import {IBonds, IDisputable} from "../../contracts/src/interfaces/IBonds.sol";
import {BatchHeader, Settings} from "../../contracts/src/types/Batch.sol";
import {BlockHeader, BondSettings, SignedHeader} from "../../contracts/src/types/Bond.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @title Who may commit: the rollup asks the bonds once, and has to ask again whenever their answer could be another.
/// @notice Every test commits first, so that the rollup remembers whom it admitted: a fall of the bond, or a handover,
/// that did not make it forget would let the next commit pass.
contract AdmissionTest is RollupFixture {
    uint256 private constant KEY = 0x5e9;
    uint256 private constant OTHER_KEY = 0x07e4;
    uint128 private constant BOND = 10 ether;
    uint128 private constant CHALLENGE = 1 ether;
    uint128 private constant FORFEIT = 2 ether;

    Bonds private bonds;
    uint64 private _number;

    function setUp() public override {
        sequencer = vm.addr(KEY);
        super.setUp();
        bonds.addBond{value: BOND}();
    }

    function buildSettings(address place) internal override returns (Settings memory s) {
        s = super.buildSettings(place);
        BondSettings memory terms =
            BondSettings(BOND, CHALLENGE, FORFEIT, 0.1 ether, 24 hours, 6 hours, 24 hours, 7 days, 21 days);
        bonds = new Bonds(place, sequencer, terms);
        s.bonds = address(bonds);
    }

    function tooLow(uint256 bond) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IBonds.BondTooLow.selector, BOND, bond);
    }

    function notSequencer(address expected, address got) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IBonds.NotSequencer.selector, expected, got);
    }

    /// @dev Two headers of one number, signed by `key`.
    function equivocate(uint256 key) private {
        ++_number;
        BlockHeader memory h;
        h.number = _number;
        h.chunkEnds = new uint64[](0);
        SignedHeader memory first = sign(key, h);
        h.parent = keccak256("another");
        bonds.slashEquivocation(first, sign(key, h));
    }

    function sign(uint256 key, BlockHeader memory h) private view returns (SignedHeader memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, bonds.computeDigest(h));
        BlockHeader memory copy = abi.decode(abi.encode(h), (BlockHeader));
        return SignedHeader(copy, abi.encodePacked(r, s, v));
    }

    function handOver(address from, address to) private {
        vm.prank(from);
        bonds.offerSequencer(to);
        vm.prank(to, to);
        bonds.acceptSequencer();
    }

    // ------------------------------------------------------------------ what makes it forget

    function test_onlyTheBondsMakeItForget() public {
        bytes memory reason = abi.encodeWithSelector(IDisputable.NotBonds.selector, address(bonds), address(this));
        vm.expectRevert(reason);
        rollup.forgetSequencer();
        reason = abi.encodeWithSelector(IDisputable.NotBonds.selector, address(bonds), sequencer);
        vm.prank(sequencer);
        vm.expectRevert(reason);
        rollup.forgetSequencer();
    }

    function test_unbonding() public {
        commit(draft("", 0));
        vm.prank(sequencer);
        bonds.startUnbonding(1);
        refuse(draft("", 0), tooLow(BOND - 1));
        bonds.addBond{value: 1}();
        commit(draft("", 0));
    }

    function test_slash() public {
        commit(draft("", 0));
        equivocate(KEY);
        refuse(draft("", 0), tooLow(0));
        bonds.addBond{value: BOND}();
        commit(draft("", 0));
    }

    function test_forfeit() public {
        commit(draft("", 0));
        bonds.challengeBatch{value: CHALLENGE}(1);
        vm.warp(block.timestamp + 6 hours + 1);
        bonds.revertBatches();
        refuse(draft("", 0), tooLow(BOND - FORFEIT));
        bonds.addBond{value: FORFEIT}();
        commit(draft("", 0));
    }

    /// @dev The bond of who took the role over answers for earlier keys: their offence stops its commits too.
    function test_slashOfAnEarlierKey() public {
        address other = vm.addr(OTHER_KEY);
        commit(draft("", 0));
        handOver(sequencer, other);
        sequencer = other;
        commit(draft("", 0));
        equivocate(KEY);
        refuse(draft("", 0), tooLow(0));
    }

    function test_handover() public {
        address other = vm.addr(OTHER_KEY);
        commit(draft("", 0));
        Draft memory d = draft("", 0);
        vm.prank(sequencer);
        bonds.offerSequencer(other);
        send(d); // an offer takes nothing
        address former = sequencer;
        vm.prank(other, other);
        bonds.acceptSequencer();
        refuse(draft("", 0), notSequencer(other, former));
        sequencer = other;
        commit(draft("", 0));
        sequencer = former;
        refuse(draft("", 0), notSequencer(other, former));
        handOver(other, former);
        commit(draft("", 0));
    }

    /// @dev Anyone has the bonds asked: it admits whom they admit, and nobody else.
    function test_askedBefore() public {
        vm.prank(alice);
        rollup.admitSequencer();
        commit(draft("", 0));
        Draft memory d = draft("", 0);
        vm.expectRevert(notSequencer(sequencer, alice));
        vm.prank(alice, alice);
        rollup.commitBatch(d.input, d.operations, d.transactions, d.signatures);
        vm.prank(sequencer);
        bonds.startUnbonding(1);
        vm.expectRevert(tooLow(BOND - 1));
        rollup.admitSequencer();
        refuse(draft("", 0), tooLow(BOND - 1));
        address other = vm.addr(OTHER_KEY);
        bonds.addBond{value: 1}();
        rollup.admitSequencer();
        handOver(sequencer, other);
        refuse(draft("", 0), notSequencer(other, sequencer));
    }

    /// @dev A stranger's attempt neither passes nor makes the rollup forget or remember anybody.
    function test_strangers() public {
        commit(draft("", 0));
        Draft memory d = draft("", 0);
        vm.expectRevert(notSequencer(sequencer, alice));
        vm.prank(alice, alice);
        rollup.commitBatch(d.input, d.operations, d.transactions, d.signatures);
        commit(d);
    }

    /// @dev The deadline of a challenge: what the rollup keeps of commits, and a batch whose time it has no more.
    function test_deadlines() public {
        uint256 start = block.timestamp;
        commit(draft("", 0));
        vm.warp(start + 20 hours);
        commit(draft("", 0));
        uint256 state = vm.snapshotState();
        bonds.challengeBatch{value: CHALLENGE}(1);
        (,, uint64 deadline) = bonds.challenge();
        assertEq(deadline, start + 24 hours, "from its own commit");
        vm.revertToState(state);
        for (uint256 slot = 0; slot < 32; ++slot) {
            uint256 word = uint256(vm.load(address(rollup), bytes32(slot)));
            if (uint40(word) == 2 && uint40(word >> 40) == start + 20 hours) {
                vm.store(address(rollup), bytes32(slot), bytes32((word >> 40) << 40 | 257));
            }
        }
        assertEq(rollup.lastCommitted(), 257, "256 batches after it");
        bonds.challengeBatch{value: CHALLENGE}(1);
        (,, deadline) = bonds.challenge();
        assertEq(deadline, start + 21 hours, "an hour, as of any batch that is older than a day");
    }

    /// @dev Any history of bond and role: after each step a commit passes exactly where the bonds would admit it.
    function testFuzz_admissionFollowsTheBonds(uint256 seed) public {
        address[2] memory keys = [vm.addr(KEY), vm.addr(OTHER_KEY)];
        vm.deal(address(this), 10_000 ether);
        for (uint256 i = 0; i < 24; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            address holder = bonds.sequencer();
            uint256 bond = bonds.bondOf();
            if (seed % 5 == 0) bonds.addBond{value: 1 + (seed >> 8) % (2 * uint256(BOND))}();
            if (seed % 5 == 1 && bond != 0) {
                vm.prank(holder);
                try bonds.startUnbonding(1 + (seed >> 8) % bond) {} catch {} // of the other key's first
            }
            if (seed % 5 == 2) handOver(holder, keys[(seed >> 8) & 1]);
            if (seed % 5 == 3) try this.offend((seed >> 8) & 1) {} catch {} // a key that never signed
            if (seed >> 16 & 1 == 1) try rollup.admitSequencer() {} catch {} // of a bond that is too low
            attempt(keys[0]);
            attempt(keys[1]);
            attempt(keys[0]);
        }
    }

    function offend(uint256 which) external {
        equivocate(which == 0 ? KEY : OTHER_KEY);
    }

    function attempt(address by) private {
        Draft memory d = draft("", 0);
        bool may = by == bonds.sequencer() && bonds.bondOf() >= BOND;
        sequencer = by;
        vm.prank(by, by);
        try rollup.commitBatch(d.input, d.operations, d.transactions, d.signatures) {
            keepRoot(d.input.batchId, d.input.newRoot);
            assertTrue(may, "admitted against the bonds");
        } catch {
            assertFalse(may, "refused against the bonds");
        }
    }
}
