"""Data a stranger can rebuild the state from: the calldata lane, its challenge z and its evaluations."""

from l2rollup.da.calldata import LaneData, compute_challenge, evaluate_lane

__all__ = ["LaneData", "compute_challenge", "evaluate_lane"]
