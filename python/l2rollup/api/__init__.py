"""Who asks, and in what words: JSON-RPC 2.0 over HTTP, health and metrics. No rollup rules here."""

from l2rollup.api.server import Server

__all__ = ["Server"]
