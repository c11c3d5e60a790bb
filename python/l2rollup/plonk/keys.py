"""Setups, keys and proofs of a circuit, and their files.

A key's bytes end with their SHA-256, so that damage is told apart from another circuit's key; a proof's carry none,
because a verifier must refuse what does not hold anyway. What it is not: the checks themselves; the native module
makes them on every load.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache as memoise
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from l2rollup import native
from l2rollup.errors import ConfigurationError, L2Error, Malformed, ProofMalformed
from l2rollup.plonk.layout import Layout, name_relation
from l2rollup.plonk.relation import WORD, read_name
from l2rollup.plonk.values import to_elements
from l2rollup.plonk.witness import Witness, name_publics, open_circuit
from l2rollup.proof.setup import default_key_cache, load_srs

if TYPE_CHECKING:
    from l2rollup.plonk.circuit import Circuit
    from l2rollup.plonk.solidity import SolidityVerifier

Progress = Callable[[str, float], object]
"""Called as progress(step, part of the whole) between the steps of a long call; an exception of it ends the call."""
VERIFYING_MAGIC, PROVING_MAGIC, PROOF_MAGIC = b"l2r-plvk", b"l2r-plpk", b"l2r-plpf"
_SUM = 32


class Setup:
    """A KZG setup: powers of a tau that, for a ceremony, nobody knows."""

    def __init__(self, handle: native.PlonkSetup) -> None:
        self.handle = handle

    @classmethod
    def shipped(cls, progress: Progress | None = None) -> Setup:
        """The package's: Aztec Ignition, 32,769 powers. Read and checked once a process."""
        return _shipped() if progress is None else cls.from_bytes(load_srs(), progress)

    @classmethod
    def from_bytes(cls, data: bytes, progress: Progress | None = None) -> Setup:
        """A setup in the package's form or arkworks', with every check. Raises ConfigurationError."""
        return cls(native.load().plonk_setup(data, 0, progress))

    @classmethod
    def from_file(cls, file: Path | str, rows: int = 1 << 15, progress: Progress | None = None) -> Setup:
        """The first `rows` powers (or all) of a file: .ptau, Ignition, EigenDA, arkworks or local form; all checked.

        Lagrange bases are kept beside the file. Raises ConfigurationError.
        """
        if not isinstance(rows, int) or rows < 2:
            raise Malformed("rows", expected="an integer of at least 2", got=repr(rows))
        return cls(native.load().plonk_setup(Path(file), rows, progress))

    @classmethod
    def unsafe(cls, tau: int, powers: int) -> Setup:
        """A setup whose tau is known: for trying things out. Every key made with it says "unsafe"."""
        [element] = to_elements("tau", [tau], (1,))
        return cls(native.load().plonk_dev_setup(element.to_bytes(WORD, "little"), powers))

    @property
    def name(self) -> str:
        """The ceremony; it begins with "unsafe-" unless a known one made it."""
        return self.handle.name

    @property
    def rows(self) -> int:
        """The most rows of a circuit."""
        return 1 << (self.handle.powers.bit_length() - 1)

    def __repr__(self) -> str:
        return f"Setup({self.name!r}, {self.rows} rows)"


@memoise
def _shipped() -> Setup:
    return Setup.from_bytes(load_srs())


@dataclass(frozen=True)
class Proof:
    """A proof: its bytes, the public values it is about, the digest of the verifying key it was made for."""

    snark: bytes
    instance: tuple[int, ...]
    key_digest: bytes
    described: tuple[tuple[str, tuple[int, ...]], ...] = ()
    seconds: float = 0.0

    @property
    def public(self) -> dict[str, Any]:
        """The public values by name, in their shapes."""
        return name_publics(self.described, self.instance)

    def to_bytes(self) -> bytes:
        """Magic, key digest, number of public values, the values (32 bytes each, big endian), the proof."""
        values = b"".join(value.to_bytes(WORD, "big") for value in self.instance)
        return PROOF_MAGIC + self.key_digest + len(self.instance).to_bytes(4, "big") + values + self.snark

    @classmethod
    def from_bytes(cls, data: bytes) -> Proof:
        """Reads the form only; whether it holds is for `VerifyingKey.verify`. Raises ProofMalformed."""
        head = len(PROOF_MAGIC) + 32 + 4
        if len(data) < head or data[: len(PROOF_MAGIC)] != PROOF_MAGIC:
            raise ProofMalformed("proof", expected=f"{PROOF_MAGIC.decode()} first", got=f"{len(data)} other bytes")
        count = int.from_bytes(data[head - 4 : head], "big")
        if len(data) < head + WORD * count:
            raise ProofMalformed("proof", expected=f"{count} public values", got=f"{len(data) - head} bytes for them")
        words = (data[head + WORD * i : head + WORD * (i + 1)] for i in range(count))
        return cls(data[head + WORD * count :], tuple(int.from_bytes(w, "big") for w in words), data[8:40])


class VerifyingKey:
    """What a verifier needs: no circuit, no setup."""

    def __init__(self, relation: bytes, vk: bytes, described: list[tuple[str, tuple[int, ...]]]) -> None:
        self._relation, self._vk = relation, vk
        self.described = tuple((name, tuple(shape)) for name, shape in described)
        self.handle = native.load().plonk_verifying_key(relation, vk)
        self.name = read_name(relation)
        wanted = name_relation(self.name.split(" (")[0], self.described)
        if wanted != self.name or sum(prod(shape) for _, shape in self.described) != self.handle.public_inputs:
            raise Malformed("public values of a key", expected=self.name, got=wanted)

    @property
    def digest(self) -> bytes:
        """Digest of relation, fixed columns, permutation and ceremony; `vkDigest()` of the Solidity verifier."""
        return self.handle.digest

    @property
    def setup(self) -> str:
        """The ceremony; it begins with "unsafe-" unless a known one made it."""
        return self.handle.setup

    @property
    def transcript(self) -> str:
        """The hash that draws its challenges: "keccak" or "poseidon2"."""
        return self.handle.transcript

    def load_proof(self, data: bytes) -> Proof:
        """A proof of this key from `Proof.to_bytes`, its public values named. Raises ProofMalformed."""
        return replace(Proof.from_bytes(data), described=self.described)

    def verify(self, proof: Proof, /, **public: object) -> None:
        """Raises ProofRejected for a proof that does not hold, ProofMalformed for one that is none.

        `public` are values the caller insists on, by name: a proof of others is rejected.
        """
        if proof.key_digest != self.digest:
            raise ProofMalformed("proof of another key", expected=self.digest.hex(), got=proof.key_digest.hex())
        instance = self._insist(proof, public)
        words = []
        for i, value in enumerate(instance):
            if not 0 <= value < 1 << (8 * WORD):
                raise ProofMalformed(f"public value {i}", expected="32 bytes", got=str(value))
            words.append(value.to_bytes(WORD, "little"))
        if len(words) != self.handle.public_inputs:
            raise ProofMalformed("public values", expected=str(self.handle.public_inputs), got=str(len(words)))
        try:
            self.handle.verify(b"".join(words), proof.snark)
        except Malformed as error:
            raise ProofMalformed(error.message, expected=error.expected, got=error.got) from error

    def _insist(self, proof: Proof, public: dict[str, object]) -> list[int]:
        out, at = list(proof.instance), 0
        unknown = sorted(set(public) - {name for name, _ in self.described})
        if unknown:
            names = ", ".join(name for name, _ in self.described) or "none"
            raise Malformed("public values", expected=names, got=", ".join(unknown))
        for name, shape in self.described:
            if name in public:
                out[at : at + prod(shape)] = to_elements(name, public[name], shape)
            at += prod(shape)
        return out

    def export_solidity(self, name: str = "Plonk") -> SolidityVerifier:
        """The Solidity verifier of this key: sources, and the data of its key contract.

        Raises Malformed for a key of another transcript than keccak.
        """
        from l2rollup.plonk.solidity import SolidityVerifier

        sources, key_code = self.handle.export_solidity(name)
        return SolidityVerifier(name, dict(sources), key_code, self.digest)

    def to_bytes(self) -> bytes:
        """The key as a file; `from_bytes` needs nothing else."""
        names = msgspec.json.encode([[name, list(shape)] for name, shape in self.described])
        return _seal(VERIFYING_MAGIC, names, self._relation, self._vk)

    @classmethod
    def from_bytes(cls, data: bytes) -> VerifyingKey:
        """Reads a key with every check. Raises Malformed for a truncated or damaged one."""
        names, relation, vk = _open(VERIFYING_MAGIC, "verifying key", data, 3)
        try:
            described = msgspec.json.decode(names, type=list[tuple[str, list[int]]])
        except msgspec.DecodeError as error:
            raise Malformed("verifying key", expected="names of public values", got=str(error)) from error
        return cls(relation, vk, [(name, tuple(shape)) for name, shape in described])

    def __repr__(self) -> str:
        return f"VerifyingKey({self.digest.hex()}, setup={self.setup!r})"


class ProvingKey:
    """What a prover needs: the circuit, which computes witnesses, and the key."""

    def __init__(self, circuit: Circuit, handle: native.PlonkKey) -> None:
        self.circuit, self.handle = circuit, handle
        self.layout = circuit.layout()
        self.verifying_key = VerifyingKey(self.layout.encoded, handle.vk(), self.layout.described)

    @property
    def digest(self) -> bytes:
        """Digest of the verifying key."""
        return self.handle.digest

    @property
    def setup(self) -> str:
        """The ceremony."""
        return self.handle.setup

    @property
    def transcript(self) -> str:
        """The hash that draws its challenges: "keccak" or "poseidon2"."""
        return self.handle.transcript

    def prove(self, /, progress: Progress | None = None, **inputs: object) -> Proof:
        """Proves named inputs. Raises Malformed, WitnessRejected naming constraint, label and values, Cancelled."""
        return self.prove_witness(self.circuit.assign(**inputs), progress=progress)

    def prove_witness(self, witness: Witness, *, check: bool = True, progress: Progress | None = None) -> Proof:
        """Proves a witness; without `check` whatever it holds is proved, and a verifier refuses what does not hold."""
        if witness.layout.digest != self.layout.digest:
            got = f"one of {witness.layout.name} ({witness.layout.digest.hex()[:16]})"
            expected = f"one of {self.layout.name} ({self.layout.digest.hex()[:16]})"
            raise Malformed("witness of another circuit", expected=expected, got=got)
        if check:
            witness.require()
        snark, seconds = self.handle.prove(witness.packed(), witness.packed_instance(), False, progress)
        return Proof(snark, tuple(witness.instance), self.digest, tuple(self.layout.described), seconds)

    def to_bytes(self) -> bytes:
        """The key as a file; `Circuit.load_key` reads it."""
        return _seal(PROVING_MAGIC, self.layout.digest, self.handle.cache())

    def __repr__(self) -> str:
        return f"ProvingKey({self.circuit.name!r}, 2^{self.layout.log_n} rows, setup={self.setup!r})"


def compile_circuit(
    circuit: Circuit, setup: Setup | None, transcript: str, cache: bool | Path, progress: Progress | None
) -> ProvingKey:
    """Makes a key, or takes a cached one, of whatever transcript, that passes every check; else it is made again."""
    layout = circuit.layout()
    chosen = setup or Setup.shipped()
    layout.check_budget(chosen.rows, chosen.name)

    def open_keys(cached: bytes | None) -> ProvingKey:
        handle = native.load().plonk_keys(open_circuit(layout), chosen.handle, cached, transcript, progress)
        return ProvingKey(circuit, handle)

    if not cache:
        return open_keys(None)
    folder = cache if isinstance(cache, Path) else default_key_cache()
    file = folder / f"plonk-{layout.digest.hex()[:16]}-{chosen.handle.digest.hex()[:16]}.key"
    if file.is_file():
        try:
            return open_keys(_read_key(layout, file.read_bytes()))
        except L2Error as error:
            if progress is not None:
                progress(f"the cached key is refused ({error}) and made again", 0.0)
    key = open_keys(None)
    _store(file, key.to_bytes())
    return key


def load_key(circuit: Circuit, data: bytes, setup: Setup | None, progress: Progress | None) -> ProvingKey:
    """Reads a proving key of this circuit and setup. Raises Malformed for damaged bytes, or those of others."""
    layout = circuit.layout()
    cached = _read_key(layout, data)
    chosen = setup or Setup.shipped()
    layout.check_budget(chosen.rows, chosen.name)
    return ProvingKey(circuit, native.load().plonk_keys(open_circuit(layout), chosen.handle, cached, None, progress))


def _read_key(layout: Layout, data: bytes) -> bytes:
    digest, cached = _open(PROVING_MAGIC, "proving key", data, 2)
    if digest != layout.digest:
        raise Malformed("proving key of another circuit", expected=layout.digest.hex(), got=digest.hex())
    return cached


def _store(file: Path, content: bytes) -> None:
    """Writes beside and renames, so that no reader sees half a file. Raises ConfigurationError."""
    part = file.with_suffix(f".{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(file)
    except OSError as error:
        raise ConfigurationError("the key cache", expected="a folder that can be written", got=str(error)) from error


def _seal(magic: bytes, *parts: bytes) -> bytes:
    body = magic + b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return body + hashlib.sha256(body).digest()


def _open(magic: bytes, what: str, data: bytes, count: int) -> list[bytes]:
    if len(data) < len(magic) + _SUM or data[: len(magic)] != magic:
        raise Malformed(what, expected=f"{magic.decode()} and a key", got=f"{len(data)} other bytes")
    body, found = data[:-_SUM], data[-_SUM:]
    wanted = hashlib.sha256(body).digest()
    if wanted != found:
        raise Malformed(f"{what}: damaged or truncated", expected=f"checksum {wanted.hex()}", got=found.hex())
    parts, at = [], len(magic)
    while at + 8 <= len(body):
        length = int.from_bytes(body[at : at + 8], "big")
        parts.append(body[at + 8 : at + 8 + length])
        at += 8 + length
    if at != len(body) or len(parts) != count:
        raise Malformed(what, expected=f"{count} parts", got=f"{len(parts)} in {len(body)} bytes")
    return parts


