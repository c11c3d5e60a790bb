// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IBreakers} from "./interfaces/IBreakers.sol";
import {IBridge} from "./interfaces/IBridge.sol";
import {IExits} from "./interfaces/IExits.sol";
import {IL2Bridge} from "./interfaces/IL2Bridge.sol";
import {BabyJubJub} from "./libraries/BabyJubJub.sol";
import {KeccakTree} from "./libraries/KeccakTree.sol";
import {Payout} from "./libraries/Payout.sol";
import {ProofCodec} from "./libraries/ProofCodec.sol";
import {OperationLibrary} from "./types/Operation.sol";

/// @title Value in and out: token registry, request queue, claims (docs/spec/bridge.md).
/// @notice Knows no batch beyond "finalised up to": what a batch is, and when it is final, is Rollup's.
/// @dev Each token has an account of what is escrowed: plus what arrived, minus what left. One hostile token can only ever
/// touch its own.
abstract contract Bridge is IL2Bridge, IBridge, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev A queued request: its hash; and 224 bits of the rolling hash after it with, in the low 32 bits, its L1 time
    /// in seconds since the deployment.
    struct Request {
        bytes32 requestHash;
        uint256 rolledAndTime;
    }

    /// @dev What a deposit reads of its token, in one slot: what is owed (credited minus paid, below 2^120), the token's
    /// index, whether its deposits have to ask the breakers, and whether it has an index, native ETH included: of what
    /// is listed the slot is never 0, so no deposit pays for a new one.
    struct Account {
        uint120 escrowed;
        uint16 index;
        bool isGuarded;
        bool isListed;
    }

    address internal constant NATIVE = address(0);
    /// Accounts and recipients below this are system addresses.
    uint160 internal constant RESERVED = 1 << 16;
    uint256 private constant MAX_TOKENS = 1 << 16;
    uint256 private constant ESCROW_LIMIT = 1 << 120;
    uint256 private constant MIN_TOKEN_FEE = 0.05 ether;
    uint256 private constant TIME_MASK = type(uint32).max;
    /// No breaker holds a claim for longer.
    uint256 private constant MAX_DELAY = 3 days;

    /// @inheritdoc IBridge
    address public immutable breakers;

    /// @inheritdoc IBridge
    uint256 public immutable tokenFee;
    /// @inheritdoc IBridge
    uint256 public tokenCount = 1;
    /// @inheritdoc IBridge
    mapping(uint256 index => address) public tokens;
    mapping(address token => Account) internal _accounts;
    /// @inheritdoc IBridge
    mapping(address token => mapping(address account => uint256)) public pending;
    mapping(uint256 index => Request) private _entries;
    uint256 internal immutable _deployedAt = block.timestamp;
    /// @inheritdoc IBridge
    mapping(uint256 batchId => bytes32) public withdrawalsRoot;
    /// @inheritdoc IBridge
    mapping(uint256 batchId => mapping(uint256 index => uint256)) public delayedUntil;
    /// @inheritdoc IBridge
    mapping(uint256 batchId => mapping(uint256 word => uint256)) public claimedBitmap;
    // One slot: every request reads the first three, finalizeBatch the first and the last two. 40 bits of seconds last
    // 34,000 years.
    uint40 internal _escapedAt;
    uint40 private _queueLength;
    bool internal _guarded;
    bool internal _challenged;
    address internal _verifier;

    /// @dev Closed from the moment escape opens.
    modifier whenOpen() {
        _checkOpen();
        _;
    }

    function _checkOpen() private view {
        if (_escapedAt != 0) revert IExits.EscapeOpen(_escapedAt);
    }

    /// @notice The fee is below the floor of 0.05 ETH.
    error TokenFeeTooLow(uint256 expected, uint256 got);

    constructor(uint256 tokenFee_, address breakers_) {
        if (tokenFee_ < MIN_TOKEN_FEE) revert TokenFeeTooLow(MIN_TOKEN_FEE, tokenFee_);
        (tokenFee, breakers) = (tokenFee_, breakers_);
        _accounts[NATIVE].isListed = true;
    }

    // ------------------------------------------------------------------ tokens

    /// @inheritdoc IBridge
    function registerToken(address token) external payable whenOpen returns (uint256 index) {
        if (msg.value != tokenFee) revert WrongFee(tokenFee, msg.value);
        if (token.code.length == 0 || token == address(this)) revert NotAToken(token);
        index = tokenIndex(token);
        if (index != 0) revert TokenAlreadyRegistered(token, index);
        index = tokenCount;
        if (index >= MAX_TOKENS) revert TooManyTokens(MAX_TOKENS);

        tokenCount = index + 1;
        tokens[index] = token;
        (_accounts[token].index, _accounts[token].isListed) = (uint16(index), true);
        emit TokenRegistered(index, token);

        // Whoever registers opens the token's bucket, so that its first claim costs what the next ones do. A breaker that
        // fails is no reason to refuse.
        try IBreakers(breakers).admit(token, 0) {} catch {}

        // Burned: paid to anybody, that somebody could take all 65535 indices for nothing.
        (bool burned,) = NATIVE.call{value: msg.value}("");
        if (!burned) revert EtherRefused(NATIVE, msg.value);
    }

    // ------------------------------------------------------------------ value in

    /// @inheritdoc IL2Bridge
    function deposit(address token, uint256 amount, address recipient) external nonReentrant whenOpen {
        uint256 index = tokenIndex(token);
        if (index == 0) revert UnknownToken(token);
        _checkDeposits(token);
        // What counts is what arrived, so the interaction comes first; the guard keeps every other move of value out.
        uint256 balanceBefore = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 balanceAfter = IERC20(token).balanceOf(address(this));
        if (balanceAfter < balanceBefore) revert NothingArrived(balanceBefore, balanceAfter);
        _queueDeposit(token, index, balanceAfter - balanceBefore, recipient);
    }

    /// @inheritdoc IBridge
    function depositETH(address recipient) external payable nonReentrant whenOpen {
        _checkDeposits(NATIVE);
        _queueDeposit(NATIVE, 0, msg.value, recipient);
    }

    /// @inheritdoc IBridge
    function registerKey(uint256 ax, uint256 ay) external whenOpen {
        if (!BabyJubJub.isKey(ax, ay)) revert KeyRefused(ax, ay);
        uint256 index = _enqueue(OperationLibrary.hashRegisterKey(msg.sender, ax, ay));
        emit KeyQueued(index, msg.sender, ax, ay);
    }

    function _checkDeposits(address token) private view {
        if (!_guarded && !_accounts[token].isGuarded) return;
        if (!IBreakers(breakers).depositsOpen(token)) revert DepositsPaused(token);
    }

    function _queueDeposit(address token, uint256 index, uint256 amount, address recipient) private {
        if (amount == 0) revert AmountZero();
        if (uint160(recipient) < RESERVED || recipient == address(this)) revert RecipientRefused(recipient);
        uint256 held = _accounts[token].escrowed;
        // held < 2^120 always, so the sum wraps only for an absurd amount, which the first test refuses.
        if (amount >= ESCROW_LIMIT || held + amount >= ESCROW_LIMIT) revert EscrowFull(token, ESCROW_LIMIT, amount);
        _accounts[token].escrowed = uint120(held + amount);
        uint256 position = _enqueue(OperationLibrary.hashDeposit(index, amount, recipient, msg.sender));
        emit DepositQueued(position, token, index, amount, recipient, msg.sender);
    }

    function _enqueue(bytes32 requestHash) internal returns (uint256 index) {
        index = _queueLength;
        bytes32 rolled = keccak256(abi.encode(queueHash(index), requestHash, blockhash(block.number - 1)));
        _entries[index] = Request(requestHash, (uint256(rolled) & ~TIME_MASK) | _age());
        _queueLength = uint40(index) + 1;
    }

    /// @dev Seconds since the deployment: 32 bits of them last 136 years.
    function _age() internal view returns (uint256) {
        return uint32(block.timestamp - _deployedAt);
    }

    /// @inheritdoc IBridge
    function tokenIndex(address token) public view returns (uint256) {
        return _accounts[token].index;
    }

    /// @inheritdoc IBridge
    function escrowed(address token) external view returns (uint256) {
        return _accounts[token].escrowed;
    }

    /// @inheritdoc IBridge
    function escapedAt() external view returns (uint64) {
        return _escapedAt;
    }

    /// @inheritdoc IBridge
    function queueLength() public view returns (uint256) {
        return _queueLength;
    }

    /// @inheritdoc IBridge
    function queueEntry(uint256 index) external view returns (bytes32 requestHash, bytes32 rollingHash, uint64 time) {
        time = index < _queueLength ? _timeOf(index) : 0;
        Request storage entry = _entries[index];
        return (entry.requestHash, bytes32(entry.rolledAndTime & ~TIME_MASK), time);
    }

    function _requestHash(uint256 index) internal view returns (bytes32) {
        return _entries[index].requestHash;
    }

    function _timeOf(uint256 index) internal view returns (uint64) {
        return uint64(_deployedAt + uint32(_entries[index].rolledAndTime));
    }

    /// @inheritdoc IBridge
    function queueHash(uint256 count) public view returns (bytes32) {
        return count == 0 ? bytes32(0) : bytes32(_entries[count - 1].rolledAndTime & ~TIME_MASK);
    }

    // ------------------------------------------------------------------ value out

    /// @inheritdoc IL2Bridge
    function initiateWithdrawal(bytes calldata proof, address token, uint256 amount, address recipient)
        external
        nonReentrant
    {
        (uint256 batchId, uint256 index, bytes32[] calldata path) = ProofCodec.decodeClaim(proof);
        uint256 newest = _lastFinalised();
        if (batchId > newest) revert NotFinalised(batchId, newest);
        _checkPath(batchId, index, path, _hashWithdrawal(batchId, index, token, amount, recipient));
        if (isClaimed(batchId, index)) revert AlreadyClaimed(batchId, index);
        if (_isHeld(batchId, index, token, amount)) {
            emit WithdrawalDelayed(batchId, index, token, amount, recipient, delayedUntil[batchId][index]);
            return;
        }
        claimedBitmap[batchId][index >> 8] |= 1 << (index & 255);
        if (_deliver(token, recipient, amount)) {
            emit WithdrawalPaid(batchId, index, token, amount, recipient);
        } else {
            emit WithdrawalPending(batchId, index, token, amount, recipient);
        }
    }

    /// @dev In escape nobody is asked and nothing waits. A breaker that fails holds a claim for as long as one that says
    /// so. A held claim may be made again before its time: what fits by then is paid, and no answer makes it wait longer.
    function _isHeld(uint256 batchId, uint256 index, address token, uint256 amount) private returns (bool) {
        uint256 until = delayedUntil[batchId][index];
        if (_escapedAt != 0 || (until != 0 && block.timestamp >= until)) return false;
        uint256 delay = MAX_DELAY;
        try IBreakers(breakers).admit(token, amount) returns (uint256 wanted) {
            if (wanted < delay) delay = wanted;
        } catch {}
        if (delay == 0) return false;
        if (until != 0) revert StillDelayed(until, block.timestamp);
        delayedUntil[batchId][index] = block.timestamp + delay;
        return true;
    }

    /// @dev Pushes a value that is owed; where that fails it stays here, owed as a pending balance. False then.
    function _deliver(address token, address recipient, uint256 amount) internal returns (bool pushed) {
        _spend(token, amount);
        pushed = _push(token, recipient, amount);
        if (!pushed) {
            _accounts[token].escrowed += uint120(amount);
            pending[token][recipient] += amount;
        }
    }

    /// @inheritdoc IBridge
    function withdrawPending(address token) external nonReentrant {
        _payPending(token, msg.sender);
    }

    /// @inheritdoc IBridge
    function withdrawPendingTo(address token, address to) external nonReentrant {
        if (uint160(to) < RESERVED || to == address(this)) revert RecipientRefused(to);
        _payPending(token, to);
    }

    /// @inheritdoc IBridge
    function isClaimed(uint256 batchId, uint256 index) public view returns (bool) {
        return (claimedBitmap[batchId][index >> 8] >> (index & 255)) & 1 == 1;
    }

    function _hashWithdrawal(uint256 batchId, uint256 index, address token, uint256 amount, address recipient)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(batchId, index, token, amount, recipient));
    }

    function _checkPath(uint256 batchId, uint256 index, bytes32[] calldata path, bytes32 leaf) private view {
        bytes32 root = withdrawalsRoot[batchId];
        bytes32 got = KeccakTree.computeRootOf(leaf, index, path);
        if (root == 0 || got != root || index >> path.length != 0) revert WrongPath(root, got);
    }

    function _spend(address token, uint256 amount) private {
        uint256 held = _accounts[token].escrowed;
        if (amount > held) revert EscrowExceeded(token, held, amount);
        _accounts[token].escrowed = uint120(held - amount);
    }

    function _push(address token, address recipient, uint256 amount) private returns (bool) {
        return token == NATIVE ? Payout.tryEther(recipient, amount) : Payout.tryToken(token, recipient, amount);
    }

    function _payPending(address token, address to) private {
        uint256 amount = pending[token][msg.sender];
        if (amount == 0) revert AmountZero();
        pending[token][msg.sender] = 0;
        _spend(token, amount);
        emit PendingPaid(token, msg.sender, to, amount);
        if (token == NATIVE) {
            (bool paid,) = to.call{value: amount}("");
            if (!paid) revert EtherRefused(to, amount);
        } else {
            IERC20(token).safeTransfer(to, amount);
        }
    }

    /// @dev Newest finalised batch.
    function _lastFinalised() internal view virtual returns (uint256);
}
