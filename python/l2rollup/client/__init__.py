"""The Python client: wallet with encrypted keystore, and Layer2API whole over JSON-RPC and L1."""

from l2rollup.client.client import Client
from l2rollup.client.group import Group
from l2rollup.client.layer2 import Layer2API
from l2rollup.client.receipt import check_on_l1, verify_receipt
from l2rollup.client.transport import RpcError, Transport
from l2rollup.client.wallet import Wallet

__all__ = [
    "Client", "Group", "Layer2API", "RpcError", "Transport", "Wallet", "check_on_l1", "verify_receipt",
]  # fmt: skip
