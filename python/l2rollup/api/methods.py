"""The table of methods: JSON-RPC name to a function of the node and strict parameters. Translation only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from l2rollup.api.params import Params
from l2rollup.errors import Malformed
from l2rollup.node import Node, Request
from l2rollup.types import parse_address, parse_integer, show, to_hex

Raw = msgspec.Raw | None
Method = Callable[[Node, Raw], Any]
DEFAULT_LIST = 20


def read_request(raw: Raw) -> Request:
    """Reads the parameters of l2_sendTransaction; the transaction itself stays as it came."""
    params = Params(raw, least=1, most=2)
    transaction = params.raw()
    options = params.options("chainId")
    chain_id = parse_integer(options["chainId"], bits=63, what="chainId") if "chainId" in options else None
    return Request(transaction, chain_id)


def _send_transaction(node: Node, raw: Raw) -> str:
    request = read_request(raw)
    return to_hex(node.submit.send(request.raw, request.chain_id))


def _send_group(node: Node, raw: Raw) -> list[str]:
    params = Params(raw, least=1, most=2)
    transactions = params.raw_list("transactions")
    options = params.options("chainId")
    chain_id = parse_integer(options["chainId"], bits=63, what="chainId") if "chainId" in options else None
    return [to_hex(id_) for id_ in node.submit.send_group(transactions, chain_id)]


def _transaction_status(node: Node, raw: Raw) -> Any:
    return node.queries.transaction_status(Params(raw, least=1, most=1).hash())


def _balance(node: Node, raw: Raw) -> str:
    params = Params(raw, least=1, most=2)
    return str(node.queries.balance(params.address(), params.optional_address("token")))


def _nonce(node: Node, raw: Raw) -> int:
    params = Params(raw, least=1, most=2)
    address, tag = params.address(), params.value()
    if tag not in (None, "executed", "pending"):
        raise Malformed("unknown tag", expected="executed or pending", got=show(tag), code="invalid_params")
    return node.queries.nonce(address, pending=tag == "pending")


def _caller(params: Params) -> bytes | None:
    options = params.options("from")
    return parse_address(options["from"], what="from") if "from" in options else None


def _deposit(node: Node, raw: Raw) -> str:
    params = Params(raw, least=2, most=3)
    token, amount = params.address("token"), params.amount()
    return node.held.deposit(token, amount, _caller(params))


def _withdraw(node: Node, raw: Raw) -> str:
    params = Params(raw, least=2, most=3)
    token, amount = params.address("token"), params.amount()
    return node.held.withdraw(token, amount, _caller(params))


def _batch_status(node: Node, raw: Raw) -> Any:
    return node.queries.batch_status(Params(raw, least=1, most=1).integer("batchId"))


def _batch_proof(node: Node, raw: Raw) -> str:
    return to_hex(node.queries.batch_proof(Params(raw, least=1, most=1).integer("batchId")))


def _verify_state(node: Node, raw: Raw) -> bool:
    params = Params(raw, least=2, most=2)
    return node.queries.verify_state(params.hash("stateRoot"), params.proof())


def _receipt(node: Node, raw: Raw) -> Any:
    return node.queries.receipt(Params(raw, least=1, most=1).hash())


def _blocks(node: Node, raw: Raw) -> Any:
    params = Params(raw, least=1, most=2)
    start, limit = params.integer("start"), params.optional_integer("limit", DEFAULT_LIST)
    return node.openings.blocks(start, DEFAULT_LIST if limit is None else limit)


def _opening(node: Node, raw: Raw) -> Any:
    return node.openings.opening(Params(raw, least=1, most=1).integer("sequence"))


def _batches(node: Node, raw: Raw) -> Any:
    params = Params(raw, least=0, most=2)
    start, limit = params.optional_integer("start", None), params.optional_integer("limit", DEFAULT_LIST)
    return node.queries.batches(start, DEFAULT_LIST if limit is None else limit)


def _account(node: Node, raw: Raw) -> Any:
    return node.queries.account(Params(raw, least=1, most=1).address())


def _account_proof(node: Node, raw: Raw) -> Any:
    params = Params(raw, least=1, most=3)
    address, token = params.address(), params.optional_address("token")
    slot = params.optional_integer("slot", None, bits=16)
    return node.queries.account_proof(address, token, slot)


def _storage(node: Node, raw: Raw) -> str:
    params = Params(raw, least=2, most=2)
    return to_hex(node.queries.storage(params.address(), params.integer("slot", bits=16)))


def _withdrawal_proof(node: Node, raw: Raw) -> Any:
    return node.queries.withdrawal_proof(Params(raw, least=1, most=1).hash())


def _chain_info(node: Node, raw: Raw) -> Any:
    Params(raw, least=0, most=0)
    return node.queries.chain_info()


def _fee_quote(node: Node, raw: Raw) -> Any:
    Params(raw, least=0, most=0)
    return node.queries.fee_quote()


def _tokens(node: Node, raw: Raw) -> Any:
    Params(raw, least=0, most=0)
    return node.queries.tokens()


SEND = "l2_sendTransaction"
METHODS: dict[str, Method] = {
    SEND: _send_transaction,
    "l2_sendGroup": _send_group,
    "l2_getTransactionStatus": _transaction_status,
    "l2_getAccountBalance": _balance,
    "l2_getAccountNonce": _nonce,
    "l2_deposit": _deposit,
    "l2_withdraw": _withdraw,
    "l2_getBatchStatus": _batch_status,
    "l2_getBatchProof": _batch_proof,
    "l2_verifyState": _verify_state,
    "l2_getReceipt": _receipt,
    "l2_getBlocks": _blocks,
    "l2_getOpening": _opening,
    "l2_getBatches": _batches,
    "l2_getAccount": _account,
    "l2_getAccountProof": _account_proof,
    "l2_getStorage": _storage,
    "l2_getWithdrawalProof": _withdrawal_proof,
    "l2_chainInfo": _chain_info,
    "l2_getFeeQuote": _fee_quote,
    "l2_getTokens": _tokens,
}
