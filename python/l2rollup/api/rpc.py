"""JSON-RPC 2.0 (https://www.jsonrpc.org/specification) over bytes: one body in, one body out. No HTTP here."""

from __future__ import annotations

from typing import Any

import msgspec
import structlog

from l2rollup.api.limits import Limits, check_depth
from l2rollup.api.methods import METHODS
from l2rollup.errors import L1Rejected, L2Error, Malformed, SignerRequired
from l2rollup.node import Node
from l2rollup.types import show

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
        answer = self._answer(body)
        return None if answer is None else msgspec.json.encode(answer)

    def _handle_batch(self, body: bytes) -> bytes | None:
        _check_json(body)
        calls = msgspec.json.decode(body, type=list[msgspec.Raw])
        if not calls:
            raise Malformed("batch is empty", expected=">= 1 calls", got="0", code="invalid_request")
        if len(calls) > self.limits.batch:
            raise Malformed("batch is too long", expected=f"<= {self.limits.batch} calls", got=str(len(calls)),
                            code="too_large")  # fmt: skip
        answers = [answer for call in calls if (answer := self._answer(bytes(call))) is not None]
        return msgspec.json.encode(answers) if answers else None

    def _answer(self, call: bytes) -> dict[str, Any] | None:
        identifier: Any = None
        is_notification = False
        try:
            members = _read_members(call)
            identifier, is_notification = _read_id(members)
            method = METHODS.get(_read_method(members))
            if method is None:
                raise Malformed("no such method", expected="an l2_ method", got=show(_read_method(members)),
                                code="method_not_found")  # fmt: skip
            result = method(self._node, members.get("params"))
        except L2Error as error:
            return None if is_notification else _error(identifier, error)
        except Exception as error:
            log.exception("call_failed")
            wrapped = L2Error("internal error", got=type(error).__name__)
            return None if is_notification else _error(identifier, wrapped)
        return None if is_notification else {"jsonrpc": "2.0", "id": identifier, "result": result}


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
