// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {TestToken} from "./TestToken.sol";

// Tokens that misbehave, one way each, for tests and outside examiners. All mint to anybody.

/// @title Takes one percent of every transfer.
contract FeeOnTransferToken is TestToken("Fee", "FEE", 18) {
    function _update(address from, address to, uint256 value) internal override {
        if (from == address(0) || to == address(0)) return super._update(from, to, value);
        super._update(from, address(0xfee), value / 100);
        super._update(from, to, value - value / 100);
    }
}

/// @title transfer and transferFrom return nothing, as USDT's do.
contract NoReturnToken {
    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @title Calls a target back inside every transfer, and keeps what the target answered.
contract ReentrantToken is TestToken("Reentrant", "RE", 18) {
    address public target;
    bytes public payload;
    bool public succeeded;
    bytes public answer;

    function arm(address target_, bytes calldata payload_) external {
        target = target_;
        payload = payload_;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (target != address(0) && from != address(0)) (succeeded, answer) = target.call(payload);
    }
}

/// @title Refuses transfers to and from listed addresses.
contract BlacklistToken is TestToken("Blacklist", "BL", 6) {
    mapping(address account => bool) public listed;

    error Listed(address account);

    function list(address account, bool value) external {
        listed[account] = value;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (listed[from]) revert Listed(from);
        if (listed[to]) revert Listed(to);
        super._update(from, to, value);
    }
}

/// @title Returns false and moves nothing once broken.
contract FalseReturningToken is TestToken("False", "FALSE", 18) {
    bool public broken;

    function setBroken(bool value) external {
        broken = value;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        return broken ? false : super.transfer(to, value);
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        return broken ? false : super.transferFrom(from, to, value);
    }
}

/// @title Burns the receiver's balance instead of raising it once broken.
contract TakingToken is TestToken("Taking", "TAKE", 18) {
    function transferFrom(address, address to, uint256) public override returns (bool) {
        if (balanceOf(to) > 0) _burn(to, 1);
        return true;
    }
}

/// @title Uses all the gas it is given in transfer, and returns a large answer when it is armed to.
contract GasToken is TestToken("Gas", "GAS", 18) {
    uint256 public answerBytes;
    bool public burning;

    function arm(bool burning_, uint256 answerBytes_) external {
        burning = burning_;
        answerBytes = answerBytes_;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        while (burning) {}
        uint256 size = answerBytes;
        if (size == 0) return super.transfer(to, value);
        assembly {
            return(0x80, size)
        }
    }
}

/// @title Shrinks everybody's balance at once, as a staking token does that was slashed.
contract RebasingToken is TestToken("Rebasing", "REB", 18) {
    uint256 public scale = 1 ether;

    function rebase(uint256 scale_) external {
        scale = scale_;
    }

    function balanceOf(address account) public view override returns (uint256) {
        return super.balanceOf(account) * scale / 1 ether;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value * 1 ether / scale);
    }
}

/// @title Moves nothing and answers what it is told to when it is asked for a balance: a lie, too little, too much, a
/// revert, or nothing until its gas is gone.
contract BalanceToken {
    enum Way {
        Lie,
        Revert,
        Burn,
        Bomb,
        Short,
        Nothing
    }

    Way public way;
    uint256 public answer;
    uint256 public step;

    error Refused();

    /// @param step_ what a lie grows by with each transfer
    function arm(Way way_, uint256 answer_, uint256 step_) external {
        (way, answer, step) = (way_, answer_, step_);
    }

    function balanceOf(address) external view returns (uint256) {
        Way chosen = way;
        if (chosen == Way.Revert) revert Refused();
        while (chosen == Way.Burn) {}
        // A bomb is a megabyte of ones, which says "enough" in its first word.
        uint256 size = chosen == Way.Bomb ? 1 << 20 : chosen == Way.Short ? 31 : chosen == Way.Nothing ? 0 : 32;
        uint256 word = chosen == Way.Lie ? answer : type(uint256).max;
        assembly {
            mstore(0, word)
            return(0, size)
        }
    }

    function mint(address, uint256) external {}

    function approve(address, uint256) external pure returns (bool) {
        return true;
    }

    function transfer(address, uint256) external pure returns (bool) {
        return true;
    }

    function transferFrom(address, address, uint256) external returns (bool) {
        answer += step;
        return true;
    }
}

/// @title Refuses ETH.
contract RefusingRecipient {
    /// @dev Calls a target, so that a test can act as this contract.
    function call(address target, bytes calldata data) external returns (bool ok, bytes memory answer) {
        (ok, answer) = target.call(data);
    }
}

/// @title Calls a target when it gets ETH and keeps whether that worked.
contract ReentrantRecipient {
    address public target;
    bytes public payload;
    bool public called;
    bool public succeeded;

    function arm(address target_, bytes calldata payload_) external {
        target = target_;
        payload = payload_;
    }

    receive() external payable {
        called = true;
        (succeeded,) = target.call(payload);
    }
}
