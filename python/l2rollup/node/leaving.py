"""What a user needs to leave without any operator: the last proven state from L1 data, and what L1 owes an account.

Proofs are made here and checked by the contract. What it is not: a transaction; `l2rollup exit` sends those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from l2rollup.bridge import Claim, build_claim, encode_exit_proof, encode_proven_exits, list_withdrawals
from l2rollup.errors import ConfigurationError, Malformed
from l2rollup.l1 import DepositQueued, L1Client, RollupContract
from l2rollup.l1.deploy import EXIT_VERIFIERS, read_vk_digest
from l2rollup.native import EngineType
from l2rollup.node.reconstruct import RANGE_BLOCKS, Reconstruction
from l2rollup.proof import load_srs
from l2rollup.types import parse_address

NATIVE = bytes(20)


@dataclass(frozen=True)
class Holding:
    """A balance that forceExit pays: token (20 bytes), its index, smallest units."""

    token: bytes
    index: int
    amount: int


@dataclass(frozen=True)
class OpenDeposit:
    """A deposit that no finalised batch has consumed, as refundDeposit wants it."""

    index: int
    token: bytes
    amount: int
    recipient: bytes
    depositor: bytes


class LastState:
    """The state under the contract's last proven root, rebuilt from L1 alone."""

    def __init__(self, client: L1Client, rollup: str, engines: EngineType, *, start_block: int = 0) -> None:
        parse_address(rollup, what="rollup")
        if not client.code(rollup):
            raise Malformed("there is no contract at the rollup's address", expected="code", got=rollup)
        self._client = client
        self._start = start_block
        self._work = Reconstruction(client, rollup, engines, start_block=start_block)
        self.contract = RollupContract(client, rollup)
        self.batch = 0
        self._operations: dict[int, bytes] = {}

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Replays every proven batch. Raises ProofRejected where the data does not lead to the contract's root."""
        for rebuilt in self._work.run(progress, only_final=True):
            self.batch = rebuilt.batch_id
            self._operations[self.batch] = rebuilt.operations

    @property
    def root(self) -> bytes:
        """Root of the rebuilt state."""
        return self._work.engine.root()

    def totals(self) -> dict[int, int]:
        """Sum of all balances by token index."""
        return self._work.engine.totals()

    def tokens(self) -> list[bytes]:
        """Addresses of all tokens by index; 20 zero bytes for ETH."""
        count = int(self.contract.view("tokenCount"))
        return [NATIVE, *(bytes.fromhex(self.contract.view("tokens", i)[2:]) for i in range(1, count))]

    def holdings(self, account: bytes) -> list[Holding]:
        """What the account has and has not left with, by token index; nothing where there is no account."""
        engine = self._work.engine
        if engine.account(account) is None:
            return []
        place = self._index(account)
        found = [Holding(token, i, engine.balance(account, i)) for i, token in enumerate(self.tokens())]
        return [h for h in found if h.amount and not self.contract.view("isExited", place, h.index)]

    def prove(self, account: bytes, token_index: int) -> bytes:
        """Returns the account proof that forceExit takes."""
        token = token_index or None
        return encode_exit_proof(msgspec.json.decode(self._work.engine.account_proof(account, token)))

    def prove_many(
        self, wanted: Sequence[tuple[bytes, int]], progress: Callable[[str, float], object] | None = None
    ) -> bytes:
        """Returns one account proof of up to 32 balances, each an account and a token index, for forceExits.

        Raises ConfigurationError where this prover's key is not the one that the package's contracts are for.
        """
        made = self._work.engine.prove_exits(list(wanted), load_srs(), progress)
        digest = read_vk_digest(EXIT_VERIFIERS[len(wanted) > 1])
        if made.vk_digest != digest:
            raise ConfigurationError("the exit circuit's key is not the contracts'", got="0x" + made.vk_digest.hex(),
                                     expected="0x" + digest.hex())  # fmt: skip
        return encode_proven_exits([account for account, _ in wanted], made.balances, made.snark)

    def claims(self, recipient: bytes) -> Iterator[Claim]:
        """Withdrawals and forced exits of proven batches that L1 owes an address and that nobody has claimed."""
        tokens = self.tokens()
        for batch, operations in self._operations.items():
            for index, paid in enumerate(list_withdrawals(operations)):
                if paid.recipient == recipient and not self.contract.view("isClaimed", batch, index):
                    yield build_claim(batch, index, operations, tokens.__getitem__)

    def deposits(self, depositor: bytes) -> Iterator[OpenDeposit]:
        """Deposits of an address that no finalised batch consumed and that were not refunded."""
        head, tokens = int(self.contract.view("queueHead")), self.tokens()
        newest = self._client.head()
        for first in range(self._start, newest + 1, RANGE_BLOCKS):
            last = min(newest, first + RANGE_BLOCKS - 1)
            for log in self._client.logs_between(self.contract.address, first, last):
                event = self.contract.decode(log)
                if not isinstance(event, DepositQueued) or event.depositor != depositor or event.index < head:
                    continue
                if not self.contract.view("isRefunded", event.index):
                    yield OpenDeposit(event.index, tokens[event.token], event.amount, event.account, depositor)

    def _index(self, account: bytes) -> int:
        return int(msgspec.json.decode(self._work.engine.account_proof(account, None))["index"])
