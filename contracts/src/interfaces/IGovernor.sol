// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title The timelock: everything that can ever be changed, by whom it is proposed, and when anyone may carry it out.
/// @notice Three things can: the verifier, the share of a token that leaves at once, the guardian. Custody, queue,
/// escape, exits and this delay cannot.
interface IGovernor {
    /// @notice What a proposal changes: 1 the verifier, 2 a token's share, 3 the guardian.
    enum Action {
        None,
        Verifier,
        Share,
        Guardian
    }

    /// @notice `subject`: the new verifier, the token, the new guardian. `share`: hundredths of a percent, 0 for the
    /// default. `codeHash`: of the new verifier when it was proposed.
    struct Proposal {
        Action action;
        address subject;
        uint16 share;
        uint64 readyAt;
        bytes32 codeHash;
    }

    event Proposed(uint256 indexed id, Action action, address indexed subject, uint256 share, uint256 readyAt);
    event Cancelled(uint256 indexed id);
    event Executed(uint256 indexed id);
    event OwnerOffered(address indexed owner);
    event OwnerChanged(address indexed owner);

    error NotOwner(address expected, address got);
    /// @notice A value that is proposed cannot be used.
    error BadProposal(address subject, uint256 share);
    /// @notice There is no open proposal of this number.
    error UnknownProposal(uint256 id);
    /// @notice The delay has not passed: it may be executed from `readyAt`.
    error NotReady(uint256 readyAt, uint256 got);
    /// @notice Nobody executed it in time.
    error Expired(uint256 expiredAt, uint256 got);
    /// @notice The code of the proposed verifier is not what it was.
    error CodeChanged(bytes32 expected, bytes32 got);
    /// @notice The owner gave up its role: what it had proposed is void.
    error Renounced();
    /// @notice Escape is open: nothing changes any more.
    error EscapeOpen(uint256 time);

    /// @notice Proposes another verifier. Owner only.
    function proposeVerifier(address verifier) external returns (uint256 id);
    /// @notice Proposes the share of a token that leaves at once; 0 for the default. Owner only.
    function proposeShare(address token, uint16 share) external returns (uint256 id);
    /// @notice Proposes another guardian; address 0: none. Owner only.
    function proposeGuardian(address guardian) external returns (uint256 id);
    /// @notice Withdraws a proposal. Owner only.
    function cancel(uint256 id) external;
    /// @notice Carries out a proposal whose delay has passed, within 14 days. Anyone may call, never in escape.
    function execute(uint256 id) external;
    /// @notice The owner names its successor, who has to accept.
    function offerOwner(address successor) external;
    function acceptOwner() external;
    /// @notice The owner gives up its role for ever: nothing can be proposed any more, and open proposals are void.
    function renounce() external;

    /// @notice The rollup this governs.
    function rollup() external view returns (address);
    function owner() external view returns (address);
    /// @notice Account that the owner offers its role to, or zero.
    function offeredTo() external view returns (address);
    /// @notice Seconds from proposal to execution: the rollup's forced deadline, a delay and a pause of three days
    /// each, and 30 days.
    function delay() external view returns (uint256);
    /// @notice Number of proposals ever; the first is 1.
    function proposalCount() external view returns (uint256);
    /// @notice A proposal that is open; all zero when it was executed or cancelled.
    function proposal(uint256 id) external view returns (Proposal memory);
}
