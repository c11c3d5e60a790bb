"""The embedded chain, the client and the sender: reachable from another process, typed refusals, the gas cap."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from l1_chain import REVERT_INIT, Chain

from l2rollup.errors import L1Rejected, L1Reorg, L1Unreachable, L2Error, Malformed
from l2rollup.l1 import L1Client, Sender, open_l1
from l2rollup.l1.client import Block
from l2rollup.l1.sender import GAS_CAP


def test_reachable_from_another_process(chain: Chain) -> None:
    script = (
        "import json,sys,urllib.request as u;"
        "r=u.Request(sys.argv[1],json.dumps([{'jsonrpc':'2.0','id':i,'method':m,'params':[]} for i,m in "
        "enumerate(['eth_blockNumber','eth_chainId','no_such'])]).encode(),{'Content-Type':'application/json'});"
        "print(u.urlopen(r).read().decode())"
    )
    output = subprocess.run([sys.executable, "-c", script, chain.embedded.url], capture_output=True, check=True).stdout
    block, chain_id, unknown = json.loads(output)
    assert int(block["result"], 16) == 1
    assert int(chain_id["result"], 16) == chain.client.chain_id()
    assert unknown["error"]["code"] == -32601


def test_finality_lags_and_time_travels(chain: Chain) -> None:
    for _ in range(5):
        chain.client.request("evm_mine", [])
    assert chain.client.finalized() == chain.client.head() - 2
    before = chain.client.latest().time
    chain.client.request("evm_increaseTime", [3600])
    chain.client.request("evm_mine", [])
    assert chain.client.latest().time >= before + 3600


def test_blocks_follow_the_clock(chain: Chain) -> None:
    time.sleep(2.1)
    now = int(time.time())
    chain.sender.transact(chain.logger, b"x")
    assert chain.client.latest().time >= now


def test_reverts_carry_their_data(chain: Chain) -> None:
    address = chain.sender.transact(None, REVERT_INIT).contract
    assert address is not None
    for action in (
        lambda: chain.client.call(address, b""),
        lambda: chain.sender.transact(address, b""),
        lambda: chain.sender.transact(address, b"", gas=100_000),
    ):
        with pytest.raises(L1Rejected) as caught:
            action()
        assert caught.value.data == "0xdeadbeef"


def test_gas_cap_is_ours(chain: Chain) -> None:
    with pytest.raises(L1Rejected, match="7825"):
        chain.sender.send(chain.logger, b"", gas=GAS_CAP + 1)


def test_estimates_suffice_and_are_close(chain: Chain) -> None:
    """For a short and a long call, and for code that asks for more gas than it uses."""
    needs_a_million = bytes.fromhex("600e600c600039600e6000f3" + "620f42405a10600a57005b5f5ffd")
    hungry = chain.sender.transact(None, needs_a_million).contract
    assert hungry is not None
    for to, data, least, most in (
        (chain.logger, b"x", 21_000, 35_000),
        (chain.logger, b"\1" * 5_000, 140_000, 500_000),
        (hungry, b"", 1_000_000, 2_200_000),
    ):
        limit = chain.client.estimate_gas({"from": chain.sender.address, "to": to, "data": "0x" + data.hex()})  # type: ignore[typeddict-item]
        assert least < limit < most
        assert chain.sender.transact(to, data, gas=limit).success


def test_nonces_without_waiting(chain: Chain) -> None:
    hashes = [chain.sender.send(chain.logger, bytes([i])) for i in range(5)]
    assert all(chain.client.wait(hash_).success for hash_ in hashes)


def test_unreachable_is_retryable_and_says_so() -> None:
    with pytest.raises(L1Unreachable, match=r"127\.0\.0\.1:9"):
        L1Client("http://127.0.0.1:9", retries=1).chain_id()
    with pytest.raises(L1Unreachable):
        open_l1("http://127.0.0.1:9")
    with pytest.raises(Malformed):
        open_l1("ganache")


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"{", b"[]", b"7", b"null", b"{}", b'{"jsonrpc":"2.0","id":0,"result":null}',
        b'{"jsonrpc":"2.0","id":0,"result":{}}', b'{"jsonrpc":"2.0","id":0,"result":"zz"}',
        b'{"jsonrpc":"2.0","id":0,"result":[{}]}', b'{"jsonrpc":"2.0","id":0,"error":{}}',
        b'{"jsonrpc":"2.0","id":0,"error":{"code":-32000,"message":"busy"}}', b"<html>502</html>",
    ],
)  # fmt: skip
def test_whatever_l1_answers_is_an_error_of_ours(answer: bytes) -> None:
    """A broken or hostile L1 node makes stages wait; it never breaks them."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = L1Client(f"http://127.0.0.1:{server.server_address[1]}", retries=0)
    block = Block(1, b"\1" * 32, bytes(32), 0)
    address = "0x" + "11" * 20
    calls = (
        client.chain_id, client.head, client.latest, lambda: client.block(1), lambda: client.logs(address, block),
        lambda: client.logs_between(address, 0, 1), lambda: client.call(address, b""), lambda: client.nonce(address),
        lambda: client.receipt("0x" + "11" * 32), lambda: client.transaction_input("0x" + "11" * 32),
        lambda: client.send_raw(b"\1"), client.gas_price, lambda: client.code(address),
    )  # fmt: skip
    for call in calls:
        with contextlib.suppress(L2Error):
            call()
    server.shutdown()
    server.server_close()


def test_a_key_in_the_url_is_not_shown() -> None:
    for url in ("http://user:secret@127.0.0.1:9/v3/secret?k=secret", "http://127.0.0.1:9/secret", "http://secret.invalid/v3"):
        with pytest.raises(L1Unreachable) as caught:
            L1Client(url, retries=0).chain_id()
        assert "secret" not in str(caught.value).replace("secret.invalid", "")


def test_logs_of_a_block_that_is_gone(chain: Chain) -> None:
    with pytest.raises(L1Reorg):
        chain.client.logs(chain.logger, Block(1, b"\x01" * 32, bytes(32), 0))


def test_child_process_chain_outlives_nothing_but_its_handle(tmp_path: Path) -> None:
    with open_l1("embedded") as l1:
        client = L1Client(l1.url)
        assert client.balance(l1.accounts[3].address) > 0
        assert Sender(client, l1.accounts[0].private_key).transact(l1.accounts[1].address, value=5).success
    with pytest.raises(L1Unreachable):
        L1Client(l1.url, retries=0).chain_id()
