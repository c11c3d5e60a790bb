// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Opening, Receipt, ReceiptName} from "../types/Bond.sol";

/// @title Where forfeits go: 30 % burned, 20 % to who showed it, the rest to violated covers in order of block number.
interface ICases {
    /// @notice `total` wei were taken: `reward` to the reporter, `pot` for covers, the rest burned.
    event CaseOpened(
        uint256 indexed caseId, address indexed reporter, uint256 total, uint256 reward, uint256 pot, uint64 closesAt
    );
    /// @notice A cover was registered; what a strike needs is here.
    event CoverRegistered(
        uint256 indexed caseId,
        bytes32 indexed key,
        address indexed holder,
        uint64 number,
        bytes32 digest,
        uint256 sequence,
        bytes32 id,
        uint256 cover
    );
    event CoverStruck(uint256 indexed caseId, bytes32 indexed key, uint256 batchId, address striker);
    event CoverPaid(uint256 indexed caseId, bytes32 indexed key, address indexed holder, uint256 amount);
    /// @notice All registrations are served; what was left over is burned.
    event CaseClosed(uint256 indexed caseId, uint256 burned);

    error UnknownCase(uint256 caseId);
    /// @notice All of it is served.
    error CaseIsClosed(uint256 caseId);
    /// @notice Registration ended at `closesAt`.
    error ClaimsClosed(uint256 closesAt, uint256 got);
    error AlreadyRegistered(bytes32 key);
    /// @notice Not registered in this case, struck, or paid.
    error NotRegistered(bytes32 key);
    /// @notice The receipt was filed and shown to be honoured.
    error AlreadyHonoured(bytes32 key);
    /// @notice The registration to insert after is none of this case, or has a higher block number.
    error WrongPlace(bytes32 after_, uint256 number);

    /// @notice Registers the cover of a violated receipt for the caller: its includeBy has passed, it is not void.
    /// Costs filingBond, which comes back unless the registration is struck.
    /// @param after_ registration to insert after, as late as possible; 0 for the head of the list
    function registerCover(uint256 caseId, Receipt calldata receipt, bytes32 after_) external payable;

    /// @notice Removes a registration by showing that a finalised batch has the receipt's id at its place. Its
    /// filingBond goes to the caller.
    function strikeCover(uint256 caseId, ReceiptName calldata name, Opening calldata opening) external;

    /// @notice Serves the next `count` registrations in order, from openingWindow after the end of registration; burns
    /// what is left after the last. Anyone may call.
    function payCovers(uint256 caseId, uint256 count) external;

    /// @notice Number of cases ever opened; they are numbered from 1.
    function caseCount() external view returns (uint256);
    /// @notice Wei left for covers, end of registration, start of payment, and whether all is served.
    function caseOf(uint256 caseId)
        external
        view
        returns (uint256 pot, uint256 closesAt, uint256 payableAt, bool closed);
    /// @notice A registration: the next one, its holder (zero: none, struck or paid), block number and cover.
    function registration(uint256 caseId, bytes32 key)
        external
        view
        returns (bytes32 next, address holder, uint64 number, uint256 cover);
    /// @notice Wei of a receipt's cover that were paid in all cases.
    function coverPaid(bytes32 key) external view returns (uint256);
}
