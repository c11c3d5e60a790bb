// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {BatchHeader} from "../types/Batch.sol";
import {Opening, Receipt, ReceiptName, SignedHeader} from "../types/Bond.sol";

/// @title Offences that take the whole bond, unbonding included. Anyone may call any of these, in escape too.
interface ISlashing {
    /// @notice A sequencer signed two headers of one number.
    event Equivocation(uint64 indexed number, bytes32 first, bytes32 second, address indexed reporter);
    /// @notice A sequencer signed a root that a finalised batch contradicts.
    event RootContradicted(uint64 indexed number, bytes32 digest, uint256 batchId, address indexed reporter);
    /// @notice A receipt was filed: unless somebody opens it by `deadline`, the bond goes.
    event ReceiptFiled(
        bytes32 indexed key,
        address indexed filer,
        uint64 number,
        bytes32 digest,
        uint256 sequence,
        bytes32 id,
        uint256 cover,
        uint64 deadline
    );
    /// @notice A finalised batch has the receipt's id at its place.
    event ReceiptHonoured(bytes32 indexed key, uint256 batchId, address indexed answerer);
    /// @notice Nobody opened the receipt in time, or a finalised batch has another id at its place.
    event ReceiptViolated(bytes32 indexed key, address indexed filer);

    error DifferentNumbers(uint256 first, uint256 second);
    /// @notice Twice the same header is no offence.
    error SameHeader(bytes32 digest);
    /// @notice The header claims no batch, or another one than was shown.
    error NotItsBatch(uint256 expected, uint256 got);
    /// @notice The finalised batch has the root that was signed.
    error RootHolds(bytes32 root);
    /// @notice This offence has taken a bond before.
    error AlreadyPunished(bytes32 offence);
    /// @notice There is no bond.
    error NothingToSlash();
    error AlreadyFiled(bytes32 key);
    /// @notice The receipt is not filed, or its filing is settled.
    error NotFiled(bytes32 key);
    /// @notice The finalised batch has the id that was promised.
    error IdHolds(bytes32 id);

    /// @notice Two headers of one number with different digests, both signed, neither void. Once for each number.
    function slashEquivocation(SignedHeader calldata first, SignedHeader calldata second) external;

    /// @notice A signed header that is not void, and the finalised batch that it names, which has another root.
    function slashRoot(SignedHeader calldata signed, BatchHeader calldata batch) external;

    /// @notice Files a receipt whose includeBy has passed, for filingBond, which goes to who shows it honoured.
    function fileReceipt(Receipt calldata receipt) external payable;

    /// @notice Shows that a finalised batch has the receipt's id at its place. The filing bond goes to the caller.
    function answerReceipt(ReceiptName calldata name, Opening calldata opening) external;

    /// @notice Shows that a finalised batch has another id there, so that the filer need not wait.
    function contradictReceipt(ReceiptName calldata name, bytes32 id, Opening calldata opening) external;

    /// @notice Takes the bond for a receipt that nobody opened in time.
    function slashReceipt(bytes32 key) external;

    /// @notice Who filed a receipt, until when it can be answered, and how it stands: 0 not filed, 1 open, 2 honoured,
    /// 3 violated.
    function filing(bytes32 key) external view returns (address filer, uint64 deadline, uint8 state);
}
