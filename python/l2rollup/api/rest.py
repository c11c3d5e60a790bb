"""The REST mirror: the same methods under /v1 without JSON-RPC's envelope, over the same table and the same parsing.

GET /v1/NAME/PARAM/PARAM reads (a PARAM of digits is an integer, any other a string); POST /v1/NAME with a JSON array
of params does everything. The answer is the result, or {"error": ...} as in JSON-RPC with a fitting HTTP status.
"""

from __future__ import annotations

from typing import Any

import msgspec

from l2rollup.api.rpc import Rpc
from l2rollup.errors import CODES, Malformed

PREFIX = "/v1/"
READ_NAMES = ("get", "chainInfo", "verifyState")
MAX_INTEGER_DIGITS = 18
_STATUS = {"not_found": 404, "method_not_found": 404, "not_ready": 409, "too_large": 413, "internal_error": 500}
_BY_NUMBER = {number: name for name, number in CODES.items()}


def to_call(method: str, path: str, body: bytes) -> bytes | None:
    """Returns the JSON-RPC call of a request, or None when the method is not allowed for the path.

    Raises Malformed for a body that is no JSON array. `path` has been percent-decoded.
    """
    name, *segments = path[len(PREFIX) :].split("/")
    if method == "GET" and name.startswith(READ_NAMES):
        params = msgspec.json.encode([_to_param(segment) for segment in segments])
    elif method == "POST" and not segments:
        params = _read_params(body)
    else:
        return None
    return b'{"jsonrpc":"2.0","id":0,"method":%s,"params":%s}' % (msgspec.json.encode("l2_" + name), params)


def _read_params(body: bytes) -> bytes:
    try:
        return msgspec.json.encode(msgspec.json.decode(body.strip() or b"[]", type=list[msgspec.Raw]))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        got = str(error)
        raise Malformed("body is no array of params", expected="a JSON array", got=got, code="parse_error") from error


def answer(rpc: Rpc, call: bytes) -> tuple[int, bytes]:
    """Makes the call; returns the HTTP status and the body."""
    reply: dict[str, Any] = msgspec.json.decode(rpc.handle(call) or b"{}", type=dict[str, msgspec.Raw])
    if "result" in reply:
        return 200, bytes(reply["result"])
    error = msgspec.json.decode(reply["error"])
    return to_status(error["code"]), msgspec.json.encode({"error": error})


def to_status(number: int) -> int:
    """Returns the HTTP status of an error's number."""
    return _STATUS.get(_BY_NUMBER.get(number, ""), 400)


def _to_param(segment: str) -> int | str:
    is_integer = segment.isascii() and segment.isdigit() and len(segment) <= MAX_INTEGER_DIGITS
    return int(segment) if is_integer and str(int(segment)) == segment else segment
