"""A typed, retrying client of an L1 node: blocks, logs, calls, receipts, raw sends.

Transport failures raise L1Unreachable after bounded retries with backoff; answers that L1 means as "no" raise
L1Rejected with the revert data. It holds no key and remembers nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from eth_typing import BlockNumber, HexStr
from eth_utils.address import to_checksum_address
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import (
    BlockNotFound,
    ContractLogicError,
    TransactionNotFound,
    Web3Exception,
    Web3RPCError,
)
from web3.types import BlockIdentifier, FilterParams, TxParams

from l2rollup.errors import L1Rejected, L1Reorg, L1Unreachable

T = TypeVar("T")

RETRIES = 4
BACKOFF_SECONDS = 0.1
TIMEOUT_SECONDS = 30.0
MAX_ERROR_TEXT = 300
_PATH = re.compile(r"url: \S+")
_OBJECT = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>:? ?")


@dataclass(frozen=True)
class Block:
    """An L1 block: number, hash and parent hash (32 bytes each), unix time."""

    number: int
    hash: bytes
    parent: bytes
    time: int


@dataclass(frozen=True)
class Log:
    """One event log: emitting address (20 bytes), topics (32 bytes each), data, and where it was mined."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes
    block: int
    block_hash: bytes
    transaction: str
    index: int


@dataclass(frozen=True)
class Receipt:
    """A mined transaction: hash (0x-hex), success, block, gas used, created contract (0x-hex or None), logs."""

    hash: str
    success: bool
    block: int
    block_hash: bytes
    gas_used: int
    contract: str | None
    logs: tuple[Log, ...]


class L1Client:
    """JSON-RPC client of one L1 node at `url`. Thread-safe: web3's HTTP session is per thread. `name` is what of the
    URL may be shown.

    retries: further attempts after a failed one; the wait doubles from BACKOFF_SECONDS.
    """

    def __init__(self, url: str, *, retries: int = RETRIES, timeout: float = TIMEOUT_SECONDS) -> None:
        self.url = url
        self.name = to_name(url)
        self._retries = retries
        provider = Web3.HTTPProvider(url, request_kwargs={"timeout": timeout}, exception_retry_configuration=None)
        self.web3 = Web3(provider)

    def chain_id(self) -> int:
        """Returns the chain id."""
        return self._call(lambda: int(self.web3.eth.chain_id))

    def head(self) -> int:
        """Returns the number of the newest block."""
        return self._call(lambda: int(self.web3.eth.block_number))

    def finalized(self) -> int:
        """Returns the number of the newest finalised block; 0 before there is one."""
        try:
            return self._tagged("finalized").number
        except L1Rejected:
            return 0

    def latest(self) -> Block:
        """Returns the newest block."""
        return self._tagged("latest")

    def block(self, number: int) -> Block | None:
        """Returns the block of that number, or None when the chain is shorter."""

        def read() -> Block | None:
            try:
                return _block(self.web3.eth.get_block(number))
            except BlockNotFound:
                return None

        return self._call(read)

    def logs(self, address: str, block: Block) -> list[Log]:
        """Returns the logs of `address` in exactly this block, in order. Raises L1Reorg when the block is gone."""
        query: FilterParams = {"address": to_checksum_address(address), "blockHash": HexBytes(block.hash)}

        def read() -> list[Log]:
            try:
                return [_log(entry) for entry in self.web3.eth.get_logs(query)]
            except (BlockNotFound, Web3RPCError, ValueError) as error:
                raise L1Reorg("block is no longer there", expected="0x" + block.hash.hex(), got=str(error)) from error

        return sorted(self._call(read), key=lambda log: log.index)

    def logs_between(self, address: str, first: int, last: int) -> list[Log]:
        """Returns the logs of `address` in blocks first..last, in order."""
        query: FilterParams = {"address": to_checksum_address(address), "fromBlock": first, "toBlock": last}
        entries = self._call(lambda: [_log(entry) for entry in self.web3.eth.get_logs(query)])
        return sorted(entries, key=lambda log: (log.block, log.index))

    def call(
        self, to: str, data: bytes, *, sender: str | None = None, value: int = 0, block: int | None = None
    ) -> bytes:
        """Returns the result of eth_call on a block, the newest by default. Raises L1Rejected with the revert data."""
        request: TxParams = {"to": to_checksum_address(to), "data": HexStr("0x" + data.hex()), "value": value}  # type: ignore[typeddict-item]
        if sender is not None:
            request["from"] = to_checksum_address(sender)
        place: BlockIdentifier = "latest" if block is None else BlockNumber(block)
        return self._call(lambda: bytes(self.web3.eth.call(request, place)))

    def estimate_gas(self, request: TxParams) -> int:
        """Returns the gas the transaction would use in the next block. Raises L1Rejected when it would revert.

        Not in the newest one: its time stands still on a chain that mines only when something is sent.
        """
        return self._call(lambda: int(self.web3.eth.estimate_gas(request, "pending")))

    def gas_price(self) -> int:
        """Returns the node's suggested gas price in wei."""
        return self._call(lambda: int(self.web3.eth.gas_price))

    def balance(self, address: str) -> int:
        """Returns the balance in wei."""
        return self._call(lambda: int(self.web3.eth.get_balance(to_checksum_address(address))))

    def nonce(self, address: str, tag: str = "pending") -> int:
        """Returns the next nonce, counting transactions in the pool by default."""
        return self._call(lambda: int(self.web3.eth.get_transaction_count(to_checksum_address(address), tag)))  # type: ignore[arg-type]

    def code(self, address: str) -> bytes:
        """Returns the code at the address, empty for an account without."""
        return self._call(lambda: bytes(self.web3.eth.get_code(to_checksum_address(address))))

    def send_raw(self, raw: bytes) -> str:
        """Hands in a signed transaction; returns its hash. Raises L1Rejected when the node refuses it."""
        return self._call(lambda: "0x" + bytes(self.web3.eth.send_raw_transaction(raw)).hex())

    def transaction_input(self, hash_: str) -> bytes | None:
        """Returns the input data of a transaction, or None when the node does not know it."""

        def read() -> bytes | None:
            try:
                return bytes(self.web3.eth.get_transaction(HexStr(hash_))["input"])
            except TransactionNotFound:
                return None

        return self._call(read)

    def receipt(self, hash_: str) -> Receipt | None:
        """Returns the receipt, or None while the transaction is not mined."""

        def read() -> Receipt | None:
            try:
                raw = self.web3.eth.get_transaction_receipt(HexStr(hash_))
            except TransactionNotFound:
                return None
            return Receipt(
                hash=hash_,
                success=int(raw["status"]) == 1,
                block=int(raw["blockNumber"]),
                block_hash=bytes(raw["blockHash"]),
                gas_used=int(raw["gasUsed"]),
                contract=str(raw["contractAddress"]) if raw.get("contractAddress") else None,
                logs=tuple(_log(entry) for entry in raw["logs"]),
            )

        return self._call(read)

    def wait(self, hash_: str, *, timeout: float = 120.0, interval: float = 0.05) -> Receipt:
        """Waits for the receipt. Raises L1Unreachable when it does not come in time."""
        deadline = time.monotonic() + timeout
        while True:
            receipt = self.receipt(hash_)
            if receipt is not None:
                return receipt
            if time.monotonic() > deadline:
                raise L1Unreachable("transaction is not mined", expected=f"{hash_} within {timeout} s", got="nothing")
            time.sleep(interval)

    def request(self, method: str, params: list[Any]) -> Any:
        """Sends any other method, as evm_mine or evm_increaseTime; returns the bare result."""

        def send() -> Any:
            response = self.web3.provider.make_request(method, params)  # type: ignore[arg-type]
            if "error" in response:
                error = response["error"]
                raise L1Rejected(f"{method} refused", got=str(error))
            return response.get("result")

        return self._call(send)

    def _tagged(self, tag: str) -> Block:
        return self._call(lambda: _block(self.web3.eth.get_block(tag)))  # type: ignore[arg-type]

    def _call(self, action: Callable[[], T]) -> T:
        wait = BACKOFF_SECONDS
        for attempt in range(self._retries + 1):
            try:
                return action()
            except (requests.RequestException, ConnectionError, TimeoutError) as error:
                if attempt == self._retries:
                    raise L1Unreachable("L1 does not answer", expected=self.name, got=_short(error)) from error
            except ContractLogicError as error:
                data = error.data if isinstance(error.data, str) else "0x"
                raise L1Rejected("L1 reverts", data, got=_short(error)) from error
            except Web3RPCError as error:
                raise L1Rejected("L1 refuses", _rpc_data(error), got=_short(error)) from error
            except BlockNotFound as error:
                raise L1Rejected("L1 has no such block", got=_short(error)) from error
            except (Web3Exception, AttributeError, LookupError, TypeError, ValueError) as error:
                raise L1Unreachable("L1 answers nonsense", expected=self.name, got=_short(error)) from error
            time.sleep(wait)
            wait *= 2
        raise L1Unreachable("L1 does not answer", expected=self.name, got="no attempt left")


def _rpc_data(error: Web3RPCError) -> str:
    response = error.rpc_response or {}
    detail = response.get("error")
    data = detail.get("data") if isinstance(detail, dict) else None
    return data if isinstance(data, str) else "0x"


def to_name(url: str) -> str:
    """Returns scheme, host and port of a URL: what may be shown of one whose user, path or query may hold a key."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "a malformed URL"
    return f"{parts.scheme}://{parts.hostname}{port}"


def _short(error: Exception) -> str:
    """Returns type and text, without addresses of objects (the same failure reads the same each time) and without
    the path of the URL (where providers put the key)."""
    text = _PATH.sub("url: ..", _OBJECT.sub("", f"{type(error).__name__}: {error}"))
    return text[:MAX_ERROR_TEXT]


def _block(raw: Any) -> Block:
    return Block(int(raw["number"]), bytes(raw["hash"]), bytes(raw["parentHash"]), int(raw["timestamp"]))


def _log(raw: Any) -> Log:
    return Log(
        address=bytes.fromhex(str(raw["address"])[2:]),
        topics=tuple(bytes(topic) for topic in raw["topics"]),
        data=bytes(raw["data"]),
        block=int(raw["blockNumber"]),
        block_hash=bytes(raw["blockHash"]),
        transaction="0x" + bytes(raw["transactionHash"]).hex(),
        index=int(raw["logIndex"]),
    )
