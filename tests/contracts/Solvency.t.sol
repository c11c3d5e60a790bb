// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AccountBalance, IAccountReader} from "../../contracts/src/interfaces/IAccountReader.sol";
import {BatchHeader} from "../../contracts/src/types/Batch.sol";
import {BlacklistToken} from "../../contracts/test/HostileTokens.sol";
import {Records} from "./Records.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @dev Answers for the last proven state in place of Merkle paths: one account, alice's.
contract Book is IAccountReader {
    address private immutable _owner;
    mapping(uint256 tokenIndex => uint256) public balances;

    constructor(address owner) {
        _owner = owner;
    }

    function set(uint256 tokenIndex, uint256 value) external {
        balances[tokenIndex] = value;
    }

    function readBalance(bytes calldata, uint256 tokenIndex, uint256)
        external
        view
        returns (address owner, uint256 index, uint256 amount)
    {
        return (_owner, 1, balances[tokenIndex]);
    }

    /// @dev Both tokens of the account at once.
    function readBalances(bytes calldata, uint256) external view returns (AccountBalance[] memory found) {
        found = new AccountBalance[](2);
        // ETH, and the second token that the actor registers.
        found[0] = AccountBalance(_owner, 1, 0, balances[0]);
        found[1] = AccountBalance(_owner, 1, 2, balances[2]);
    }
}

/// @dev Random deposits, forced exits, batches (also taken back), claims (also repeated and held), breakers, usurpers,
/// blacklisting, pending payments, passing time, escape with its exits (alone and together) and refunds (also repeated),
/// with a ledger beside.
contract Actor is RollupFixture {
    struct Open {
        uint256 batchId;
        uint256 place;
        bytes32[] path;
        address asset;
        uint256 amount;
        address recipient;
    }

    struct Request {
        bool leaves;
        uint256 which;
        uint256 value;
    }

    address[2] private _assets;
    Book private _book;
    Open[] private _open;
    /// All requests ever, in the order of the queue, and how many a finalised batch has consumed.
    Request[] private _requests;
    uint256 private _consumed;
    /// What L2 holds under the last proven root, by asset.
    uint256[2] private _balances;
    uint256[2] public credited;
    uint256[2] public paid;
    uint256 public wrong;
    /// A withdrawal of a batch that was taken back.
    uint256 private _ghostBatch;
    uint256 private _ghostValue;
    /// Whether a breaker has closed deposits.
    bool private _closed;

    constructor() {
        super.setUp();
        _assets[1] = address(new BlacklistToken());
        rollup.registerToken{value: FEE}(_assets[1]);
        vm.deal(alice, 1e30);
    }

    /// @dev Nothing: the constructor has set up, and no history calls this.
    function setUp() public override {}

    function buildReader() internal override returns (IAccountReader) {
        _book = new Book(alice);
        return _book;
    }

    // ------------------------------------------------------------------ while the rollup lives

    function depositAny(uint256 which, uint96 amount) external {
        which %= 2;
        uint256 value = uint256(amount) + 1;
        if (rollup.escapedAt() != 0 || _closed) return refuseDeposit(value);
        if (which == 0) depositEther(value, alice);
        else depositToken(_assets[1], value, alice);
        _requests.push(Request(false, which, value));
        credited[which] += value;
    }

    function refuseDeposit(uint256 value) private {
        vm.prank(alice);
        try rollup.depositETH{value: value}(alice) {
            ++wrong; // taken in although escape is open, or a breaker has closed deposits
        } catch {}
    }

    function force(uint256 which) external {
        which %= 2;
        if (rollup.escapedAt() != 0) return;
        uint256 fee = rollup.forcedExitFee();
        vm.prank(alice);
        rollup.requestForcedExit{value: fee}(_assets[which]);
        _requests.push(Request(true, which, 0));
    }

    function batch(uint256 which, uint96 amount) external {
        if (rollup.escapedAt() != 0) return;
        which %= 2;
        uint256 entries = _requests.length - _consumed;
        if (entries > 12) entries = 12;
        bytes memory operations;
        Open[] memory owed = new Open[](entries + 1);
        uint256 count;
        for (uint256 i = 0; i < entries; ++i) {
            Request memory request = _requests[_consumed + i];
            uint256 index = rollup.tokenIndex(_assets[request.which]);
            if (request.leaves) {
                uint256 all = _balances[request.which];
                operations = bytes.concat(operations, Records.forcedExit(index, all, alice));
                _balances[request.which] = 0;
                if (all != 0) owed[count++] = entry(request.which, all, alice);
            } else {
                operations = bytes.concat(operations, Records.deposit(index, request.value, alice, alice));
                _balances[request.which] += request.value;
            }
        }
        uint256 value = uint256(amount) % (_balances[which] + 1);
        if (value != 0) {
            uint256 index = rollup.tokenIndex(_assets[which]);
            operations = bytes.concat(operations, Records.withdraw(index, 1, 0, value, 0, alice, bob));
            _balances[which] -= value;
            owed[count++] = entry(which, value, bob);
        }
        BatchHeader memory header = commitAndFinalize(operations, entries);
        _consumed += entries;
        keep(header.batchId, owed, count);
        for (uint256 i = 0; i < 2; ++i) _book.set(rollup.tokenIndex(_assets[i]), _balances[i]);
    }

    function entry(uint256 which, uint256 value, address recipient) private view returns (Open memory) {
        return Open(0, 0, new bytes32[](0), _assets[which], value, recipient);
    }

    /// @dev Notes what a finalised batch owes, with the paths of its claims.
    function keep(uint256 batchId, Open[] memory owed, uint256 count) private {
        bytes32[] memory leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            leaves[i] = leaf(batchId, i, owed[i].asset, owed[i].amount, owed[i].recipient);
        }
        for (uint256 i = 0; i < count; ++i) {
            (owed[i].batchId, owed[i].place, owed[i].path) = (batchId, i, pathOf(leaves, i));
            _open.push(owed[i]);
        }
    }

    /// @dev Siblings of a leaf, from the leaf upwards: zero leaves up to the next power of two.
    function pathOf(bytes32[] memory leaves, uint256 place) private pure returns (bytes32[] memory path) {
        uint256 height;
        while (1 << height < leaves.length) ++height;
        bytes32[] memory row = new bytes32[](1 << height);
        for (uint256 i = 0; i < leaves.length; ++i) row[i] = leaves[i];
        path = new bytes32[](height);
        for (uint256 level = 0; level < height; ++level) {
            path[level] = row[place ^ 1];
            for (uint256 i = 0; i < row.length >> (level + 1); ++i) {
                row[i] = keccak256(abi.encode(row[2 * i], row[2 * i + 1]));
            }
            place >>= 1;
        }
    }

    // ------------------------------------------------------------------ ways out

    function claim(uint256 which) external {
        if (_open.length == 0) return;
        Open memory owed = _open[which % _open.length];
        bool before = rollup.isClaimed(owed.batchId, owed.place);
        uint256 held = holdings(owed.asset);
        bytes memory proof = abi.encode(owed.batchId, owed.place, owed.path);
        try rollup.initiateWithdrawal(proof, owed.asset, owed.amount, owed.recipient) {
            if (before) ++wrong; // paid twice
            if (!rollup.isClaimed(owed.batchId, owed.place)) checkHeld(owed, held);
            pay(owed.asset, held);
        } catch {
            // an honest first claim must not fail, but wait for three days at most, and not in escape
            bool waits = rollup.delayedUntil(owed.batchId, owed.place) > block.timestamp && rollup.escapedAt() == 0;
            if (!before && !waits) ++wrong;
        }
    }

    function checkHeld(Open memory owed, uint256 held) private {
        uint256 until = rollup.delayedUntil(owed.batchId, owed.place);
        bool bounded = until > block.timestamp && until <= block.timestamp + 3 days;
        if (!bounded || rollup.escapedAt() != 0 || holdings(owed.asset) != held) ++wrong;
    }

    function takePending(bool ofAlice) external {
        uint256 held = holdings(_assets[1]);
        vm.prank(ofAlice ? alice : bob);
        try rollup.withdrawPending(_assets[1]) {
            pay(_assets[1], held);
        } catch {}
    }

    function leaveWith(uint256 which) external {
        which %= 2;
        uint256 index = rollup.tokenIndex(_assets[which]);
        bool may = rollup.escapedAt() != 0 && !rollup.isExited(1, index) && _balances[which] != 0;
        uint256 held = holdings(_assets[which]);
        try rollup.forceExit("", _assets[which]) {
            // twice, of nothing, while the rollup lives; or not noted, so that the next call pays from what others own
            if (!may || !rollup.isExited(1, index)) ++wrong;
            pay(_assets[which], held);
            _balances[which] = 0;
        } catch {
            if (may) ++wrong; // whoever has something leaves
        }
    }

    /// @dev Both balances by one proof: each leaves once, and one that has left does not hold up the other.
    function leaveTogether() external {
        uint256[2] memory held = [holdings(_assets[0]), holdings(_assets[1])];
        bool[2] memory may;
        for (uint256 i = 0; i < 2; ++i) {
            may[i] = _balances[i] != 0 && !rollup.isExited(1, rollup.tokenIndex(_assets[i]));
        }
        try rollup.forceExits("") {
            if (rollup.escapedAt() == 0) ++wrong;
            for (uint256 i = 0; i < 2; ++i) {
                pay(_assets[i], held[i]);
                if (!may[i]) continue;
                if (!rollup.isExited(1, rollup.tokenIndex(_assets[i]))) ++wrong;
                _balances[i] = 0;
            }
        } catch {
            if (rollup.escapedAt() != 0) ++wrong;
        }
    }

    /// @dev A batch that pays bob what nobody has, committed and never proven; taken back, it leaves nothing behind.
    function abandon(uint96 amount, bool again) external {
        if (rollup.escapedAt() != 0) return;
        uint256 last = rollup.lastFinalised();
        uint256 value = uint256(amount) + 1;
        commit(draft(Records.withdraw(0, 1, 0, value, 0, alice, bob), 0));
        if (again) commit(draft("", 0));
        vm.prank(address(companion));
        rollup.revertBatches();
        if (rollup.lastCommitted() != last || rollup.headerHash(last + 1) != 0) ++wrong;
        (_ghostBatch, _ghostValue) = (last + 1, value);
        haunt();
    }

    /// @dev Claims what a batch that was taken back would have paid, whatever batch has its number now.
    function haunt() public {
        if (_ghostBatch == 0) return;
        bytes memory proof = abi.encode(_ghostBatch, 0, new bytes32[](0));
        try rollup.initiateWithdrawal(proof, address(0), _ghostValue, bob) {
            ++wrong; // paid from a batch that nobody proved
        } catch {}
    }

    function refund(uint256 which) external {
        if (_requests.length == 0) return;
        // mostly of the newest, which are open
        which = which % 5 == 0 ? which % _requests.length : _requests.length - 1 - (which % 3) % _requests.length;
        Request memory request = _requests[which];
        bool may = rollup.escapedAt() != 0 && which >= _consumed && !request.leaves && !rollup.isRefunded(which);
        address asset = _assets[request.which];
        uint256 held = holdings(asset);
        try rollup.refundDeposit(which, asset, request.value, alice, alice) {
            if (!may || !rollup.isRefunded(which)) ++wrong; // twice, of a consumed one, while the rollup lives; or not noted
            pay(asset, held);
        } catch {
            if (may) ++wrong;
        }
    }

    // ------------------------------------------------------------------ circumstances

    function list(bool ofAlice, bool value) external {
        BlacklistToken(_assets[1]).list(ofAlice ? alice : bob, value);
        // a listed depositor could not deposit
        if (ofAlice) BlacklistToken(_assets[1]).list(alice, value && rollup.escapedAt() != 0);
    }

    /// @dev What the breakers say from here on: how long claims wait, whether they fail, whether deposits are closed.
    function breakers(uint32 delay, bool failing, bool closed) external {
        companion.set(delay % 3 == 0 ? delay : 0, failing && delay % 5 == 0);
        _closed = closed && delay % 7 == 0;
        for (uint256 i = 0; i < 2; ++i) companion.close(_assets[i], _closed);
        vm.prank(address(companion));
        rollup.setGuarded(_closed);
    }

    /// @dev No power is anybody's but its holder's.
    function usurp(uint8 which) external {
        bytes[7] memory calls = [
            abi.encodeCall(rollup.revertBatches, ()),
            abi.encodeCall(rollup.forgetSequencer, ()),
            abi.encodeCall(rollup.setTokenGuarded, (_assets[1], true)),
            abi.encodeCall(rollup.setChallenged, (true)),
            abi.encodeCall(rollup.setGuarded, (true)),
            abi.encodeCall(rollup.setVerifier, (address(companion))),
            abi.encodeCall(rollup.commitBatch, (draft("", 0).input, "", "", ""))
        ];
        vm.prank(bob, bob);
        (bool done,) = address(rollup).call(calls[which % 7]);
        if (done) ++wrong;
    }

    function wait(uint32 time) external {
        vm.warp(block.timestamp + time % 12 days);
    }

    function escape() external {
        bool due = block.timestamp >= rollup.escapeOpensAt() && rollup.escapedAt() == 0;
        try rollup.activateEscape() {
            if (!due) ++wrong;
        } catch {
            if (due) ++wrong;
        }
    }

    function pay(address asset, uint256 held) private {
        paid[asset == _assets[0] ? 0 : 1] += holdings(asset) - held;
    }

    function holdings(address asset) private view returns (uint256) {
        if (asset == address(0)) return alice.balance + bob.balance;
        return BlacklistToken(asset).balanceOf(alice) + BlacklistToken(asset).balanceOf(bob);
    }

    /// @dev By asset: deposits that nobody has consumed or refunded, and withdrawals that nobody has claimed.
    function outstanding(uint256 which) private view returns (uint256 sum) {
        for (uint256 i = _consumed; i < _requests.length; ++i) {
            if (_requests[i].which == which && !rollup.isRefunded(i)) sum += _requests[i].value;
        }
        for (uint256 i = 0; i < _open.length; ++i) {
            if (_open[i].asset == _assets[which] && !rollup.isClaimed(_open[i].batchId, _open[i].place)) {
                sum += _open[i].amount;
            }
        }
    }

    function check() external view {
        assertEq(wrong, 0, "every way out once, and none refused to whom it is open");
        for (uint256 i = 0; i < 2; ++i) {
            address asset = _assets[i];
            uint256 balance = i == 0 ? address(rollup).balance : BlacklistToken(asset).balanceOf(address(rollup));
            uint256 held = rollup.escrowed(asset);
            assertEq(held, credited[i] - paid[i], "escrowed = credited - paid");
            assertTrue(balance >= held, "solvent");
            uint256 waits = rollup.pending(asset, bob) + rollup.pending(asset, alice);
            assertEq(held, _balances[i] + waits + outstanding(i), "escrowed is what is owed, to the unit");
        }
    }
}

/// @title Solvency over random histories: nothing pays twice, every account is covered.
contract SolvencyTest is RollupFixture {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Actor private _actor;

    function setUp() public override {
        _actor = new Actor();
        vm.deal(address(_actor), 1 ether);
    }

    /// @dev Read by forge: the contracts whose functions make the histories.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_actor);
    }

    /// @dev Read by forge: calls that make no part of a history.
    function excludeSelectors() external view returns (FuzzSelector[] memory excluded) {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = Actor.setUp.selector;
        excluded = new FuzzSelector[](1);
        excluded[0] = FuzzSelector(address(_actor), selectors);
    }

    /// forge-config: default.invariant.fail-on-revert = true
    /// @dev Length from foundry.toml, or from the environment: `make invariants` is the long run.
    function invariant_solvent() public view {
        _actor.check();
    }
}
