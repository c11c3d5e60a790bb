// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Vm} from "./Vm.sol";

/// @title The contracts that the package ships, byte for byte, compiled as `make contracts` compiles them.
/// @notice Where a test compiled its own, the compiler's profile of the test would decide their gas.
library Shipped {
    Vm private constant VM = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    /// @dev `arguments`: ABI encoding of the constructor's.
    function deploy(string memory name, bytes memory arguments) internal returns (address place) {
        string memory json = VM.readFile(string.concat("python/l2rollup/data/contracts/", name, ".json"));
        bytes memory init = bytes.concat(VM.parseJsonBytes(json, ".bytecode"), arguments);
        assembly ("memory-safe") {
            place := create(0, add(init, 32), mload(init))
        }
        require(place != address(0), string.concat("constructor of ", name));
    }

    function deploy(string memory name) internal returns (address) {
        return deploy(name, "");
    }
}
