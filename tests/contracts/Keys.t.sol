// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {BabyJubJub} from "../../contracts/src/libraries/BabyJubJub.sol";
import {Test} from "./Test.sol";

/// @title Key acceptance against the definition: on the curve, and three doublings do not give the identity.
contract KeysTest is Test {
    uint256 private constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 private constant BX = 5299619240641551281634865583518297030282874472190772894086521144482721001553;
    uint256 private constant BY = 16950150798460657717958625567821834550301663161624707787222815936182638968203;
    // Coordinates of the points of order 4 and 8.
    uint256 private constant X4 = 2957874849018779266517920829765869116077630550401372566248359756137677864698;
    uint256 private constant X8 = 4342719913949491028786768530115087822524712248835451589697801404893164183326;
    uint256 private constant Y8 = 4826523245007015323400664741523384119579596407052839571721035538011798951543;

    /// @dev Complete projective addition (Bernstein, Birkner, Joye, Lange, Peters 2008, section 6), a = 168700.
    function add(uint256[3] memory p, uint256[3] memory q) private pure returns (uint256[3] memory) {
        uint256 a = mulmod(p[2], q[2], R);
        uint256 b = mulmod(a, a, R);
        uint256 c = mulmod(p[0], q[0], R);
        uint256 d = mulmod(p[1], q[1], R);
        uint256 e = mulmod(168696, mulmod(c, d, R), R);
        uint256 f = addmod(b, R - e, R);
        uint256 g = addmod(b, e, R);
        uint256 cross = mulmod(addmod(p[0], p[1], R), addmod(q[0], q[1], R), R);
        cross = addmod(addmod(cross, R - c, R), R - d, R);
        return [
            mulmod(a, mulmod(f, cross, R), R),
            mulmod(a, mulmod(g, addmod(d, R - mulmod(168700, c, R), R), R), R),
            mulmod(f, g, R)
        ];
    }

    /// @dev The definition.
    function accepts(uint256 x, uint256 y) private pure returns (bool) {
        if (x >= R || y >= R) return false;
        uint256 x2 = mulmod(x, x, R);
        uint256 y2 = mulmod(y, y, R);
        if (addmod(mulmod(168700, x2, R), y2, R) != addmod(1, mulmod(168696, mulmod(x2, y2, R), R), R)) return false;
        uint256[3] memory p = [x, y, 1];
        for (uint256 i = 0; i < 3; ++i) {
            p = add(p, p);
        }
        return !(p[0] == 0 && p[1] == p[2]);
    }

    function check(uint256 x, uint256 y, bool expected) private pure {
        assertTrue(accepts(x, y) == expected, "definition");
        assertTrue(BabyJubJub.isKey(x, y) == expected, "isKey");
    }

    function test_smallOrder() public pure {
        check(0, 1, false);
        check(0, R - 1, false);
        check(X4, 0, false);
        check(R - X4, 0, false);
        check(X8, Y8, false);
        check(R - X8, Y8, false);
        check(X8, R - Y8, false);
        check(R - X8, R - Y8, false);
    }

    function test_basePointAndAliases() public pure {
        check(BX, BY, true);
        check(R - BX, BY, true);
        check(BX + R, BY, false);
        check(BX, BY + R, false);
        check(0, 0, false);
        check(BY, BX, false);
        check(type(uint256).max, type(uint256).max, false);
        check(R, 1, false);
    }

    function inverse(uint256 x) private view returns (uint256 y) {
        (, bytes memory out) = address(5).staticcall(abi.encode(32, 32, 32, x, R - 2, R));
        y = abi.decode(out, (uint256));
    }

    function toAffine(uint256[3] memory p) private view returns (uint256, uint256) {
        uint256 z = inverse(p[2]);
        return (mulmod(p[0], z, R), mulmod(p[1], z, R));
    }

    /// @dev k B8, and k B8 plus each small point: the latter is accepted too (8A is not the identity) unless k is 0.
    function testFuzz_multiples(uint64 k, uint8 which) public view {
        uint256[3] memory sum = [uint256(0), 1, 1];
        uint256[3] memory power = [BX, BY, 1];
        for (uint256 bits = k; bits != 0; bits >>= 1) {
            if (bits & 1 == 1) sum = add(sum, power);
            power = add(power, power);
        }
        uint256[3] memory torsion = [uint256(0), 1, 1];
        for (uint256 i = 0; i < which % 8; ++i) {
            torsion = add(torsion, [X8, Y8, 1]);
        }
        (uint256 x, uint256 y) = toAffine(add(sum, torsion));
        check(x, y, k != 0);
        check(x, addmod(y, 1, R), accepts(x, addmod(y, 1, R)));
    }

    function testFuzz_random(uint256 x, uint256 y) public pure {
        check(x, y, accepts(x, y));
        check(x % R, y % R, accepts(x % R, y % R));
    }
}
