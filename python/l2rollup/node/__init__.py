"""Wires the pipeline: ingest, sequence, execute, publish, prove, settle, finalize. One process, one prover process."""

from l2rollup.node.node import Node, wait_for_l1
from l2rollup.node.reconstruct import Rebuilt, Reconstruction

__all__ = ["Node", "Rebuilt", "Reconstruction", "wait_for_l1"]
