// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AccountBalance, IAccountReader} from "../interfaces/IAccountReader.sol";
import {IVerifier} from "./IVerifier.sol";

/// @title Account proofs of both versions: by Merkle path, and by a proof of the exit circuit for up to 32 balances
/// (docs/spec/bridge.md, Account proofs). Stateless.
/// @notice Version 1 is a byte 1, the number of balances (1 byte), for each its owner (20 bytes), account index (4),
/// token index (2) and amount (16), then the proof, of the smaller layout for one balance. What the proof is of are these values under the root that is asked
/// for; the layout of the public inputs is the circuit's (docs/spec/proof.md, Exit circuit).
contract ExitReader is IAccountReader {
    uint256 private constant SLOTS = 32;
    uint256 private constant BALANCES = 2;
    uint256 private constant BALANCE_BYTES = 42;

    /// @notice Reader of version 0.
    IAccountReader public immutable paths;
    /// @notice Verifier of the exit circuit for one balance, and for up to 32.
    IVerifier public immutable verifier;
    IVerifier public immutable sharedVerifier;

    /// @notice The proof does not hold for the balances it carries under this root.
    error ExitProofRejected(uint256 root);
    /// @notice A constructor argument has no code, or names no key.
    error BadReader(uint256 argument);

    constructor(address paths_, address verifier_, address sharedVerifier_) {
        if (paths_.code.length == 0) revert BadReader(0);
        if (verifier_.code.length == 0 || IVerifier(verifier_).vkDigest() == 0) revert BadReader(1);
        if (sharedVerifier_.code.length == 0 || IVerifier(sharedVerifier_).vkDigest() == 0) revert BadReader(2);
        paths = IAccountReader(paths_);
        (verifier, sharedVerifier) = (IVerifier(verifier_), IVerifier(sharedVerifier_));
    }

    /// @inheritdoc IAccountReader
    /// @dev Version 1 must carry one balance, of the token that is asked for.
    function readBalance(bytes calldata proof, uint256 tokenIndex, uint256 root)
        external
        view
        returns (address owner, uint256 index, uint256 amount)
    {
        if (proof.length == 0 || proof[0] != 0x01) return paths.readBalance(proof, tokenIndex, root);
        AccountBalance[] memory found = _readBalances(proof, root);
        if (found.length != 1) revert AccountProofMalformed(1, 1, found.length);
        AccountBalance memory one = found[0];
        if (one.tokenIndex != tokenIndex) revert AccountProofMalformed(BALANCES + 24, tokenIndex, one.tokenIndex);
        return (one.owner, one.index, one.amount);
    }

    /// @inheritdoc IAccountReader
    function readBalances(bytes calldata proof, uint256 root) external view returns (AccountBalance[] memory) {
        if (proof.length == 0 || proof[0] != 0x01) return paths.readBalances(proof, root);
        return _readBalances(proof, root);
    }

    function _readBalances(bytes calldata proof, uint256 root) private view returns (AccountBalance[] memory found) {
        uint256 count = proof.length < BALANCES ? 0 : uint8(proof[1]);
        if (count == 0 || count > SLOTS) revert AccountProofMalformed(1, SLOTS, count);
        uint256 end = BALANCES + count * BALANCE_BYTES;
        if (proof.length < end) revert AccountProofMalformed(proof.length, end, proof.length);
        // Root 0 is the mark of a slot that shows nothing.
        if (root == 0) revert ExitProofRejected(root);

        found = new AccountBalance[](count);
        uint256 slots = count == 1 ? 1 : SLOTS;
        uint256[] memory inputs = new uint256[](5 * slots);
        for (uint256 i = 0; i < count; ++i) {
            AccountBalance memory one = _read(proof, BALANCES + i * BALANCE_BYTES);
            found[i] = one;
            bool native = one.tokenIndex == 0;
            // Value in the balance tree; token, native bit and index; owner; native balance; root.
            if (!native) inputs[i] = one.amount;
            inputs[slots + i] = one.tokenIndex | (native ? 1 << 16 : 0) | (one.index << 17);
            inputs[2 * slots + i] = uint160(one.owner);
            if (native) inputs[3 * slots + i] = one.amount;
            inputs[4 * slots + i] = root;
        }
        IVerifier chosen = count == 1 ? verifier : sharedVerifier;
        if (!chosen.verify(proof[end:], inputs)) revert ExitProofRejected(root);
    }

    /// @dev The caller has checked the length.
    function _read(bytes calldata proof, uint256 place) private pure returns (AccountBalance memory one) {
        one.owner = address(bytes20(proof[place:place + 20]));
        one.index = uint32(bytes4(proof[place + 20:place + 24]));
        one.tokenIndex = uint16(bytes2(proof[place + 24:place + 26]));
        one.amount = uint128(bytes16(proof[place + 26:place + 42]));
    }
}
