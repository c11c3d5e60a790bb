// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Key checks on BabyJubJub: a x^2 + y^2 = 1 + d x^2 y^2, a = 168700, d = 168696, over the BN254 scalar field.
/// @notice Says which public keys are acceptable (docs/spec/hash.md). Signatures are verified in the circuit, not here.
library BabyJubJub {
    /// @notice The BN254 scalar field, r.
    uint256 internal constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 internal constant A = 168700;
    uint256 internal constant D = 168696;
    /// y coordinate, up to sign, of the four points of order 8.
    uint256 private constant ORDER8_Y = 4826523245007015323400664741523384119579596407052839571721035538011798951543;

    /// @notice Whether (x, y) is canonical, on the curve, and 8 (x, y) is not the identity.
    /// @dev The curve has order 8 l with l prime and its 8-torsion is these eight points: (0, 1) of order 1,
    /// (0, -1) of order 2, (+-c, 0) of order 4, (+-b, +-ORDER8_Y) of order 8. So on the curve "8A is the identity"
    /// is the same as x = 0, y = 0 or y = +-ORDER8_Y; the tests compare with three doublings.
    function isKey(uint256 x, uint256 y) internal pure returns (bool) {
        if (x >= R || y >= R) return false;
        uint256 x2 = mulmod(x, x, R);
        uint256 y2 = mulmod(y, y, R);
        uint256 left = addmod(mulmod(A, x2, R), y2, R);
        uint256 right = addmod(1, mulmod(D, mulmod(x2, y2, R), R), R);
        if (left != right) return false;
        return x != 0 && y != 0 && y != ORDER8_Y && y != R - ORDER8_Y;
    }
}
