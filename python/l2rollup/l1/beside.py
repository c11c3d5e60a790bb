"""Binding of the breakers and the governor: their views, by the signatures of contracts/src/interfaces; a test compares
them with the compiled ABI. What it is not: the bonds' binding, which is bonds.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_abi.exceptions import DecodingError
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from l2rollup.errors import L1Rejected
from l2rollup.l1.client import L1Client
from l2rollup.l1.contracts import explain, split_types

BREAKERS: dict[str, tuple[str, str]] = {
    "rollup": ("", "address"),
    "governor": ("", "address"),
    "guardian": ("", "address"),
    "offeredTo": ("", "address"),
    "pauses": ("", "uint64,uint64,uint64"),
    "isTripped": ("address", "bool"),
    "available": ("address", "uint256"),
    "window": ("", "uint256"),
    "shareOf": ("address", "uint256"),
}
GOVERNOR: dict[str, tuple[str, str]] = {
    "rollup": ("", "address"),
    "owner": ("", "address"),
    "offeredTo": ("", "address"),
    "delay": ("", "uint256"),
    "proposalCount": ("", "uint256"),
    "proposal": ("uint256", "(uint8,address,uint16,uint64,bytes32)"),
}
ACTIONS = ("none", "verifier", "share", "guardian")
"""What a proposal changes, by the number in `proposal`; "none": executed, cancelled, or never made."""
MAX_DELAY = 3 * 86_400
PAUSE = 3 * 86_400
PAUSE_EVERY = 30 * 86_400
EXECUTION_WINDOW = 14 * 86_400
"""Seconds; constants of Bridge, Breakers and Governor."""


class BesideContract:
    """A contract beside the rollup at `address`, read by the views of a table. Reads the newest block."""

    def __init__(self, client: L1Client, address: str, functions: Mapping[str, tuple[str, str]]) -> None:
        self.client = client
        self.address = str(to_checksum_address(address))
        self._functions = functions

    def view(self, name: str, *values: Any) -> Any:
        """Returns the result of a view; a tuple where there are several. Raises L1Rejected for another answer."""
        arguments, results = self._functions[name]
        selector = bytes(keccak(text=f"{name}({arguments})")[:4])
        try:
            answer = self.client.call(self.address, selector + abi_encode(split_types(arguments), list(values)))
        except L1Rejected as error:
            raise explain(error) from error
        kinds = split_types(results)
        try:
            found = abi_decode(kinds, answer)
        except (DecodingError, ValueError) as error:
            raise L1Rejected(f"{name} answers another form", expected=results, got=f"{len(answer)} bytes") from error
        return found[0] if len(kinds) == 1 else found
