"""The encrypted keystore file: an Ethereum keystore (Web3 Secret Storage, version 3) and the L2 seed beside it.

The seed is encrypted with AES-256-GCM under a scrypt key of its own salt; the address is authenticated with it, so
that the halves of two files cannot be mixed. Files are written for their owner only.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from eth_account import Account

from l2rollup.errors import WalletError

VERSION = 1
SCRYPT_N = 1 << 15
SCRYPT_R = 8
SCRYPT_P = 1
MAX_SCRYPT_N = 1 << 20


def save_keystore(path: Path, password: str, ethereum_key: bytes, seed: bytes, *, overwrite: bool = False) -> None:
    """Encrypts both keys into a new file. Raises WalletError when it exists, unless `overwrite`."""
    if path.exists() and not overwrite:
        raise WalletError("keystore exists already", expected="a new file", got=str(path))
    address = str(Account.from_key(ethereum_key).address)
    salt, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
    key = _derive(password, salt, SCRYPT_N, SCRYPT_R, SCRYPT_P)
    content = {
        "version": VERSION,
        "address": address,
        "ethereum": Account.encrypt(ethereum_key, password, kdf="scrypt", iterations=SCRYPT_N),
        "eddsa": {
            "kdf": "scrypt", "n": SCRYPT_N, "r": SCRYPT_R, "p": SCRYPT_P, "salt": salt.hex(),
            "cipher": "aes-256-gcm", "nonce": nonce.hex(),
            "ciphertext": AESGCM(key).encrypt(nonce, seed, address.lower().encode()).hex(),
        },
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)


def load_keystore(path: Path, password: str) -> tuple[bytes, bytes]:
    """Returns (Ethereum key, L2 seed), 32 bytes each. Raises WalletError: no file, no keystore, wrong password."""
    try:
        content: dict[str, Any] = json.loads(path.read_text())
        if content["version"] != VERSION:
            raise WalletError("keystore has another version", expected=str(VERSION), got=str(content["version"]))
        box = content["eddsa"]
        if box["kdf"] != "scrypt" or box["cipher"] != "aes-256-gcm" or not 2 <= box["n"] <= MAX_SCRYPT_N:
            raise WalletError("keystore uses another cipher", expected="scrypt and aes-256-gcm", got=str(box["cipher"]))
        salt, nonce, sealed = (bytes.fromhex(box[name]) for name in ("salt", "nonce", "ciphertext"))
        key = _derive(password, salt, box["n"], box["r"], box["p"])
        ethereum = bytes(Account.decrypt(content["ethereum"], password))
        seed = AESGCM(key).decrypt(nonce, sealed, str(content["address"]).lower().encode())
    except OSError as error:
        raise WalletError("cannot read the keystore", expected="a readable file", got=str(error)) from error
    except (InvalidTag, ValueError) as error:
        if isinstance(error, json.JSONDecodeError):
            raise WalletError("not a keystore", expected="JSON", got=str(error)) from error
        raise WalletError("wrong password or damaged keystore", expected="the password it was made with") from error
    except (KeyError, TypeError) as error:
        raise WalletError("not a keystore", expected="version, address, ethereum, eddsa", got=repr(error)) from error
    if str(Account.from_key(ethereum).address) != content["address"]:
        raise WalletError("keystore's halves do not belong together", expected=str(content["address"]))
    return ethereum, seed


def _derive(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(password.encode())
