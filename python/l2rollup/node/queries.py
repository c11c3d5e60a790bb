"""What can be asked of a node. Reads only; answers are JSON-able values in the encodings of API.md."""

from __future__ import annotations

from typing import Any

import msgspec

from l2rollup.bridge import build_claim
from l2rollup.errors import CODES, L1Rejected, NotFound, NotReady, ProofMalformed, ProofRejected, Refused
from l2rollup.node.context import Context
from l2rollup.node.headers import to_header
from l2rollup.node.stages.execute import is_at_least
from l2rollup.node.stages.ingest import REQUEST_KEY
from l2rollup.node.status import derive
from l2rollup.processor.fees import UNITS, UNITS_NEW_ACCOUNT
from l2rollup.state import BatchHeader, build_public_inputs
from l2rollup.state.header import decode_proof
from l2rollup.storage import (
    BatchRecord,
    BlockRecord,
    Family,
    ItemRecord,
    QueueRecord,
    ReasonRecord,
    ReceiptRecord,
)
from l2rollup.types import BatchL1, BatchStatus, Reason, Status, TransactionStatus, to_address, to_hex

MAX_BATCH_LIST = 100


class Queries:
    """Reads of one node. Methods raise NotFound for what does not exist and NotReady for what does not exist yet."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def transaction_status(self, id_: bytes) -> TransactionStatus:
        """Returns the status of an item by its 32-byte id, or of an L1 request by its L1 transaction hash."""
        item = self._find(id_)
        if item is None:
            return self._queued_status(id_)
        if item.queue_index is not None and to_hex(id_) not in (item.l1_tx, to_hex(item.id)):
            # An L1 reorg has put another request in the place this one had.
            return TransactionStatus(to_hex(id_), Status.REVERTED, {}, l1_tx_hash=to_hex(id_))
        status, times = derive(self._context.store, item)
        record = self._stored_batch(item.batch_id)
        l1_tx = item.paid_tx or (record.finalize_tx or record.commit_tx if record else None) or item.l1_tx
        return TransactionStatus(
            hash=to_hex(item.id), status=status, times=times, block=item.block, sequence=item.sequence,
            batch_id=item.batch_id if record else None, l1_tx_hash=l1_tx, reason=to_reason(item.reason),
        )  # fmt: skip

    def _queued_status(self, l1_hash: bytes) -> TransactionStatus:
        """Returns `pending` for a queue entry that has been read from L1 and not been credited yet."""
        context = self._context
        for entry in context.store.scan(Family.DEPOSITS, QueueRecord, context.engine.queue_position):
            if entry.l1_tx == to_hex(l1_hash):
                return TransactionStatus(to_hex(l1_hash), Status.PENDING, {}, l1_tx_hash=entry.l1_tx)
        raise NotFound("unknown transaction", expected="a hash this node returned", got=to_hex(l1_hash))

    def balance(self, address: bytes, token: bytes | None = None) -> int:
        """Returns the balance of a token (native when None); 0 for an absent account. Raises Refused: unknown_token."""
        with self._context.lock:
            index = self._token(token)
            account = self._context.engine.account(address)
            if account is None:
                return 0
            return account.balance if index == 0 else self._context.engine.balance(address, index)

    def nonce(self, address: bytes, *, pending: bool = False) -> int:
        """Returns the next nonce by the executed state, or past the waiting transactions with `pending`."""
        with self._context.lock:
            nonce = self._context.nonce_of(address)
            return self._context.pool.pending_nonce(address, nonce) if pending else nonce

    def account(self, address: bytes) -> dict[str, Any] | None:
        """Returns index, scheme, nonce, key and all known balances of an account, or None when it is absent."""
        with self._context.lock:
            account = self._context.engine.account(address)
            if account is None:
                return None
            balances = {to_address(bytes(20)): str(account.balance)}
            for index, token in self._context.tokens.items():
                balances[to_address(token)] = str(self._context.engine.balance(address, index))
            return {
                "address": to_address(address), "index": account.index, "scheme": account.scheme,
                "nonce": account.nonce, "balances": balances, "key": to_hex(account.key) if account.scheme else None,
            }  # fmt: skip

    def storage(self, address: bytes, slot: int) -> bytes:
        """Returns the value of a storage slot, 32 bytes; zero for an absent account."""
        with self._context.lock:
            return self._context.engine.storage(address, slot)

    def account_proof(self, address: bytes, token: bytes | None = None, slot: int | None = None) -> Any:
        """Returns the Merkle proof of an account (and of one of its balances, and storage slots) against the current
        root."""
        with self._context.lock:
            index = self._token(token) if token is not None else None
            root = self._context.engine.root()
            proof = msgspec.json.decode(self._context.engine.account_proof(address, index, slot))
        return {"stateRoot": to_hex(root), "proof": proof}

    def receipt(self, id_: bytes) -> dict[str, Any]:
        """Returns the signed receipt of an executed item: header, signature, sequence, id, cover, index, path."""
        item = self._item(id_)
        receipt = self._context.store.get(Family.RECEIPTS, item.key, ReceiptRecord)
        block = self._context.store.get(Family.BLOCKS, receipt.block, BlockRecord) if receipt else None
        if receipt is None or block is None:
            raise NotReady("no receipt yet", expected="status confirmed or later", got=item.status)
        return {
            "header": block_to_json(block), "digest": to_hex(block.digest), "signature": to_hex(block.signature),
            "sequence": receipt.sequence, "id": to_hex(item.id), "cover": str(receipt.cover), "index": receipt.index,
            "path": [to_hex(node) for node in receipt.path],
        }  # fmt: skip

    def batch_status(self, batch_id: int) -> BatchStatus:
        """Returns the status of a batch."""
        return batch_to_status(self._batch(batch_id))

    def batches(self, start: int | None, limit: int) -> list[BatchStatus]:
        """Returns at most `limit` (<= 100) batches from `start` on; the newest ones when start is None."""
        limit = min(limit, MAX_BATCH_LIST)
        first = max(1, self._context.last_batch - limit + 1) if start is None else start
        records = self._context.store.scan(Family.BATCHES, BatchRecord, first, limit)
        return [batch_to_status(record) for record in records]

    def batch_proof(self, batch_id: int) -> bytes:
        """Returns abi.encode(header, snark) of a proven batch. Raises NotReady before there is a proof."""
        record = self._batch(batch_id)
        if not record.snark:
            raise NotReady("batch is not proven yet", expected="status proven or later", got=record.status)
        return to_header(record).encode_proof(record.snark)

    def verify_state(self, root: bytes, proof: bytes) -> bool:
        """Returns whether the proof is of a stored, final batch and proves exactly this root.

        Raises ProofMalformed for a proof that is none.
        """
        header, snark = decode_proof(proof)
        record = self._stored_batch(header.batch_id)
        if record is None or not record.snark or not is_at_least(record, Status.SETTLED):
            return False
        stored = to_header(record)
        if header != stored or stored.new_root != root:
            return False
        return self._verify(stored, snark)

    def _verify(self, header: BatchHeader, snark: bytes) -> bool:
        """Verifies here when the key is known, else by the verifier in force.

        Not by verifyStateCommitment: L1 may have the header in its archive alone, and that it is stored is known here.
        """
        context, key = self._context, self._context.verification_key()
        inputs = build_public_inputs(header, context.domain, context.empty_id_root)
        if key is None:
            try:
                words = [int.from_bytes(inputs[i : i + 32], "big") for i in range(0, len(inputs), 32)]
                return context.contract.is_proven(snark, words)
            except L1Rejected as error:
                raise ProofMalformed("L1 cannot read the proof", expected="abi.encode(header, snark)",
                                     got=error.got) from error  # fmt: skip
        try:
            context.native.verify(key, inputs, snark)
        except ProofRejected:
            return False
        return True

    def withdrawal_proof(self, id_: bytes) -> dict[str, Any]:
        """Returns what initiateWithdrawal takes for a withdrawal, by transaction id. Raises NotReady before that."""
        item = self._item(id_)
        if item.withdrawal is None or item.batch_id is None:
            raise NotFound("not a withdrawal that has been executed", expected="a withdrawal", got=item.status)
        record = self._stored_batch(item.batch_id)
        if record is None:
            raise NotReady("batch is not sealed yet", expected="status settled or later", got="confirmed")
        claim = build_claim(item.batch_id, item.withdrawal, record.operations, self._context.token_address)
        return {
            "claimable": is_at_least(record, Status.SETTLED), "batchId": claim.batch_id, "index": claim.index,
            "token": to_address(claim.token), "amount": str(claim.amount), "recipient": to_address(claim.recipient),
            "proof": to_hex(claim.proof),
        }  # fmt: skip

    def fee_quote(self) -> dict[str, Any]:
        """Returns prices per listed token now and the gas units of each kind."""
        with self._context.lock:
            prices = self._context.fees.list_prices(self._context.tokens)
        return {
            "prices": [
                {"token": to_address(self._context.token_address(index)), "index": index, "price": str(price)}
                for index, price in prices
            ],
            "units": {kind.name.lower(): units for kind, units in UNITS.items()} | {"new_account": UNITS_NEW_ACCOUNT},
        }

    def tokens(self) -> list[dict[str, Any]]:
        """Returns the registered tokens, native first: index and address."""
        with self._context.lock:
            tokens = self._context.token_list()
        return [{"index": index, "address": to_address(token)} for index, token in enumerate(tokens)]

    def chain_info(self) -> dict[str, Any]:
        """Returns chain id, contract, sequencer, tokens, prices, and how far the chain has come."""
        context = self._context
        with context.lock:
            return {
                "chainId": context.chain_id, "rollup": to_address(context.rollup),
                "sequencer": context.sequencer_address, "profile": context.config.profile,
                "confirmations": context.config.confirmations,
                "tokens": self.tokens(),
                **self.fee_quote(), "stateRoot": to_hex(context.engine.root()), "sequence": context.engine.sequence,
                "queuePosition": context.engine.queue_position, "accounts": context.engine.account_count - 1,
                "block": context.last_block.number if context.last_block else None, "batch": context.last_batch,
                "l1": {"url": None if context.config.profile == "production" else context.config.l1_url,
                       "tip": context.l1_tip, "credited": context.credited_head},
            }  # fmt: skip

    def health(self) -> dict[str, Any]:
        """Returns the state of every stage; `status` is "ok", "waiting" or "halted", the worst of them."""
        stages = {
            name: {"state": h.state, "message": h.message, "since": h.since, "progress": h.progress}
            for name, h in self._context.health.items()
        }
        states = {entry["state"] for entry in stages.values()}
        worst = next((state for state in ("halted", "waiting") if state in states), "ok")
        return {"status": worst, "stages": stages}

    def _find(self, id_: bytes) -> ItemRecord | None:
        """Returns the item of a transaction's id, of a queue entry's id, or of an L1 request's transaction hash."""
        store = self._context.store
        item = store.get(Family.ITEMS, id_, ItemRecord)
        key = store.get(Family.META, f"{REQUEST_KEY}{to_hex(id_)}", bytes) if item is None else None
        return item if key is None else store.get(Family.ITEMS, key, ItemRecord)

    def _item(self, id_: bytes) -> ItemRecord:
        item = self._find(id_)
        if item is None:
            raise NotFound("unknown transaction", expected="a hash this node returned", got=to_hex(id_))
        return item

    def _stored_batch(self, batch_id: int | None) -> BatchRecord | None:
        if batch_id is None or batch_id >> 63:
            return None
        return self._context.store.get(Family.BATCHES, batch_id, BatchRecord)

    def _batch(self, batch_id: int) -> BatchRecord:
        record = self._stored_batch(batch_id)
        if record is None:
            raise NotFound("unknown batch", expected=f"1 .. {self._context.last_batch}", got=str(batch_id))
        return record

    def _token(self, token: bytes | None) -> int:
        index = self._context.token_index(token) if token is not None else 0
        if index is None:
            raise Refused("token is not registered", expected="a registered token", got=to_address(token or bytes(20)),
                          code="unknown_token")  # fmt: skip
        return index


def to_reason(reason: ReasonRecord | None) -> Reason | None:
    """Returns a stored reason in the API's form."""
    if reason is None:
        return None
    number = CODES.get(reason.code, CODES["unknown_fault"])
    return Reason(number, reason.message, reason.code, reason.expected, reason.got)


def batch_to_status(record: BatchRecord) -> BatchStatus:
    """Returns a stored batch in the API's form."""
    return BatchStatus(
        batch_id=record.batch_id, status=record.status, old_state_root=to_hex(record.old_root),
        new_state_root=to_hex(record.new_root), transactions=record.transaction_count,
        operations=record.operation_count, data="calldata",
        l1=BatchL1(record.commit_tx, record.finalize_tx, record.finalize_block or record.commit_block,
                   record.finalize_gas, record.commit_gas),
        times=dict(record.times),
    )  # fmt: skip


def block_to_json(block: BlockRecord) -> dict[str, Any]:
    """Returns a block header in JSON: the EIP-712 members under their names, wide integers as decimal strings."""
    return {
        "number": block.number, "parent": to_hex(block.parent), "firstSequence": block.first_sequence,
        "count": block.count, "leavesRoot": to_hex(block.leaves_root),
        "outstandingCover": str(block.outstanding_cover), "queueIndex": block.queue_index,
        "queueHash": to_hex(block.queue_hash), "time": block.time, "includeBy": block.include_by,
        "chunkEnds": list(block.chunk_ends), "batchId": block.batch_id, "stateRoot": to_hex(block.state_root),
    }  # fmt: skip
