// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title The money and the role: the sequencer's bond, its unbonding, the handover to another key, what is owed.
/// @notice Everything that leaves does so as a pull payment, so no receiver can hold anything up. No value of users of
/// the rollup is ever here.
interface IBond {
    /// @notice Anyone added to the bond; `bond` counts from here on.
    event BondAdded(address indexed from, uint256 amount, uint256 bond);
    /// @notice `total` wei left the bond, are still slashable, and may be taken from `availableAt` on.
    event UnbondingStarted(address indexed owner, uint256 amount, uint256 total, uint64 availableAt);
    event UnbondingFinished(address indexed owner, uint256 amount);
    /// @notice The sequencer offered its role; zero takes the offer back.
    event SequencerOffered(address indexed from, address indexed to);
    /// @notice The role moved; signatures of the earlier sequencer count until `signaturesUntil`.
    event SequencerChanged(address indexed from, address indexed to, uint64 signaturesUntil);
    /// @notice Somebody is owed wei, to be taken with `withdraw`.
    event Credited(address indexed account, uint256 amount);
    event Withdrawn(address indexed account, address to, uint256 amount);
    event Burned(uint256 amount);

    /// @notice A constructor argument, or a member of the settings (from 2 on), cannot be used.
    error BadSetting(uint256 position, uint256 limit, uint256 got);
    /// @notice Not the sequencer, or not the one the role was offered to.
    error NotAllowed(address expected, address got);
    /// @notice The caller is not an account without code, which commits and signs.
    error NotAnAccount(address got);
    /// @notice The wei sent are not those that the call takes.
    error WrongValue(uint256 expected, uint256 got);
    error NothingToTake();
    /// @notice More than the bond has, or more than it can hold.
    error BondExceeded(uint256 limit, uint256 got);
    /// @notice Another owner's unbonding has to finish first.
    error UnbondingOfAnother(address owner);
    /// @notice The call works from `earliest` on.
    error TooEarly(uint256 earliest, uint256 got);
    /// @notice Nothing is taken out while a case, a filed receipt or a challenge is open.
    error DisputesOpen(uint256 cases, uint256 receipts, uint256 challenges);
    /// @notice The receiver did not take the wei.
    error PaymentRefused(address to, uint256 amount);

    /// @notice Adds the wei sent to the bond. Anyone may call; they are the sequencer's from here on.
    function addBond() external payable;

    /// @notice Takes an amount out of the bond, to be paid to the sequencer after the delay. A further amount starts
    /// the delay again for all of it. Only the sequencer.
    function startUnbonding(uint256 amount) external;

    /// @notice Credits what was unbonded to the sequencer that started it. Anyone may call, after the delay, while no
    /// dispute is open.
    function finishUnbonding() external;

    /// @notice Offers the role to another account. Only the sequencer.
    function offerSequencer(address to) external;

    /// @notice Takes the role that was offered to the caller, and with it the bond and what earlier keys signed.
    function acceptSequencer() external;

    /// @notice Sends what the caller is owed to an address of its choice.
    function withdraw(address to) external;

    /// @notice The bond in wei, without what is in unbonding.
    function bondOf() external view returns (uint256);

    /// @notice Who is paid, how much, and from when on.
    function unbonding() external view returns (address owner, uint256 amount, uint256 availableAt);

    /// @notice Wei that an account may withdraw.
    function owed(address account) external view returns (uint256);

    /// @notice Account that the role is offered to, or zero.
    function offeredTo() external view returns (address);

    /// @notice Whether a signature of this account counts: the sequencer's, and an earlier one's for a while.
    function isSigner(address account) external view returns (bool);

    /// @notice Open cases, filed receipts without answer, and challenges.
    function disputes() external view returns (uint256 cases, uint256 receipts, uint256 challenges);
}
