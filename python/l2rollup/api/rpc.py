"""JSON-RPC 2.0 (https://www.jsonrpc.org/specification) over bytes: one body in, one body out. No HTTP here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import structlog

from l2rollup.api.limits import Limits, check_depth
from l2rollup.api.methods import METHODS, SEND, read_request
from l2rollup.errors import L1Rejected, L2Error, Malformed, SignerRequired
from l2rollup.node import Node, Request
from l2rollup.types import show, to_hex

log = structlog.get_logger("l2rollup.api")
_MEMBERS = {"jsonrpc", "id", "method", "params"}


class Rpc:
    """Answers requests for one node. Thread-safe as the node is."""

    def __init__(self, node: Node, limits: Limits | None = None) -> None:
        self._node = node
        self.limits = limits or Limits()

    def handle(self, body: bytes) -> bytes | None:
        """Answers a single request or a batch; None when nothing is to be answered (notifications only)."""
        try:
            if len(body) > self.limits.body:
                raise Malformed("request is too large", expected=f"<= {self.limits.body} bytes", got=str(len(body)),
                                code="too_large")  # fmt: skip
            check_depth(body, self.limits.depth)
            if body.lstrip()[:1] == b"[":
                return self._handle_batch(body)
            _check_json(body)
        except L2Error as error:
            return msgspec.json.encode(_error(None, error))
        answer = self._answer(_parse(body))
        return None if answer is None else msgspec.json.encode(answer)

    def _handle_batch(self, body: bytes) -> bytes | None:
        _check_json(body)
        calls = msgspec.json.decode(body, type=list[msgspec.Raw])
        if not calls:
            raise Malformed("batch is empty", expected=">= 1 calls", got="0", code="invalid_request")
        if len(calls) > self.limits.batch:
            raise Malformed("batch is too long", expected=f"<= {self.limits.batch} calls", got=str(len(calls)),
                            code="too_large")  # fmt: skip
        parsed = [_parse(bytes(call)) for call in calls]
        self._send_together(parsed)
        answers: list[bytes] = []
        size = 0
        for call in parsed:
            if size > self.limits.answers and call.result is None and call.error is None:
                call.error = Malformed("answers of the batch are too large", expected=f"<= {self.limits.answers} bytes",
                                       got=f"> {size}", code="too_large")  # fmt: skip
            answer = self._answer(call)
            if answer is not None:
                answers.append(msgspec.json.encode(answer))
                size += len(answers[-1])
        return b"[" + b",".join(answers) + b"]" if answers else None

    def _send_together(self, calls: list[_Call]) -> None:
        """Hands in all transactions of a batch at once, in order, and notes their outcomes in the calls."""
        sends: list[tuple[_Call, Request]] = []
        for call in calls:
            if call.method == SEND and call.error is None:
                try:
                    sends.append((call, read_request(call.params)))
                except L2Error as error:
                    call.error = error
        try:
            results = self._node.submit.send_many([request for _, request in sends]) if sends else []
        except Exception as error:
            results = [_wrap(error)] * len(sends)
        for (call, _), result in zip(sends, results, strict=True):
            if isinstance(result, L2Error):
                call.error = result
            else:
                call.result = to_hex(result)

    def _answer(self, call: _Call) -> dict[str, Any] | None:
        if call.error is None and call.result is None:
            try:
                call.result = METHODS[call.method](self._node, call.params)
            except Exception as error:
                call.error = _wrap(error)
        if call.is_notification:
            return None
        if call.error is not None:
            return _error(call.identifier, call.error)
        return {"jsonrpc": "2.0", "id": call.identifier, "result": call.result}


@dataclass
class _Call:
    """One call, read, and what becomes of it."""

    identifier: Any = None
    is_notification: bool = False
    method: str = ""
    params: msgspec.Raw | None = None
    result: Any = None
    error: L2Error | None = None


def _wrap(error: Exception) -> L2Error:
    """Returns the error to answer with: what is none of ours is logged and says nothing of the inside."""
    if isinstance(error, L2Error):
        return error
    log.error("call_failed", exc_info=error)
    return L2Error("internal error", expected="an answer", got=type(error).__name__)


def _parse(raw: bytes) -> _Call:
    call = _Call()
    try:
        members = _read_members(raw)
        call.identifier, call.is_notification = _read_id(members)
        call.method, call.params = _read_method(members), members.get("params")
        if call.method not in METHODS:
            raise Malformed("no such method", expected="an l2_ method", got=show(call.method), code="method_not_found")
    except L2Error as error:
        call.error = error
    return call


def _check_json(body: bytes) -> None:
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed("body is no JSON", expected="one JSON value", got=str(error), code="parse_error") from error


def _read_members(call: bytes) -> dict[str, msgspec.Raw]:
    try:
        members = msgspec.json.decode(call, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError as error:
        raise Malformed("call is no object", expected="a JSON-RPC 2.0 object", got=show(call.decode(errors="replace")),
                        code="invalid_request") from error  # fmt: skip
    unknown = sorted(set(members) - _MEMBERS)
    if unknown:
        raise Malformed("unknown member", expected=", ".join(sorted(_MEMBERS)), got=show(unknown[0]),
                        code="invalid_request")  # fmt: skip
    version = members.get("jsonrpc")
    if version is None or bytes(version) != b'"2.0"':
        raise Malformed("not JSON-RPC 2.0", expected='"2.0"', got=show(bytes(version or b"nothing").decode()),
                        code="invalid_request")  # fmt: skip
    return members


def _read_id(members: dict[str, msgspec.Raw]) -> tuple[Any, bool]:
    if "id" not in members:
        return None, True
    value = msgspec.json.decode(bytes(members["id"]))
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
        raise Malformed("id is no string, integer or null", expected="a string or an integer", got=show(value),
                        code="invalid_request")  # fmt: skip
    return value, False


def _read_method(members: dict[str, msgspec.Raw]) -> str:
    value = msgspec.json.decode(bytes(members["method"])) if "method" in members else None
    if not isinstance(value, str):
        raise Malformed("method is no string", expected="a method name", got=show(value), code="invalid_request")
    return value


def _error(identifier: Any, error: L2Error) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": identifier, "error": to_error(error)}


def to_error(error: L2Error) -> dict[str, Any]:
    """Returns the error object of an answer: number, message, and in `data` name, expected, got and what else helps."""
    data: dict[str, Any] = {"name": error.code}
    if error.expected is not None:
        data["expected"] = error.expected
    if error.got is not None:
        data["got"] = error.got
    if isinstance(error, SignerRequired):
        data["transaction"] = error.prepared
    if isinstance(error, L1Rejected):
        data["revert"] = error.data
    return {"code": error.number, "message": error.message, "data": data}
