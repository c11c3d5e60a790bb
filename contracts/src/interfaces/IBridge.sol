// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Tokens, the L1 request queue, and claims.
/// @notice Amounts are in the token's smallest unit; token 0 is native ETH with index 0; queue indices count from 0.
interface IBridge {
    /// @notice An ERC-20 got an index (1 .. 65535, in order).
    event TokenRegistered(uint256 indexed index, address indexed token);
    /// @notice A deposit entered the queue; `amount` is what arrived, `depositor` the refund address.
    event DepositQueued(
        uint256 indexed index,
        address indexed token,
        uint256 tokenIndex,
        uint256 amount,
        address indexed recipient,
        address depositor
    );
    /// @notice A key registration entered the queue.
    event KeyQueued(uint256 indexed index, address indexed account, uint256 ax, uint256 ay);
    /// @notice A withdrawal was claimed and its value sent.
    event WithdrawalPaid(
        uint256 indexed batchId, uint256 indexed index, address token, uint256 amount, address indexed recipient
    );
    /// @notice A withdrawal was claimed, the push failed, and the value waits for withdrawPending.
    event WithdrawalPending(
        uint256 indexed batchId, uint256 indexed index, address token, uint256 amount, address indexed recipient
    );
    /// @notice A breaker holds the claim until `until`, at most three days; the same call pays from then on, or before if
    /// the breaker admits it by then.
    event WithdrawalDelayed(
        uint256 indexed batchId,
        uint256 indexed index,
        address token,
        uint256 amount,
        address indexed recipient,
        uint256 until
    );
    /// @notice A pending balance was taken out.
    event PendingPaid(address indexed token, address indexed account, address to, uint256 amount);

    /// @notice registerToken was not paid the exact fee.
    error WrongFee(uint256 expected, uint256 got);
    /// @notice The address has no code, or is the rollup.
    error NotAToken(address token);
    error TokenAlreadyRegistered(address token, uint256 index);
    /// @notice All 65535 indices are taken.
    error TooManyTokens(uint256 limit);
    error UnknownToken(address token);
    /// @notice A recipient below 2^16 (zero included), or the rollup itself.
    error RecipientRefused(address recipient);
    /// @notice Nothing arrived, or nothing is there to take.
    error AmountZero();
    /// @notice The token took value away while it should have delivered some.
    error NothingArrived(uint256 balanceBefore, uint256 balanceAfter);
    /// @notice The rollup would hold 2^120 or more of the token.
    error EscrowFull(address token, uint256 limit, uint256 got);
    /// @notice More would be paid than was ever credited: the last line of defence, it must never fire.
    error EscrowExceeded(address token, uint256 escrowed, uint256 amount);
    /// @notice Coordinates not below r, off the curve, or of small order.
    error KeyRefused(uint256 ax, uint256 ay);
    /// @notice The batch is not finalised; `lastFinalised` is the newest that is.
    error NotFinalised(uint256 batchId, uint256 lastFinalised);
    /// @notice The path does not lead to the stored root, or the index does not fit the path.
    error WrongPath(bytes32 expected, bytes32 got);
    error AlreadyClaimed(uint256 batchId, uint256 index);
    /// @notice Deposits of the token are closed while a pause or a trip is in force.
    error DepositsPaused(address token);
    /// @notice A breaker holds this claim until a time; the same call pays from then on, at once in escape, and before
    /// as soon as the breaker admits it.
    error StillDelayed(uint256 until, uint256 got);
    /// @notice The recipient did not take the ETH.
    error EtherRefused(address recipient, uint256 amount);

    /// @notice Gives an ERC-20 the next index, for the exact fee, which is burned. Anyone may call.
    function registerToken(address token) external payable returns (uint256 index);

    /// @notice Queues a credit of the ETH sent for `recipient` on L2.
    function depositETH(address recipient) external payable;

    /// @notice Queues the caller's BabyJubJub key (a = 168700) for the caller's L2 account.
    function registerKey(uint256 ax, uint256 ay) external;

    /// @notice Sends the caller's whole pending balance of a token to the caller. Reverts when that fails.
    function withdrawPending(address token) external;

    /// @notice The same to another address, for callers that the token or their own code bars from receiving.
    function withdrawPendingTo(address token, address to) external;

    /// @notice Time at which escape was opened (IExits), 0 while it is closed.
    function escapedAt() external view returns (uint64);
    /// @notice Fee of registerToken in wei.
    function tokenFee() external view returns (uint256);
    /// @notice Indices in use, native ETH included.
    function tokenCount() external view returns (uint256);
    /// @notice Token at an index; zero address for index 0 and for unused ones.
    function tokens(uint256 index) external view returns (address);
    /// @notice Index of a token; 0 for ETH and for tokens not registered.
    function tokenIndex(address token) external view returns (uint256);
    /// @notice Credited minus paid: what the rollup owes in this token to queue, L2 balances and claims.
    function escrowed(address token) external view returns (uint256);
    /// @notice Value whose push failed.
    function pending(address token, address account) external view returns (uint256);

    /// @notice Number of requests ever queued.
    function queueLength() external view returns (uint256);
    /// @notice Request hash, rolling hash after it, and L1 time of request `index`; zeros when there is none.
    function queueEntry(uint256 index) external view returns (bytes32 requestHash, bytes32 rollingHash, uint64 time);
    /// @notice Rolling hash over the first `count` requests, 0 for 0: Q' = keccak256(Q, requestHash, parent block hash)
    /// with its last 32 bits zero.
    function queueHash(uint256 count) external view returns (bytes32);

    /// @notice Withdrawals root of a committed batch, 0 when it has none.
    function withdrawalsRoot(uint256 batchId) external view returns (bytes32);
    /// @notice Time until which a breaker holds a claim, at most three days from when it was first made; 0 if none does.
    function delayedUntil(uint256 batchId, uint256 index) external view returns (uint256);
    /// @notice Contract that is asked before a deposit and before a claim is paid (IBreakers).
    function breakers() external view returns (address);
    /// @notice Whether withdrawal `index` of a batch was claimed.
    function isClaimed(uint256 batchId, uint256 index) external view returns (bool);
    /// @notice Claim bits of withdrawals 256 * word .. 256 * word + 255.
    function claimedBitmap(uint256 batchId, uint256 word) external view returns (uint256);
}
