// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IDisputable} from "../../contracts/src/interfaces/IBonds.sol";
import {IBridge} from "../../contracts/src/interfaces/IBridge.sol";
import {IExits} from "../../contracts/src/interfaces/IExits.sol";
import {IGoverned} from "../../contracts/src/interfaces/IGoverned.sol";
import {IGuarded} from "../../contracts/src/interfaces/IBreakers.sol";
import {IL2Bridge} from "../../contracts/src/interfaces/IL2Bridge.sol";
import {IRollup} from "../../contracts/src/interfaces/IRollup.sol";

/// @title All that the rollup offers, and what RollupHarness.sol adds for tests.
interface IRollupHarness is IL2Bridge, IBridge, IRollup, IExits, IDisputable, IGuarded, IGoverned {
    /// @dev A state that a proven batch would have led to.
    function setRoot(bytes32 root) external;
    /// @dev An entry that no request made.
    function enqueue(bytes32 requestHash) external returns (uint256);
}
