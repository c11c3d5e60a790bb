// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

// Operation records, five words of 30 bytes (docs/spec/data.md): reading from calldata, and building the two kinds
// that L1 requests produce. Decides nothing: which record is allowed where is Rollup's business.
// Twin of python/l2rollup/bridge/records.py.

/// @notice A record in calldata; the value is its byte offset.
type Operation is uint256;

using OperationLibrary for Operation global;

library OperationLibrary {
    uint256 internal constant WORD_BYTES = 30;
    uint256 internal constant RECORD_BYTES = 150;

    uint256 internal constant WITHDRAW = 2;
    uint256 internal constant SET_KEY = 3;
    uint256 internal constant DEPOSIT = 5;
    uint256 internal constant REGISTER_KEY = 6;
    uint256 internal constant FORCED_EXIT = 7;
    uint256 internal constant ROTATE_KEY = 9;

    uint256 private constant HALF_BITS = 136;
    uint256 private constant LOW_HALF = (1 << HALF_BITS) - 1;
    uint256 private constant HIGH_HALF = (1 << 120) - 1;
    /// Byte position and length of `amount` inside a record.
    uint256 private constant AMOUNT_AT = 13;
    uint256 private constant AMOUNT_BYTES = 16;

    /// @notice The record at `position` of a stream whose length the caller has checked.
    function locate(bytes calldata stream, uint256 position) internal pure returns (Operation operation) {
        assembly ("memory-safe") {
            operation := add(stream.offset, mul(position, RECORD_BYTES))
        }
    }

    /// @notice Word `i` of the record, 240 bits.
    function word(Operation self, uint256 i) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(16, calldataload(add(self, mul(i, WORD_BYTES))))
        }
    }

    function kind(Operation self) internal pure returns (uint256) {
        return self.word(0) >> 232;
    }

    function token(Operation self) internal pure returns (uint256) {
        return (self.word(0) >> 216) & 0xffff;
    }

    function nonce(Operation self) internal pure returns (uint64) {
        return uint64((self.word(0) >> 136) & 0xffffffffffff);
    }

    function amount(Operation self) internal pure returns (uint256) {
        return uint128(self.word(0) >> 8);
    }

    /// @notice The account the record is about: sender, owner or credited account.
    function account(Operation self) internal pure returns (address) {
        return address(uint160(self.word(1)));
    }

    /// @notice L1 recipient, or the depositor of a deposit.
    function recipient(Operation self) internal pure returns (address) {
        return address(uint160(self.word(2)));
    }

    /// @notice The key of a set_key, rotate_key or register_key record; each coordinate is 256 bits and not yet checked.
    function key(Operation self) internal pure returns (uint256 ax, uint256 ay) {
        uint256 high = self.word(2);
        ax = ((high >> 120) << HALF_BITS) | self.word(3);
        ay = ((high & HIGH_HALF) << HALF_BITS) | self.word(4);
    }

    /// @notice Whether every field that a withdraw record does not have is zero.
    function isWithdrawShape(Operation self) internal pure returns (bool) {
        return uint8(self.word(0)) == 0 && uint64(self.word(1) >> 160) == 0
            && ((self.word(2) >> 160) | self.word(3) | self.word(4)) == 0;
    }

    /// @notice Whether every field that a set_key record does not have is zero (token, amount, fee token included).
    function isSetKeyShape(Operation self) internal pure returns (bool) {
        return self.isRotateKeyShape() && (self.word(1) >> 224) == 0;
    }

    /// @notice The same of a rotate_key record, which pays a fee: its fee token is the circuit's business.
    function isRotateKeyShape(Operation self) internal pure returns (bool) {
        uint256 first = self.word(0);
        uint256 unused = ((first >> 216) & 0xffff) | uint136(first) | uint64(self.word(1) >> 160);
        return (unused | (self.word(3) >> HALF_BITS) | (self.word(4) >> HALF_BITS)) == 0;
    }

    /// @notice Hash under which the queue stored the request: keccak256(record), amount zeroed for a forced exit.
    function requestHash(Operation self) internal pure returns (bytes32 hash) {
        bool outcome = self.kind() == FORCED_EXIT;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            calldatacopy(buffer, self, RECORD_BYTES)
            if outcome { calldatacopy(add(buffer, AMOUNT_AT), calldatasize(), AMOUNT_BYTES) }
            hash := keccak256(buffer, RECORD_BYTES)
        }
    }

    /// @notice Request hash of a deposit. token < 2^16, value < 2^128.
    function hashDeposit(uint256 tokenIndex, uint256 value, address credited, address depositor)
        internal
        pure
        returns (bytes32)
    {
        uint256 first = (DEPOSIT << 232) | (tokenIndex << 216) | (value << 8);
        return _hash(first, uint160(credited), uint160(depositor), 0, 0);
    }

    /// @notice Request hash of a key registration. Coordinates below r.
    function hashRegisterKey(address owner, uint256 ax, uint256 ay) internal pure returns (bytes32) {
        uint256 high = ((ax >> HALF_BITS) << 120) | (ay >> HALF_BITS);
        return _hash(REGISTER_KEY << 232, uint160(owner), high, ax & LOW_HALF, ay & LOW_HALF);
    }

    /// @notice Request hash of a forced exit: the owner's whole balance of a token to the owner.
    function hashForcedExit(uint256 tokenIndex, address owner) internal pure returns (bytes32) {
        return _hash((FORCED_EXIT << 232) | (tokenIndex << 216), uint160(owner), uint160(owner), 0, 0);
    }

    function _hash(uint256 w0, uint256 w1, uint256 w2, uint256 w3, uint256 w4) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint240(w0), uint240(w1), uint240(w2), uint240(w3), uint240(w4)));
    }
}
