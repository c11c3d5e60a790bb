"""What is true: batch headers, Keccak trees of lists, snapshots of the engine's state. No I/O but snapshot files."""

from l2rollup.state.empty import compute_empty_id_root
from l2rollup.state.header import BatchHeader, compute_domain
from l2rollup.state.keccak_tree import compute_path, compute_root, verify_path
from l2rollup.state.public_inputs import build_public_inputs
from l2rollup.state.snapshots import Snapshots

__all__ = [
    "BatchHeader",
    "Snapshots",
    "build_public_inputs",
    "compute_domain",
    "compute_empty_id_root",
    "compute_path",
    "compute_root",
    "verify_path",
]
