// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title The owner's EIP-712 signature on a new L2 key (docs/spec/transactions.md, "Wire form").
/// @notice Recovers and nothing else; the nonce is compared with the state by the circuit.
library SetKey {
    uint256 internal constant SIGNATURE_BYTES = 65;
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant STRUCT_TYPE = keccak256("SetKey(address account,uint256 ax,uint256 ay,uint64 nonce)");
    /// Half the order of secp256k1: a larger s is the malleable twin of a smaller one.
    uint256 private constant MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice EIP-712 domain separator of {"l2rollup", "1", chainId, rollup}.
    function computeSeparator(uint256 chainId, address rollup) internal pure returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPE, keccak256("l2rollup"), keccak256("1"), chainId, rollup));
    }

    /// @notice EIP-712 digest the owner signs.
    function computeDigest(bytes32 separator, address account, uint256 ax, uint256 ay, uint64 nonce)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encodePacked(hex"1901", separator, keccak256(abi.encode(STRUCT_TYPE, account, ax, ay, nonce)))
        );
    }

    /// @notice Signer of `digest` by signature `position` of `signatures` (r 32, s 32, v 1 each); 0 when it is not a
    /// signature, s is in the upper half, or v is neither 27 nor 28. The caller has checked the length.
    function recover(bytes32 digest, bytes calldata signatures, uint256 position) internal pure returns (address) {
        bytes calldata signature = signatures[position * SIGNATURE_BYTES:(position + 1) * SIGNATURE_BYTES];
        bytes32 s = bytes32(signature[32:64]);
        uint8 v = uint8(signature[64]);
        if (uint256(s) > MAX_S || (v != 27 && v != 28)) return address(0);
        return ecrecover(digest, v, bytes32(signature[:32]), s);
    }
}
