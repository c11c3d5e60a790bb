"""Which setup proves, and the prover key made from it: the shipped one (Aztec Ignition, compressed package data) unless
an imported file is named.

What it is not: a check of points and pairing; the native module does that on every load.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from l2rollup import native
from l2rollup.errors import ConfigurationError

if TYPE_CHECKING:
    from l2rollup.native import ProverKey

SRS_NAME = "aztec-ignition-32768.srs"
SRS_SHA256 = "f4b67feb7db8b5598004d51901040c2b5ab1c0c437ce9f29ca96ad53835611d8"
CACHE_VARIABLE = "L2ROLLUP_CACHE"
SETUP_VARIABLE = "L2ROLLUP_SETUP"
UNSAFE = "unsafe-"
"""How the name of a setup begins whose tau may be known."""


def load_srs() -> bytes:
    """Returns the setup's bytes (1,048,880). Raises ConfigurationError when the package data is not that file."""
    file = importlib.resources.files("l2rollup") / "data" / "srs" / SRS_NAME
    if not file.is_file():
        raise ConfigurationError("the setup is not installed", expected=str(file), got="no file")
    content = file.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != SRS_SHA256:
        raise ConfigurationError("the setup is damaged", expected=SRS_SHA256, got=found)
    return content


def default_cache() -> Path:
    """Returns this user's folder of what can be made again; L2ROLLUP_CACHE moves it."""
    base = os.environ.get(CACHE_VARIABLE)
    return Path(base) if base else Path.home() / ".cache" / "l2rollup"


def default_key_cache() -> Path:
    """Returns the folder of prover keys shared by all nodes of this user."""
    return default_cache() / "keys"


def default_setup_folder() -> Path:
    """Returns the folder that imported setups go to, with their Lagrange bases beside them."""
    return default_cache() / "srs"


def open_keys(
    cache: Path | None = None, progress: Callable[[str, float], object] | None = None, *, setup: Path | None = None,
    transcript: str = "keccak",
) -> ProverKey:  # fmt: skip
    """Returns the prover key: from the cache when it passes every check, else made now and cached.

    `setup`: a file of any format, by default the shipped setup. `transcript`: the hash that draws the challenges,
    "keccak" for L1, "poseidon2" for a verifier that is a circuit. `progress(step, part)` hears each step and which part
    of the whole lies behind it. Raises ConfigurationError, Malformed for another transcript.
    """
    folder = cache or default_key_cache()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError("the key cache", expected="a folder that can be written", got=str(error)) from error
    return native.load().keys(folder, load_srs() if setup is None else setup, transcript, progress)


def check_production_setup(name: str) -> None:
    """Refuses the name of a setup whose tau may be known. Raises ConfigurationError."""
    if name.startswith(UNSAFE):
        raise ConfigurationError("an unsafe setup is for the dev profile", expected="a known ceremony's", got=name)


def check_ceremony(name: str, wanted: str | None) -> None:
    """Refuses a key or a setup of another ceremony than the wanted one. Raises ConfigurationError."""
    if wanted is not None and name != wanted:
        raise ConfigurationError("of another ceremony", expected=wanted, got=name)
