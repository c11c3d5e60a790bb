// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title What the rollup asks before a deposit and before a claim is paid. No breaker ever refuses a claim: it waits.
/// @notice The rollup bounds every delay, asks nothing in escape, and never asks for commit, finalise, forced exits,
/// escape, refunds or pending balances.
interface IBreakers {
    /// @notice Only the rollup calls this.
    error NotRollup(address expected, address got);

    /// @notice Called by the rollup for a withdrawal of a finalised batch: seconds it has to wait, 0 to be paid at once.
    /// An amount that is to be paid at once is taken from the token's bucket.
    function admit(address token, uint256 amount) external returns (uint256 delay);

    /// @notice Whether deposits of a token are taken now.
    function depositsOpen(address token) external view returns (bool);

    /// @notice The rollup this watches.
    function rollup() external view returns (address);
}
