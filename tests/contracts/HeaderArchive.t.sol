// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {HeaderArchive, HeaderTree} from "../../contracts/src/libraries/HeaderArchive.sol";
import {ArchivePath} from "./ArchivePath.sol";
import {Test} from "./Test.sol";

/// @dev The library with a door.
contract Archive {
    using HeaderArchive for HeaderTree;

    HeaderTree private _tree;
    uint256 public count;

    constructor() {
        _tree.open();
    }

    function append(uint256 n) external {
        for (uint256 i = 0; i < n; ++i) {
            ++count;
            _tree.append(count, hashOf(count));
        }
    }

    function hashOf(uint256 batchId) public pure returns (bytes32) {
        return keccak256(abi.encode("header", batchId));
    }

    function newest() external view returns (bytes32[3] memory) {
        return _tree.newest;
    }

    function read(uint256 batchId, bytes32[] calldata hashes) external view returns (bytes32) {
        return _tree.read(count, batchId, hashes);
    }
}

/// @title The archive of headers over all its levels: what it holds after any number of batches, what it gives back, and
/// every list of hashes that must not pass for a path.
contract HeaderArchiveTest is Test {
    uint256 private constant NODE = 64;
    uint256 private constant ABOVE = 4096; // batches in a node of level 1

    Archive private archive = new Archive();

    function headers() private view returns (bytes32[] memory all) {
        all = new bytes32[](archive.count());
        for (uint256 i = 0; i < all.length; ++i) {
            all[i] = archive.hashOf(i + 1);
        }
    }

    function check(uint256 batchId) private view {
        bytes32[] memory path = ArchivePath.build(headers(), batchId);
        assertEq(archive.read(batchId, path), archive.hashOf(batchId), "read back");
    }

    function checkState() private view {
        bytes32[3] memory expected = ArchivePath.archive(headers());
        bytes32[3] memory got = archive.newest();
        for (uint256 level = 0; level < 3; ++level) {
            assertEq(got[level], expected[level], "newest node");
        }
    }

    function refuse(uint256 batchId, bytes32[] memory path, bytes memory reason) private {
        vm.expectRevert(reason);
        archive.read(batchId, path);
    }

    /// @dev Refused for a node, whichever it is.
    function refuseNode(uint256 batchId, bytes32[] memory path) private view {
        (bool passes, bytes memory reason) = address(archive).staticcall(abi.encodeCall(archive.read, (batchId, path)));
        assertFalse(passes, "passes");
        assertTrue(bytes4(reason) == HeaderArchive.WrongNode.selector, "reason");
    }

    function count(uint256 expected, uint256 got) private pure returns (bytes memory) {
        return abi.encodeWithSelector(HeaderArchive.WrongHashCount.selector, expected, got);
    }

    // ------------------------------------------------------------------ what is kept

    /// @dev At and around every end of a node.
    function test_ends() public {
        checkState();
        uint256[11] memory stops = [uint256(1), 2, 63, 64, 65, 128, 129, 4095, 4096, 4097, 4160];
        for (uint256 i = 0; i < stops.length; ++i) {
            archive.append(stops[i] - archive.count());
            checkState();
            check(1);
            check(stops[i]);
            check(stops[i] / 2 + 1 > stops[i] ? stops[i] : stops[i] / 2 + 1);
        }
        assertEq(ArchivePath.build(headers(), 1).length, NODE + NODE + 1, "three levels");
        assertEq(ArchivePath.build(headers(), 4097).length, NODE + 1, "a complete node in one that is not");
    }

    /// forge-config: default.fuzz.runs = 48
    function testFuzz_anyBatchOfAnyNumber(uint256 batches, uint256 which) public {
        archive.append(1 + batches % 300);
        checkState();
        check(1 + which % archive.count());
    }

    /// @dev The highest level has no end: two nodes of level 1 and more.
    function test_theHighestLevelGoesOn() public {
        archive.append(2 * ABOVE + 70);
        checkState();
        check(1);
        check(ABOVE);
        check(ABOVE + 1);
        check(2 * ABOVE);
        check(2 * ABOVE + 1);
        check(2 * ABOVE + 70);
        assertEq(ArchivePath.build(headers(), 1).length, NODE + NODE + 2, "one more");
    }

    // ------------------------------------------------------------------ forgeries

    /// @dev Any other word anywhere in a path, at each level.
    function test_everyWord() public {
        archive.append(ABOVE + 3);
        bytes32[] memory path = ArchivePath.build(headers(), 70);
        assertEq(path.length, 129, "three levels");
        for (uint256 i = 0; i < path.length; ++i) {
            bytes32 good = path[i];
            path[i] = bytes32(uint256(good) ^ 1);
            refuseNode(70, path);
            path[i] = good;
        }
        assertEq(archive.read(70, path), archive.hashOf(70), "the path itself");
    }

    /// @dev The error names the level, what is there and what the hashes lead to.
    function test_theErrorNamesTheNode() public {
        archive.append(70);
        bytes32[] memory path = ArchivePath.build(headers(), 67);
        bytes32 good = archive.newest()[0];
        path[5] = keccak256("another");
        bytes32 got;
        for (uint256 i = 0; i < path.length; ++i) {
            got = keccak256(abi.encode(got, path[i]));
        }
        refuse(67, path, abi.encodeWithSelector(HeaderArchive.WrongNode.selector, 0, good, got));
    }

    /// @dev The right hashes in another order: the hash that would be stored is another batch's.
    function test_order() public {
        archive.append(70);
        bytes32[] memory path = ArchivePath.build(headers(), 10);
        (path[9], path[10]) = (path[10], path[9]);
        refuseNode(10, path);
        path = ArchivePath.build(headers(), 67); // of the node that is not complete
        (path[0], path[2]) = (path[2], path[0]);
        refuseNode(67, path);
    }

    function test_shortLongAndEmpty() public {
        archive.append(70);
        bytes32[] memory path = ArchivePath.build(headers(), 10); // 64 headers, 1 node
        refuse(10, new bytes32[](0), count(64, 0));
        refuse(10, ArchivePath.slice(path, 0, 63), count(64, 63));
        refuse(10, ArchivePath.slice(path, 0, 64), count(65, 64));
        refuse(10, ArchivePath.concat(path, new bytes32[](1)), count(65, 66));
        path = ArchivePath.build(headers(), 67); // 6 headers
        refuse(67, ArchivePath.slice(path, 0, 5), count(6, 5));
        refuse(67, ArchivePath.concat(path, new bytes32[](1)), count(6, 7));
    }

    /// @dev A path of one node does not show a batch of another: neither in the same place, nor one level up or down.
    function test_pathOfAnotherNode() public {
        archive.append(3 * NODE + 3);
        bytes32[] memory path = ArchivePath.build(headers(), 10);
        refuseNode(10 + NODE, path);
        // The nodes of level 1 as if they were headers, of a batch whose node has as many.
        bytes32[] memory nodes = ArchivePath.slice(path, NODE, path.length);
        assertEq(nodes.length, 3, "nodes");
        refuseNode(3 * NODE + 1, nodes);
        refuse(10, nodes, count(64, 3));
    }

    /// @dev A path from before the node grew, or of a history that is longer: both are of another archive.
    function test_pathOfAnotherTime() public {
        archive.append(70);
        bytes32[] memory early = ArchivePath.build(headers(), 67);
        archive.append(1);
        refuse(67, early, count(7, 6));
        bytes32[] memory now_ = ArchivePath.build(headers(), 67);
        assertEq(archive.read(67, now_), archive.hashOf(67), "with the new one");
        archive.append(NODE - 7); // complete
        refuse(67, now_, count(64, 7));
        check(67);
    }
}
