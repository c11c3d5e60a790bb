"""The shipped setup (Aztec Ignition, compressed package data) and the prover keys made from it on first use."""

from __future__ import annotations

import hashlib
import importlib.resources
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

from l2rollup import native
from l2rollup.errors import ConfigurationError

SRS_SHA256 = "adfc7e882e487656ce92f4a0542a74c4c92022497fd6e29d70d22e74f5a229fe"
SRS_NAME = "aztec-ignition-32768.bin"


def load_srs() -> bytes:
    """Returns the setup's bytes (2,097,496). Raises ConfigurationError when the package data is not that file."""
    folder = importlib.resources.files("l2rollup") / "data" / "srs"
    packed, plain = folder / f"{SRS_NAME}.xz", folder / SRS_NAME
    if packed.is_file():
        content = lzma.decompress(packed.read_bytes())
    elif plain.is_file():
        content = plain.read_bytes()
    else:
        raise ConfigurationError("the setup is not installed", expected=str(packed), got="no file")
    found = hashlib.sha256(content).hexdigest()
    if found != SRS_SHA256:
        raise ConfigurationError("the setup is damaged", expected=SRS_SHA256, got=found)
    return content


def default_key_cache() -> Path:
    """Returns the folder of prover keys shared by all nodes of this user."""
    return Path.home() / ".cache" / "l2rollup" / "keys"


def open_keys(cache: Path | None = None, progress: Callable[..., None] | None = None) -> Any:
    """Returns the prover key: from the cache when its digest is right, else made now and cached."""
    folder = cache or default_key_cache()
    folder.mkdir(parents=True, exist_ok=True)
    return native.load().keys(str(folder), load_srs(), progress)
