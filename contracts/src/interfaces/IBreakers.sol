// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title What the rollup asks before a claim is paid and, while it is guarded, before a deposit is taken. No breaker
/// ever refuses a claim: it waits.
/// @notice The rollup bounds every delay, asks nothing in escape, and never asks for commit, finalise, forced exits,
/// escape, refunds or pending balances.
interface IBreakers {
    /// @notice The guardian paused what `scope` names (1 deposits, 2 claims, 3 both) until a time.
    event Paused(uint8 scope, uint256 until);
    /// @notice The guardian ended its pause early.
    event Unpaused();
    /// @notice The rollup holds less of a token than it owes, or (tripped false) holds enough of it again.
    event BalanceTripped(address indexed token, bool tripped, uint256 balance, uint256 owed);
    /// @notice Two proofs contradict each other on one stored batch: deposits and claims pause until a time.
    event ProofTripped(uint256 indexed batchId, bytes32 otherRoot, uint256 until);
    /// @notice Share of a token that leaves within one window, in hundredths of a percent; `set` false: the default.
    event ShareChanged(address indexed token, bool set, uint256 share);
    event GuardianOffered(address indexed guardian);
    event GuardianChanged(address indexed guardian);

    /// @notice Only the rollup calls this.
    error NotRollup(address expected, address got);
    error NotGuardian(address expected, address got);
    /// @notice Only the governor calls this, after its delay.
    error NotGovernor(address expected, address got);
    /// @notice A constructor argument or a value to be set is out of its bounds.
    error BadSetting(uint256 which, uint256 bound, uint256 got);
    /// @notice The last pause began less than 30 days ago: the next may begin at `earliest`.
    error PauseTooSoon(uint256 earliest, uint256 got);
    /// @notice The scope of a pause is 1, 2 or 3.
    error UnknownScope(uint256 got);
    /// @notice Whether the token is tripped is what it is already.
    error NothingToTrip(address token, uint256 balance, uint256 owed);
    /// @notice The token's balance is asked with a fixed amount of gas, which this call could not give.
    error GasTooLow(uint256 expected, uint256 got);
    /// @notice The first header is not the stored one of its batch. `expected` 0: none is, or it has to be restored first
    /// (IRollup.restoreHeader).
    error WrongHeader(bytes32 expected, bytes32 got);
    /// @notice The second header differs in more than root and id root, or not in the root.
    error HeadersNotOpposed(uint256 batchId);
    /// @notice One of the two proofs (0 or 1) does not hold.
    error NoProof(uint256 which);
    error AlreadyTripped(uint256 batchId);
    /// @notice A pause is still in force.
    error StillGuarded();

    /// @notice Called by the rollup for a withdrawal of a finalised batch: seconds it has to wait, 0 to be paid at once.
    /// An amount that is paid sooner than in three days is taken from the token's bucket.
    function admit(address token, uint256 amount) external returns (uint256 delay);

    /// @notice Whether deposits of a token are taken now.
    function depositsOpen(address token) external view returns (bool);

    /// @notice The guardian pauses deposits (1), claims (2) or both (3) for 72 hours; at most once in 30 days.
    function pause(uint8 scope) external;

    /// @notice The guardian ends its pause early. The 30 days go on.
    function unpause() external;

    /// @notice Closes a token of which the rollup holds less than it owes, or opens one it holds enough of again: its
    /// deposits are refused, its claims wait three days. Anyone may call.
    function tripBalance(address token) external;

    /// @notice Pauses deposits and claims for 72 hours on a proof that the verifier is broken. Anyone may call.
    /// @param proofA abi.encode(header, snark) of a committed batch, proofB the same with another root (and any id root)
    function tripProof(bytes calldata proofA, bytes calldata proofB) external;

    /// @notice Once no pause of deposits is in force, the rollup need not ask before them any more. Anyone may call.
    function rest() external;

    /// @notice The guardian names its successor, who has to accept.
    function offerGuardian(address successor) external;
    function acceptGuardian() external;

    /// @notice The governor replaces the guardian.
    function setGuardian(address guardian) external;
    /// @notice The governor sets a token's share (`set` false: back to the default).
    function setShare(address token, bool set, uint16 share) external;

    /// @notice The rollup this watches.
    function rollup() external view returns (address);
    function governor() external view returns (address);
    function guardian() external view returns (address);
    /// @notice Account that the guardian offers its role to, or zero.
    function offeredTo() external view returns (address);
    /// @notice Ends of the pauses of deposits and of claims, and the time of the guardian's last pause.
    function pauses() external view returns (uint64 depositsUntil, uint64 claimsUntil, uint64 lastPause);
    /// @notice Whether the rollup held less of a token than it owed when last asked.
    function isTripped(address token) external view returns (bool);
    /// @notice What of a token can be claimed at once now.
    function available(address token) external view returns (uint256);
    /// @notice Seconds in which an emptied bucket fills again.
    function window() external view returns (uint256);
    /// @notice A token's share of what the rollup owes, in hundredths of a percent.
    function shareOf(address token) external view returns (uint256);
}

/// @title What the breakers may do to the rollup: ask to be asked.
interface IGuarded {
    /// @notice Only the contract of breakers calls this.
    error NotBreakers(address expected, address got);

    /// @notice Says whether a pause is in force, so that deposits ask for it.
    function setGuarded(bool guarded) external;

    /// @notice Says whether a token is tripped, so that its deposits ask for it, and no others.
    function setTokenGuarded(address token, bool guarded) external;
}
