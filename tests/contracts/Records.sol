// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Builds operation records and chunk headers for tests, written from docs/spec/data.md and from nothing else.
library Records {
    function build(uint256 w0, uint256 w1, uint256 w2, uint256 w3, uint256 w4) internal pure returns (bytes memory) {
        return abi.encodePacked(
            bytes30(uint240(w0)), bytes30(uint240(w1)), bytes30(uint240(w2)), bytes30(uint240(w3)), bytes30(uint240(w4))
        );
    }

    function deposit(uint256 token, uint256 amount, address account, address depositor)
        internal
        pure
        returns (bytes memory)
    {
        return build(5 << 232 | token << 216 | amount << 8, uint160(account), uint160(depositor), 0, 0);
    }

    function registerKey(address account, uint256 ax, uint256 ay) internal pure returns (bytes memory) {
        return keyed(6 << 232, account, ax, ay);
    }

    function setKey(address account, uint256 index, uint256 nonce, uint256 ax, uint256 ay)
        internal
        pure
        returns (bytes memory)
    {
        return keyed(3 << 232 | index << 184 | nonce << 136, account, ax, ay);
    }

    function rotateKey(address account, uint256 index, uint256 nonce, uint256 feeToken, uint256 ax, uint256 ay)
        internal
        pure
        returns (bytes memory record)
    {
        record = keyed(9 << 232 | index << 184 | nonce << 136, account, ax, ay);
        record[30] = bytes1(uint8(feeToken >> 8));
        record[31] = bytes1(uint8(feeToken));
    }

    function keyed(uint256 w0, address account, uint256 ax, uint256 ay) internal pure returns (bytes memory) {
        uint256 low = (1 << 136) - 1;
        return build(w0, uint160(account), (ax >> 136) << 120 | ay >> 136, ax & low, ay & low);
    }

    function forcedExit(uint256 token, uint256 amount, address account) internal pure returns (bytes memory) {
        return build(7 << 232 | token << 216 | amount << 8, uint160(account), uint160(account), 0, 0);
    }

    function withdraw(
        uint256 token,
        uint256 index,
        uint256 nonce,
        uint256 amount,
        uint256 feeToken,
        address sender,
        address recipient
    ) internal pure returns (bytes memory) {
        return build(
            2 << 232 | token << 216 | index << 184 | nonce << 136 | amount << 8,
            feeToken << 224 | uint160(sender),
            uint160(recipient),
            0,
            0
        );
    }

    /// @dev Two words: version 1, time, fee account 1, native at price 7, `items`.
    function chunkHeader(uint256 version, uint256 time, uint256 items) internal pure returns (bytes memory) {
        return
            abi.encodePacked(
                bytes30(uint240(version << 224 | time << 160 | 1 << 128 | 7)), bytes30(uint240(items << 16))
            );
    }
}
