// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Bonds} from "../../contracts/src/Bonds.sol";
import {IIdTreeReader} from "../../contracts/src/interfaces/IIdTreeReader.sol";
import {IdTreeReader} from "../../contracts/src/proof/IdTreeReader.sol";
import {BlockHeader, Receipt, SignedHeader} from "../../contracts/src/types/Bond.sol";
import {BondsFixture, StandIn} from "./BondsFixture.sol";

interface ArrayVm {
    function parseJsonBytes32Array(string calldata json, string calldata key) external pure returns (bytes32[] memory);
}

/// @title The specification's headers, signatures, receipts and id tree (tests/vectors/headers.json): L1 agrees.
contract BondsVectorsTest is BondsFixture {
    string private _json;

    function setUp() public override {
        super.setUp();
        _json = vm.readFile("tests/vectors/headers.json");
        vm.chainId(vm.parseJsonUint(_json, ".chainId"));
        address place = vm.parseJsonAddress(_json, ".rollup");
        vm.etch(place, address(rollup).code);
        rollup = StandIn(place);
        bonds = new Bonds(place, vm.parseJsonAddress(_json, ".sequencer"), settings());
        rollup.connect(bonds);
        bonds.addBond{value: BOND}();
    }

    function field(string memory at_, string memory name) private pure returns (string memory) {
        return string.concat(at_, ".header.", name);
    }

    function number(string memory at_, string memory name) private view returns (uint256) {
        return vm.parseJsonUint(_json, field(at_, name));
    }

    function word(string memory at_, string memory name) private view returns (bytes32) {
        return vm.parseJsonBytes32(_json, field(at_, name));
    }

    function read(string memory at_) private view returns (BlockHeader memory h) {
        h.number = uint64(number(at_, "number"));
        h.parent = word(at_, "parent");
        h.firstSequence = uint64(number(at_, "firstSequence"));
        h.count = uint32(number(at_, "count"));
        h.leavesRoot = word(at_, "leavesRoot");
        h.outstandingCover = number(at_, "outstandingCover");
        h.queueIndex = uint64(number(at_, "queueIndex"));
        h.queueHash = word(at_, "queueHash");
        h.time = uint64(number(at_, "time"));
        h.includeBy = uint64(number(at_, "includeBy"));
        uint256[] memory ends = vm.parseJsonUintArray(_json, field(at_, "chunkEnds"));
        h.chunkEnds = new uint64[](ends.length);
        for (uint256 i = 0; i < ends.length; ++i) {
            h.chunkEnds[i] = uint64(ends[i]);
        }
        h.batchId = uint64(number(at_, "batchId"));
        h.stateRoot = word(at_, "stateRoot");
    }

    function test_digests() public view {
        string[2] memory blocks = [".blocks[0]", ".blocks[1]"];
        for (uint256 i = 0; i < 2; ++i) {
            bytes32 expected = vm.parseJsonBytes32(_json, string.concat(blocks[i], ".digest"));
            assertEq(bonds.computeDigest(read(blocks[i])), expected, "digest");
        }
    }

    /// @dev The specification's signature, leaf and path make a receipt that can be filed.
    function test_receipts() public {
        BlockHeader memory h = read(".blocks[1]");
        rollup.setQueue(h.queueIndex, h.queueHash);
        Receipt memory r;
        r.signed = SignedHeader(h, vm.parseJsonBytes(_json, ".blocks[1].signature"));
        vm.warp(START);
        for (uint256 i = 0; i < 3; ++i) {
            string memory at_ = string.concat(".blocks[1].receipts[", vm.toString(i), "].");
            r.sequence = vm.parseJsonUint(_json, string.concat(at_, "sequence"));
            r.id = vm.parseJsonBytes32(_json, string.concat(at_, "id"));
            r.cover = vm.parseJsonUint(_json, string.concat(at_, "cover"));
            r.index = i;
            string memory path = string.concat(".blocks[1].paths[", vm.toString(i), "]");
            r.path = ArrayVm(address(vm)).parseJsonBytes32Array(_json, path);
            bonds.fileReceipt{value: FILING}(r);
        }
        (, uint256 filings,) = bonds.disputes();
        assertEq(filings, 3, "filed");
    }

    /// @dev One form for one opening: a place of the tree, and words below the field's order.
    function test_idTreeTakesOneForm() public {
        IdTreeReader reader = new IdTreeReader();
        uint256[24] memory siblings;
        uint256 order = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
        reader.computeRoot(order - 1, 65_535, siblings);
        fails(abi.encodeWithSelector(IIdTreeReader.OpeningMalformed.selector, 1, 65_536, 65_536));
        reader.computeRoot(0, 65_536, siblings);
        fails(abi.encodeWithSelector(IIdTreeReader.OpeningMalformed.selector, 0, order, order));
        reader.computeRoot(order, 0, siblings);
        for (uint256 i = 0; i < 24; ++i) {
            siblings[i] = order;
            fails(abi.encodeWithSelector(IIdTreeReader.OpeningMalformed.selector, 2 + i, order, order));
            reader.computeRoot(0, 0, siblings);
            siblings[i] = order - 1;
        }
    }

    function test_idTree() public {
        IdTreeReader reader = new IdTreeReader();
        bytes32 root = vm.parseJsonBytes32(_json, ".idTree.root");
        for (uint256 i = 0; i < 6; ++i) {
            string memory at_ = string.concat(".idTree.openings[", vm.toString(i), "].");
            uint256 place = vm.parseJsonUint(_json, string.concat(at_, "place"));
            uint256 id = uint256(vm.parseJsonBytes32(_json, string.concat(at_, "id")));
            bytes32[] memory words = ArrayVm(address(vm)).parseJsonBytes32Array(_json, string.concat(at_, "siblings"));
            uint256[24] memory siblings;
            for (uint256 j = 0; j < 24; ++j) {
                siblings[j] = uint256(words[j]);
            }
            assertEq(bytes32(reader.computeRoot(id, place, siblings)), root, "root");
            if (id == 0) continue;
            assertFalse(bytes32(reader.computeRoot(id, place ^ 1, siblings)) == root, "another place");
        }
    }
}
