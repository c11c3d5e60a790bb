"""Serves the application with uvicorn in a thread of its own, so that a node and its API live in one process."""

from __future__ import annotations

import socket
import threading
import time

import uvicorn

from l2rollup.api.app import App
from l2rollup.api.limits import Limits
from l2rollup.api.rpc import Rpc
from l2rollup.errors import ConfigurationError
from l2rollup.node import Node

START_SECONDS = 10.0


class Server:
    """HTTP server of a started node. host and port default to the node's configuration; port 0 takes a free one."""

    def __init__(
        self, node: Node, *, host: str | None = None, port: int | None = None, limits: Limits | None = None
    ) -> None:
        self._host = host if host is not None else node.config.api_host
        self._socket = _listen(self._host, port if port is not None else node.config.api_port)
        config = uvicorn.Config(
            App(node, Rpc(node, limits)), log_level="warning", access_log=False, lifespan="off", timeout_keep_alive=30,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="l2rollup-http", daemon=True
        )

    @property
    def url(self) -> str:
        """Address of the API."""
        return f"http://{self._host}:{self._socket.getsockname()[1]}"

    def start(self) -> Server:
        """Begins to serve; returns itself once connections are taken."""
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise ConfigurationError("the API does not start", expected=self.url, got="no answer")
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        """Stops serving and frees the port."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._socket.close()

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigurationError("cannot listen", expected=f"a free port {host}:{port}", got=str(error)) from error
    return listener
