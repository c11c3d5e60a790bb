"""JSON-RPC 2.0 over HTTP, single and batch. Errors of the node come back as RpcError with its code and details."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from typing import Any

import requests

from l2rollup.errors import L2Error, Retryable

TIMEOUT_SECONDS = 60.0


class RpcError(L2Error):
    """The node refused a call. `number` is its code, `code` its name; `data` holds what else it said."""

    def __init__(self, error: dict[str, Any]) -> None:
        data = error.get("data") or {}
        super().__init__(
            str(error.get("message")), expected=data.get("expected"), got=data.get("got"),
            code=str(data.get("name", "internal_error")),
        )  # fmt: skip
        self.data: dict[str, Any] = data
        self._number = int(error.get("code", 0))

    @property
    def number(self) -> int:
        """Number of the code, as the node sent it."""
        return self._number


class Transport:
    """Calls one node. Thread-safe: a session per thread."""

    def __init__(self, url: str, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self.url = url
        self._timeout = timeout
        self._local = threading.local()
        self._ids = itertools.count(1)

    def call(self, method: str, *params: Any) -> Any:
        """Returns the result. Raises RpcError, or Retryable when the node does not answer."""
        answer = self._post({"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)})
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer["result"]

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Makes several calls at once; an entry of the result is a value or an RpcError."""
        requests_ = [
            {"jsonrpc": "2.0", "id": i, "method": method, "params": list(params)}
            for i, (method, params) in enumerate(calls)
        ]
        answer = self._post(requests_)
        if isinstance(answer, dict):
            raise RpcError(answer["error"])
        by_id = {entry["id"]: entry for entry in answer}
        return [RpcError(by_id[i]["error"]) if "error" in by_id[i] else by_id[i]["result"] for i in range(len(calls))]

    def _post(self, body: Any) -> Any:
        session = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
        try:
            response = session.post(self.url, json=body, timeout=self._timeout)
            return response.json()
        except (requests.RequestException, ValueError) as error:
            raise Retryable("the node does not answer", expected=self.url, got=str(error)[:200]) from error
