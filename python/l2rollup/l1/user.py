"""What a user does on L1: deposits (with approval), key registration, claims. One account, through its Sender."""

from __future__ import annotations

from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_utils.crypto import keccak

from l2rollup.errors import L1Rejected
from l2rollup.l1.client import Receipt
from l2rollup.l1.contracts import RollupContract, encode_call, explain
from l2rollup.l1.sender import Sender

NATIVE = bytes(20)


class UserBridge:
    """The bridge as one user sees it. Methods wait until mined and raise L1Rejected if it reverts."""

    def __init__(self, contract: RollupContract, sender: Sender) -> None:
        self._contract = contract
        self._sender = sender

    @property
    def address(self) -> str:
        """The user's L1 address."""
        return self._sender.address

    def deposit(self, token: bytes, amount: int, recipient: bytes | None = None) -> Receipt:
        """Deposits ETH (20 zero bytes) or an ERC-20 for `recipient`, by default the user; approves if needed."""
        account = recipient or bytes.fromhex(self.address[2:])
        if token == NATIVE:
            return self._transact(encode_call("depositETH", [account]), amount)
        self.approve(token, amount)
        return self._transact(encode_call("deposit", [token, amount, account]))

    def approve(self, token: bytes, amount: int) -> None:
        """Lets the contract take `amount` of a token, unless it may already."""
        owner, spender = self.address, self._contract.address
        call = _erc20("allowance(address,address)", ["address", "address"], [owner, spender])
        (allowed,) = abi_decode(["uint256"], self._sender.client.call("0x" + token.hex(), call))
        if allowed < amount:
            data = _erc20("approve(address,uint256)", ["address", "uint256"], [spender, amount])
            self._sender.transact("0x" + token.hex(), data)

    def token_balance(self, token: bytes, account: str | None = None) -> int:
        """Returns the L1 balance of ETH or of an ERC-20."""
        owner = account or self.address
        if token == NATIVE:
            return self._sender.client.balance(owner)
        call = _erc20("balanceOf(address)", ["address"], [owner])
        return int(abi_decode(["uint256"], self._sender.client.call("0x" + token.hex(), call))[0])

    def send_token(self, token: bytes, to: str, amount: int) -> Receipt:
        """Sends ERC-20 units on L1."""
        data = _erc20("transfer(address,uint256)", ["address", "uint256"], [to, amount])
        return self._sender.transact("0x" + token.hex(), data)

    def register_key(self, x: int, y: int) -> Receipt:
        """Queues the user's L2 public key."""
        return self._transact(encode_call("registerKey", [x, y]))

    def register_token(self, token: bytes) -> int:
        """Registers an ERC-20 for the exact fee; returns its index."""
        fee = int(self._contract.view("tokenFee"))
        self._transact(encode_call("registerToken", ["0x" + token.hex()]), fee)
        return int(self._contract.view("tokenIndex", "0x" + token.hex()))

    def request_forced_exit(self, token: bytes) -> Receipt:
        """Queues the exit of the user's whole L2 balance of a token, for the present fee."""
        fee = int(self._contract.view("forcedExitFee"))
        return self._transact(encode_call("requestForcedExit", [token]), fee)

    def activate_escape(self) -> Receipt:
        """Opens escape, where one of its clocks has run out."""
        return self._transact(encode_call("activateEscape"))

    def force_exit(self, proof: bytes, token: bytes) -> Receipt:
        """Pays an account out by its proof, in escape; anyone may, the owner is paid."""
        return self._transact(encode_call("forceExit", [proof, token]))

    def force_exits(self, proof: bytes) -> Receipt:
        """Pays every account out that one proof shows, in escape; anyone may, the owners are paid."""
        return self._transact(encode_call("forceExits", [proof]))

    def refund_deposit(self, index: int, token: bytes, amount: int, recipient: bytes, depositor: bytes) -> Receipt:
        """Pays a deposit back that no finalised batch has consumed, in escape; anyone may, the depositor is paid."""
        return self._transact(encode_call("refundDeposit", [index, token, amount, recipient, depositor]))

    def claim(self, proof: bytes, token: bytes, amount: int, recipient: bytes) -> Receipt:
        """Claims a withdrawal with the proof of l2_getWithdrawalProof."""
        return self._transact(encode_call("initiateWithdrawal", [proof, token, amount, recipient]))

    def _transact(self, data: bytes, value: int = 0) -> Receipt:
        try:
            return self._sender.transact(self._contract.address, data, value=value)
        except L1Rejected as error:
            raise explain(error) from error


def _erc20(signature: str, types: list[str], values: list[object]) -> bytes:
    return bytes(keccak(text=signature)[:4]) + abi_encode(types, values)
