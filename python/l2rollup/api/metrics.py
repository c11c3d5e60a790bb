"""Prometheus text (format 0.0.4) of a node: progress, pool, stages. Numbers only, no secrets."""

from __future__ import annotations

from l2rollup.node import Node

_STATES = ("ok", "waiting", "halted")


def render_metrics(node: Node) -> str:
    """Returns the metrics page."""
    context = node.context
    with context.lock:
        gauges = {
            "pool_transactions": len(context.pool),
            "sequence": context.engine.sequence,
            "queue_position": context.engine.queue_position,
            "accounts": context.engine.account_count - 1,
            "last_batch": context.last_batch,
            "batches_in_flight": len(context.batches),
            "l1_tip": context.l1_tip,
            "native_gas_price": context.fees.price,
        }
        counters = dict(context.counters)
        health = {name: entry.state for name, entry in context.health.items()}
    lines: list[str] = []
    for name, value in sorted(gauges.items()):
        lines += [f"# TYPE l2rollup_{name} gauge", f"l2rollup_{name} {value}"]
    for name, amount in sorted(counters.items()):
        lines += [f"# TYPE l2rollup_{name}_total counter", f"l2rollup_{name}_total {amount:g}"]
    lines.append("# TYPE l2rollup_stage_state gauge")
    for stage, state in health.items():
        lines += [f'l2rollup_stage_state{{stage="{stage}",state="{s}"}} {int(s == state)}' for s in _STATES]
    return "\n".join(lines) + "\n"
