"""Runs a node in its own process, for tests that kill it. Prints its URL."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from node_world import InstantProver

from l2rollup.api import Server
from l2rollup.config import NodeConfig
from l2rollup.node import Node


def main() -> None:
    values = json.loads(sys.argv[1])
    values["data_dir"] = Path(values["data_dir"])
    node = Node(NodeConfig(**values), prover=InstantProver()).start()
    print(Server(node).start().url, flush=True)  # noqa: T201
    threading.Event().wait()


if __name__ == "__main__":
    main()
