"""The embedded L1: eth-tester over py-evm, served as JSON-RPC on a localhost port.

For development and tests where no anvil is found. It mines a block per transaction, keeps everything in memory and is
no consensus client: "finalized" is head - k, and reorgs exist only through evm_snapshot and evm_revert.
Run as a process of its own with `python -m l2rollup.l1.embedded`; the first line on stdout is the URL.
"""

from __future__ import annotations

import argparse
import ast
import re
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
from eth_abi.abi import encode as abi_encode
from eth_tester import EthereumTester, PyEVMBackend  # type: ignore[import-untyped]
from eth_tester.exceptions import TransactionFailed  # type: ignore[import-untyped]
from web3 import Web3
from web3.exceptions import Web3Exception
from web3.providers.eth_tester import EthereumTesterProvider

from l2rollup.l1.accounts import DevAccount, derive_dev_accounts
from l2rollup.l1.estimator import estimate_gas

BLOCK_GAS_LIMIT = 60_000_000
DEV_BALANCE_WEI = 10_000 * 10**18
FINALITY_BLOCKS = 2
MAX_BODY_BYTES = 4 << 20
ERROR_STRING_SELECTOR = bytes.fromhex("08c379a0")
_REVERTED = re.compile(r"execution reverted: (b['\"].*)", re.DOTALL)
BLOOM_BYTES = 256


def to_json(value: Any, key: str = "") -> Any:
    """Converts a web3 result to JSON-RPC form: quantities and bytes as 0x-hex, mappings as objects."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return f"0x{value:0{2 * BLOOM_BYTES}x}" if key == "logsBloom" else hex(value)
    if isinstance(value, bytes | bytearray):
        return "0x" + bytes(value).hex()
    if hasattr(value, "items"):
        return {str(k): to_json(v, str(k)) for k, v in value.items() if k != "state_root"}
    return [to_json(v) for v in value]


def read_revert_data(error: TransactionFailed) -> bytes:
    """Recovers the returned bytes from eth-tester's message; an Error(string) it has decoded is encoded again."""
    message = str(error.args[0]) if error.args else ""
    match = _REVERTED.fullmatch(message)
    if match:
        data = ast.literal_eval(match.group(1))
        return bytes(data)
    return ERROR_STRING_SELECTOR + abi_encode(["string"], [message]) if message else b""


class UnknownMethod(Exception):
    """A JSON-RPC method that this chain does not have; answered with -32601."""


class EmbeddedChain:
    """An in-process chain reachable at `url` once started. All calls are serialised by one lock."""

    def __init__(self, *, finality_blocks: int = FINALITY_BLOCKS, port: int = 0) -> None:
        self.accounts: tuple[DevAccount, ...] = derive_dev_accounts()
        self.is_stopped = False
        self._finality_blocks = finality_blocks
        self._lock = threading.Lock()
        state = {
            bytes.fromhex(account.address[2:]): {"balance": DEV_BALANCE_WEI, "nonce": 0, "code": b"", "storage": {}}
            for account in self.accounts
        }
        parameters = PyEVMBackend.generate_genesis_params({"gas_limit": BLOCK_GAS_LIMIT, "timestamp": int(time.time())})
        self._tester = EthereumTester(PyEVMBackend(genesis_parameters=parameters, genesis_state=state))
        self._tester.backend.chain.gas_estimator = estimate_gas
        provider = EthereumTesterProvider(self._tester)
        self._endpoints: dict[str, dict[str, Any]] = provider.api_endpoints or {}
        web3 = Web3(provider)
        self._request: Callable[[Any, Any], Any] = provider.request_func(web3, web3.middleware_onion)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler_for(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="embedded-l1", daemon=True)

    @property
    def url(self) -> str:
        """Address of the JSON-RPC port."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> EmbeddedChain:
        """Begins to serve; returns itself."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stops serving and frees the port. The chain is gone with it."""
        self.is_stopped = True
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def __enter__(self) -> EmbeddedChain:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def handle(self, body: bytes) -> bytes:
        """Answers one JSON-RPC request or a batch of them."""
        try:
            request = msgspec.json.decode(body)
        except msgspec.DecodeError:
            return msgspec.json.encode(_error(None, -32700, "parse error"))
        answers = [self._answer(r) for r in request] if isinstance(request, list) else self._answer(request)
        return msgspec.json.encode(answers)

    def _answer(self, request: Any) -> dict[str, Any]:
        if not isinstance(request, dict) or not isinstance(request.get("method"), str):
            return _error(None, -32600, "invalid request")
        identifier = request.get("id")
        params = request.get("params") or []
        try:
            with self._lock:
                result = self._call(request["method"], list(params))
            return {"jsonrpc": "2.0", "id": identifier, "result": to_json(result)}
        except TransactionFailed as error:
            data = "0x" + read_revert_data(error).hex()
            return _error(identifier, 3, f"execution reverted: {data}", data)
        except (UnknownMethod, NotImplementedError):
            # ours, or eth-tester's for a method it lists and does not have
            return _error(identifier, -32601, f"method not found: {request['method']}")
        except (Web3Exception, ValueError, TypeError, KeyError, AssertionError) as error:
            return _error(identifier, -32602, str(error) or type(error).__name__)
        except Exception as error:
            return _error(identifier, -32000, f"{type(error).__name__}: {error}")

    def _call(self, method: str, params: list[Any]) -> Any:
        local = _LOCAL_METHODS.get(method)
        if local is not None:
            return local(self, params)
        namespace, _, name = method.partition("_")
        if name not in self._endpoints.get(namespace, {}):
            raise UnknownMethod(method)
        params = [self._resolve_tag(p) for p in params]
        if method in _CLOCKED:
            self._follow_clock()
        if method == "eth_estimateGas":
            # eth-tester knows no pending state; the clock has just been moved, so its newest state is the same.
            params = params[:1]
        if method == "eth_getLogs":
            return self._logs(params[0])
        if method in ("eth_call", "eth_estimateGas") and not params[0].get("from"):
            # py-evm charges the caller of a call for gas, so a nameless caller is a funded account.
            params[0] = {**params[0], "from": self.accounts[-1].address}
        return self._forward(method, params)

    def _forward(self, method: str, params: list[Any]) -> Any:
        response = self._request(method, params)
        if response.get("error"):
            message = response["error"]
            text = message.get("message") if isinstance(message, dict) else message
            if "not found" in str(text).lower():
                return None
            raise ValueError(str(text))
        return response.get("result")

    def _follow_clock(self) -> None:
        """Moves the pending block to the wall clock: eth-tester dates it when the block before it was mined."""
        now = int(time.time())
        if int(self._tester.get_block_by_number("pending")["timestamp"]) < now:
            self._tester.time_travel(now)

    def _head(self) -> int:
        return int(self._tester.get_block_by_number("latest")["number"])

    def _resolve_tag(self, value: Any) -> Any:
        if value in ("finalized", "safe"):
            return hex(max(0, self._head() - self._finality_blocks))
        return value

    def _logs(self, query: dict[str, Any]) -> Any:
        query = {k: self._resolve_tag(v) for k, v in query.items() if v is not None}
        block_hash = query.pop("blockHash", None)
        if block_hash is not None:
            block = self._forward("eth_getBlockByHash", [block_hash, False])
            if block is None:
                raise ValueError(f"unknown block {block_hash}")
            number = block["number"]
            query["fromBlock"] = query["toBlock"] = number if isinstance(number, str) else hex(number)
        return self._forward("eth_getLogs", [query])

    def _mine(self, params: list[Any]) -> str:
        """evm_mine: one block, at the timestamp given or now."""
        self._follow_clock()
        if params:
            self._tester.time_travel(_quantity(params[0]))
        self._tester.mine_blocks(1)
        return "0x0"

    def _mine_many(self, params: list[Any]) -> None:
        """anvil_mine: a number of blocks."""
        self._follow_clock()
        self._tester.mine_blocks(_quantity(params[0]) if params else 1)

    def _increase_time(self, params: list[Any]) -> int:
        seconds = _quantity(params[0])
        now = int(self._tester.get_block_by_number("pending")["timestamp"])
        self._tester.time_travel(now + seconds)
        return seconds

    def _snapshot(self, _: list[Any]) -> int:
        return int(self._tester.take_snapshot())

    def _revert(self, params: list[Any]) -> bool:
        self._tester.revert_to_snapshot(_quantity(params[0]))
        return True


def _quantity(value: Any) -> int:
    return int(value, 16) if isinstance(value, str) and value.startswith("0x") else int(value)


_CLOCKED = frozenset({"eth_call", "eth_estimateGas", "eth_sendRawTransaction"})
_LOCAL_METHODS: dict[str, Callable[[EmbeddedChain, list[Any]], Any]] = {
    "evm_mine": EmbeddedChain._mine,
    "anvil_mine": EmbeddedChain._mine_many,
    "hardhat_mine": EmbeddedChain._mine_many,
    "evm_increaseTime": EmbeddedChain._increase_time,
    "evm_snapshot": EmbeddedChain._snapshot,
    "evm_revert": EmbeddedChain._revert,
    "web3_clientVersion": lambda chain, params: "l2rollup-embedded/py-evm",
    "eth_accounts": lambda chain, params: [account.address for account in chain.accounts],
}


def _error(identifier: Any, code: int, message: str, data: str | None = None) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return {"jsonrpc": "2.0", "id": identifier, "error": error}


def _handler_for(chain: EmbeddedChain) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 120
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            if chain.is_stopped:
                # Connections kept alive by clients outlive the listener; they end here.
                self.close_connection = True
                return
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 < length <= MAX_BODY_BYTES:
                self.send_error(413 if length else 411)
                return
            answer = chain.handle(self.rfile.read(length))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler


def main() -> None:
    """Serves a chain until the process is ended; prints the URL as the first line."""
    parser = argparse.ArgumentParser(prog="l2rollup.l1.embedded", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--finality-blocks", type=int, default=FINALITY_BLOCKS)
    arguments = parser.parse_args()
    chain = EmbeddedChain(finality_blocks=arguments.finality_blocks, port=arguments.port).start()
    print(chain.url, flush=True)  # noqa: T201 the child's contract with its parent
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        chain.stop()


if __name__ == "__main__":
    main()
