// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AccountBalance, IAccountReader} from "../interfaces/IAccountReader.sol";
import {Poseidon2} from "../libraries/generated/Poseidon2.sol";

/// @title Account proofs by Merkle path in the EVM (docs/spec/bridge.md, Account proofs). Stateless.
/// @notice A version byte 0, the leaf index (4 bytes), then words of 32 bytes: address + 2^160 scheme, next address,
/// A.x, A.y, dynamic, balances root, storage root, and 16 times the three siblings from the leaf upwards; for a token
/// its balance and 8 times three siblings in the balance tree. Every word is below the field's order.
/// @dev Twin of rust/core/src/state/proof.rs.
contract AccountReader is IAccountReader {
    uint256 private constant LEAF = 5;
    uint256 private constant SIBLINGS = LEAF + 7 * 32;
    uint256 private constant BALANCE = SIBLINGS + 16 * 96;
    uint256 private constant BALANCE_SIBLINGS = BALANCE + 32;
    uint256 private constant END = BALANCE_SIBLINGS + 8 * 96;

    /// @inheritdoc IAccountReader
    function readBalance(bytes calldata proof, uint256 tokenIndex, uint256 root)
        external
        pure
        returns (address owner, uint256 index, uint256 amount)
    {
        _checkForm(proof, tokenIndex == 0 ? BALANCE : END);
        owner = address(uint160(_word(proof, LEAF)));
        index = uint32(bytes4(proof[1:5]));
        uint256 got = _climb(proof, SIBLINGS, 16, index, _hashLeaf(proof));
        if (got != root) revert AccountProofRejected(root, got);
        if (tokenIndex == 0) return (owner, index, uint128(_word(proof, LEAF + 128)));
        amount = _word(proof, BALANCE);
        uint256 expected = _word(proof, LEAF + 160);
        got = _climb(proof, BALANCE_SIBLINGS, 8, tokenIndex, Poseidon2.hashValue(amount));
        if (got != expected) revert AccountProofRejected(expected, got);
    }

    /// @inheritdoc IAccountReader
    function readBalances(bytes calldata proof, uint256) external pure returns (AccountBalance[] memory) {
        // A path is one account's, and does not say of which token.
        revert AccountProofMalformed(0, 1, proof.length == 0 ? 0 : uint8(proof[0]));
    }

    function _checkForm(bytes calldata proof, uint256 length) private pure {
        if (proof.length != length) revert AccountProofMalformed(proof.length, length, proof.length);
        if (proof[0] != 0) revert AccountProofMalformed(0, 0, uint8(proof[0]));
        for (uint256 place = LEAF; place < length; place += 32) {
            uint256 word = _word(proof, place);
            if (word >= Poseidon2.R) revert AccountProofMalformed(place, Poseidon2.R - 1, word);
        }
    }

    function _hashLeaf(bytes calldata proof) private pure returns (uint256) {
        uint256 identity = Poseidon2.hashAccount(
            _word(proof, LEAF), _word(proof, LEAF + 32), _word(proof, LEAF + 64), _word(proof, LEAF + 96)
        );
        return Poseidon2.hashAccount(
            identity, _word(proof, LEAF + 128), _word(proof, LEAF + 160), _word(proof, LEAF + 192)
        );
    }

    /// @dev Root above the node at `position` of a level that is `depth` below it.
    function _climb(bytes calldata proof, uint256 place, uint256 depth, uint256 position, uint256 node)
        private
        pure
        returns (uint256)
    {
        for (uint256 end = place + depth * 96; place < end; place += 96) {
            (uint256 a, uint256 b, uint256 c) = (_word(proof, place), _word(proof, place + 32), _word(proof, place + 64));
            uint256 digit = position & 3;
            position >>= 2;
            if (digit == 0) node = Poseidon2.hashNode(node, a, b, c);
            else if (digit == 1) node = Poseidon2.hashNode(a, node, b, c);
            else if (digit == 2) node = Poseidon2.hashNode(a, b, node, c);
            else node = Poseidon2.hashNode(a, b, c, node);
        }
        return node;
    }

    /// @dev The caller has checked the length.
    function _word(bytes calldata proof, uint256 place) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(proof.offset, place))
        }
    }
}
