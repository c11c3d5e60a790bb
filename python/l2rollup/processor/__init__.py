"""What may happen and in what order, before execution: intake records, the pool, the fee policy, block headers."""

from l2rollup.processor.block import BlockHeader, compute_leaf
from l2rollup.processor.fees import FeePolicy, compute_units
from l2rollup.processor.intake import Intake, parse_intake
from l2rollup.processor.mempool import Dropped, Mempool, PoolLimits, PoolTransaction, Unit
from l2rollup.processor.wire import (
    GROUP_MEMBERS,
    Draft,
    compute_group,
    draft_linked_transfer,
    draft_rotate_key,
    draft_set_key,
    draft_set_storage,
    draft_transfer,
    draft_withdraw,
    link,
)

__all__ = [
    "GROUP_MEMBERS",
    "BlockHeader",
    "Draft",
    "Dropped",
    "FeePolicy",
    "Intake",
    "Mempool",
    "PoolLimits",
    "PoolTransaction",
    "Unit",
    "compute_group",
    "compute_leaf",
    "compute_units",
    "draft_linked_transfer",
    "draft_rotate_key",
    "draft_set_key",
    "draft_set_storage",
    "draft_transfer",
    "draft_withdraw",
    "link",
    "parse_intake",
]
