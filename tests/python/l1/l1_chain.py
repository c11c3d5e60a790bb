"""A chain for tests: an embedded one, and a contract on it that logs its calldata."""

from __future__ import annotations

from dataclasses import dataclass

from l2rollup.l1.client import L1Client
from l2rollup.l1.embedded import EmbeddedChain
from l2rollup.l1.sender import Sender

LOGGER_RUNTIME = bytes.fromhex("365f5f37600136" + "5fa100")
LOGGER_INIT = bytes.fromhex("600a600c600039600a6000f3") + LOGGER_RUNTIME
REVERT_RUNTIME = bytes.fromhex("63deadbeef60e01b5f5260045ffd")
REVERT_INIT = bytes.fromhex("600e600c600039600e6000f3") + REVERT_RUNTIME


@dataclass
class Chain:
    embedded: EmbeddedChain
    client: L1Client
    sender: Sender
    logger: str
