"""The L1 side: client, sender, watcher, contract binding, deployment, local chains. The only importer of web3."""

from l2rollup.l1.archive import HeaderLog
from l2rollup.l1.client import Block, L1Client, Log, Receipt
from l2rollup.l1.contracts import RollupContract
from l2rollup.l1.events import (
    BatchCommitted,
    BatchesReverted,
    BatchFinalized,
    DepositQueued,
    EscapeActivated,
    Event,
    ForcedExitQueued,
    KeyQueued,
    TokenRegistered,
    WithdrawalClaimed,
)
from l2rollup.l1.local import L1Chain, open_l1
from l2rollup.l1.sender import Sender
from l2rollup.l1.user import UserBridge
from l2rollup.l1.watcher import NewBlock, Reorg, Watcher, confirmed_head

__all__ = [
    "BatchCommitted",
    "BatchFinalized",
    "BatchesReverted",
    "Block",
    "DepositQueued",
    "EscapeActivated",
    "Event",
    "ForcedExitQueued",
    "HeaderLog",
    "KeyQueued",
    "L1Chain",
    "L1Client",
    "Log",
    "NewBlock",
    "Receipt",
    "Reorg",
    "RollupContract",
    "Sender",
    "TokenRegistered",
    "UserBridge",
    "Watcher",
    "WithdrawalClaimed",
    "confirmed_head",
    "open_l1",
]
