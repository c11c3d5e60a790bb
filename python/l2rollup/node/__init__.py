"""Wires the pipeline: ingest, sequence, execute, publish, prove, settle, finalize. One process, one prover process."""

from l2rollup.node.leaving import LastState
from l2rollup.node.node import Node, wait_for_l1
from l2rollup.node.reconstruct import Rebuilt, Reconstruction
from l2rollup.node.submit import Request

__all__ = ["LastState", "Node", "Rebuilt", "Reconstruction", "Request", "wait_for_l1"]
