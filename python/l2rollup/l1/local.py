"""Local L1 chains as child processes: anvil where there is one, else the embedded chain; or the URL of another chain.

`open_l1` is the one entry point. Children are ended by their own handle, never by name.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from l2rollup.errors import L1Unreachable, Malformed
from l2rollup.l1.accounts import MNEMONIC, DevAccount, derive_dev_accounts
from l2rollup.l1.client import L1Client

START_SECONDS = 30.0
ANVIL_PACKAGE = ("@foundry-rs", "anvil-linux-amd64", "bin", "anvil")


@dataclass
class L1Chain:
    """An L1 to work on: JSON-RPC URL, kind ("anvil", "embedded", "remote"), funded accounts (local chains only)."""

    url: str
    kind: str
    accounts: tuple[DevAccount, ...] = ()
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def stop(self) -> None:
        """Ends the child process, when this chain is one."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=5)

    def __enter__(self) -> L1Chain:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def find_anvil(root: Path | None = None) -> Path | None:
    """Returns the anvil binary: on PATH, else in node_modules of `root` or of one of its parents, else None."""
    found = shutil.which("anvil")
    if found:
        return Path(found)
    start = (root or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        modules = folder / "node_modules"
        for candidate in (modules.joinpath(*ANVIL_PACKAGE), modules / ".bin" / "anvil"):
            if candidate.is_file() and os.access(candidate, os.X_OK):
                return candidate
    return None


def open_l1(choice: str = "auto", *, port: int = 0, root: Path | None = None) -> L1Chain:
    """Opens the L1 that `choice` names: "anvil", "embedded", "auto" (anvil if found, else embedded) or an http(s) URL.

    Raises Malformed for another choice, L1Unreachable when the chain does not answer.
    """
    if choice == "auto":
        choice = "anvil" if find_anvil(root) else "embedded"
    if choice == "anvil":
        return start_anvil(port=port, root=root)
    if choice == "embedded":
        return start_embedded(port=port)
    if urlsplit(choice).scheme in ("http", "https"):
        L1Client(choice).chain_id()
        return L1Chain(choice, "remote")
    raise Malformed("unknown L1", expected="anvil, embedded, auto or an http(s) URL", got=choice)


def start_embedded(*, port: int = 0) -> L1Chain:
    """Starts the embedded chain as a child process and waits until it serves."""
    process = _spawn([sys.executable, "-m", "l2rollup.l1.embedded", "--port", str(port)], pipe=True)
    url = _first_line(process)
    if not url.startswith("http://127.0.0.1:"):
        process.kill()
        raise L1Unreachable("the embedded chain did not start", expected="its URL as first line", got=url or "nothing")
    return L1Chain(url, "embedded", derive_dev_accounts(), process)


def start_anvil(
    *, port: int = 0, root: Path | None = None, finality_blocks: int = 2, arguments: Sequence[str] = ()
) -> L1Chain:
    """Starts anvil on a free port with the fixed mnemonic. Raises L1Unreachable without a binary.

    finality_blocks: how far finality lags behind the head, an even number (two of anvil's epochs).
    """
    binary = find_anvil(root)
    if binary is None:
        raise L1Unreachable("anvil is not installed", expected="anvil on PATH or in node_modules", got="none")
    port = port or _free_port()
    command = [
        str(binary), "--port", str(port), "--host", "127.0.0.1", "--mnemonic", MNEMONIC,
        "--accounts", str(len(derive_dev_accounts())), "--slots-in-an-epoch", str(max(1, finality_blocks // 2)),
        "--gas-limit", "60000000", "--quiet", *arguments,
    ]  # fmt: skip
    process = _spawn(command, pipe=False)
    chain = L1Chain(f"http://127.0.0.1:{port}", "anvil", derive_dev_accounts(), process)
    client = L1Client(chain.url, retries=1)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            client.chain_id()
            return chain
        except L1Unreachable:
            if process.poll() is not None or time.monotonic() > deadline:
                chain.stop()
                raise
            time.sleep(0.05)


def _spawn(command: list[str], *, pipe: bool) -> subprocess.Popen[str]:
    # A session of its own keeps Ctrl-C of the terminal from ending the chain before the node has stopped.
    # A killed parent must not leave the child behind: PR_SET_PDEATHSIG is not used, because a node killed with -9
    # is expected to find its L1 alive.
    return subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if pipe else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip


def _first_line(process: subprocess.Popen[str]) -> str:
    lines: list[str] = []

    def read() -> None:
        if process.stdout is not None:
            lines.append(process.stdout.readline().strip())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(START_SECONDS)
    return lines[0] if lines else ""


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def end_process(pid: int) -> None:
    """Ends a process started earlier, by its id; one that has ended already is no error."""
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
