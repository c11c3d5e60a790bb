// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title The calls every user of an l2rollup can rely on, under fixed signatures and at one address.
/// @notice What else the contract offers is in IBridge and IRollup. `token` 0 is native ETH.
interface IL2Bridge {
    /// @notice Takes up to `amount` of a registered ERC-20 from the caller (approved before) and queues a credit of
    /// what arrived for `recipient` on L2. ETH goes through IBridge.depositETH.
    /// @dev Emits DepositQueued. Recipients below 2^16 and the rollup itself are refused.
    function deposit(address token, uint256 amount, address recipient) external;

    /// @notice Pays a withdrawal of a finalised batch, once. Anyone may call; the value goes to `recipient`.
    /// @dev Emits WithdrawalPaid, or WithdrawalPending where the push failed (see IBridge.withdrawPending).
    /// @param proof abi.encode(uint256 batchId, uint256 index, bytes32[] path), siblings from the leaf upwards
    function initiateWithdrawal(bytes calldata proof, address token, uint256 amount, address recipient) external;

    /// @notice In escape, pays an account's whole balance of a token under the last proven root to its owner, once.
    /// Anyone may call.
    /// @dev Emits IExits.Escaped; a failed push becomes a pending balance.
    /// @param accountProof a Merkle path (version byte 0; docs/spec/bridge.md)
    function forceExit(bytes calldata accountProof, address token) external;

    /// @notice Whether a stored, finalised batch proves exactly this root. Malformed input reverts. A batch that 256
    /// others came after is stored once somebody has restored its header (IRollup.restoreHeader).
    /// @param proof abi.encode(BatchHeader header, bytes snark); the snark is verified again
    function verifyStateCommitment(bytes32 stateRoot, bytes calldata proof) external view returns (bool);

    /// @notice Finalises the oldest batch that is not final, if the proof holds for its stored header. Anyone may call.
    /// @dev Emits BatchFinalized.
    /// @param proof abi.encode(BatchHeader header, bytes snark)
    function finalizeBatch(uint256 batchId, bytes32 newStateRoot, bytes calldata proof) external;
}
