// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Pushes that cannot fail the caller.
/// @notice A push has a gas limit of its own, copies no return data beyond one word, and answers whether it worked. A
/// caller who supplies too little gas for the limit is refused, so nobody can make a push fail by starving it.
library Payout {
    /// @notice Gas handed to a recipient of ETH, and to a token.
    uint256 internal constant ETH_GAS = 50_000;
    uint256 internal constant TOKEN_GAS = 300_000;
    /// Call overhead (value stipend, new account) and the bookkeeping of a failed push.
    uint256 private constant RESERVE = 100_000;

    /// @notice The call does not carry enough gas for a fair push.
    error InsufficientGas(uint256 expected, uint256 got);

    /// @notice Sends ETH; false when the recipient refuses or runs out of its gas.
    function tryEther(address recipient, uint256 amount) internal returns (bool paid) {
        _checkGas(ETH_GAS);
        assembly ("memory-safe") {
            paid := call(ETH_GAS, recipient, amount, 0, 0, 0, 0)
        }
    }

    /// @notice Calls transfer(recipient, amount); false on revert, on any result that is not empty or true, and where
    /// there is no code.
    function tryToken(address token, address recipient, uint256 amount) internal returns (bool paid) {
        _checkGas(TOKEN_GAS);
        bytes memory data = abi.encodeWithSignature("transfer(address,uint256)", recipient, amount);
        assembly ("memory-safe") {
            mstore(0x00, 0)
            paid := call(TOKEN_GAS, token, 0, add(data, 0x20), mload(data), 0x00, 0x20)
            switch returndatasize()
            case 0 { paid := and(paid, iszero(iszero(extcodesize(token)))) }
            default { paid := and(paid, and(gt(returndatasize(), 31), eq(mload(0x00), 1))) }
        }
    }

    function _checkGas(uint256 limit) private view {
        uint256 expected = (limit * 64) / 63 + RESERVE;
        uint256 got = gasleft();
        if (got < expected) revert InsufficientGas(expected, got);
    }
}
