"""The ASGI application: POST / for JSON-RPC, /v1 for REST, GET /health, GET /metrics. Reads bodies within limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from l2rollup.api import rest
from l2rollup.api.limits import check_depth
from l2rollup.api.metrics import render_metrics
from l2rollup.api.rpc import Rpc, to_error
from l2rollup.errors import Malformed
from l2rollup.node import Node

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
T = TypeVar("T")
WORKERS = 4
LOCAL_HOSTS = ("127.0.0.1", "::1", "localhost")
JSON = b"application/json"
TEXT = b"text/plain; version=0.0.4; charset=utf-8"


class Gone(Exception):
    """The client closed the connection before its request was whole: nobody waits for an answer."""


class App:
    """One application a node. Calls run in a few threads, so that a slow one does not stop the loop."""

    def __init__(self, node: Node, rpc: Rpc | None = None) -> None:
        self._node = node
        self._rpc = rpc or Rpc(node)
        # Only a node that signs for its callers has something to lose to a web page in its operator's browser.
        self._refuses_pages = bool(node.config.held_keys)
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="l2rollup-api")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one ASGI connection scope (http and lifespan)."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            try:
                status, kind, body = await self._respond(scope, receive)
            except Gone:
                return
            headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    async def _respond(self, scope: Scope, receive: Receive) -> tuple[int, bytes, bytes]:
        path, method = scope["path"], scope["method"]
        if method == "GET" and path == "/health":
            health = await self._run(self._node.queries.health)
            return (503 if health["status"] == "halted" else 200), JSON, msgspec.json.encode(health)
        if method == "GET" and path == "/metrics":
            return 200, TEXT, (await self._run(lambda: render_metrics(self._node))).encode()
        is_rest = path.startswith(rest.PREFIX)
        if path != "/" and not is_rest:
            return 404, JSON, b'{"error":"not found"}'
        if method != "POST" and not (is_rest and method == "GET"):
            return 405, JSON, b'{"error":"use POST"}'
        if self._refuses_pages and not is_local_origin(scope["headers"]):
            return 403, JSON, b'{"error":"this node holds keys and answers no page of another site"}'
        body = await _read_body(receive, self._rpc.limits.body)
        if body is None:
            return 413, JSON, self._rpc.handle(b" " * (self._rpc.limits.body + 1)) or b""
        if is_rest:
            return await self._respond_rest(method, path, body)
        answer = await self._run(lambda: self._rpc.handle(body))
        return (204, JSON, b"") if answer is None else (200, JSON, answer)

    async def _respond_rest(self, method: str, path: str, body: bytes) -> tuple[int, bytes, bytes]:
        try:
            check_depth(body, self._rpc.limits.depth)
            call = rest.to_call(method, path, body)
        except Malformed as error:
            return 400, JSON, msgspec.json.encode({"error": to_error(error)})
        if call is None:
            return 405, JSON, b'{"error":"use POST with an array of params"}'
        status, answer = await self._run(lambda: rest.answer(self._rpc, call))
        return status, JSON, answer

    async def _run(self, call: Callable[[], T]) -> T:
        """Runs a call that may wait for the node's lock outside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)


def is_local_origin(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request comes from no web page, or from one that this machine serves."""
    origins = [value.decode("latin-1") for name, value in headers if name.lower() == b"origin"]
    try:
        return all(urlsplit(origin).hostname in LOCAL_HOSTS for origin in origins)
    except ValueError:
        return False


async def _read_body(receive: Receive, limit: int) -> bytes | None:
    """Reads the body; None when it is longer than the limit (the rest is not kept). Raises Gone."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body"):
            return bytes(body)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
