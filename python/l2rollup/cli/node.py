"""`l2rollup node`: deploy the contracts, run a node with its API, ask one how it is."""

from __future__ import annotations

import json
import os
import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import requests
import typer

from l2rollup import native
from l2rollup.api import Server
from l2rollup.cli.logs import write_logs_to_stderr
from l2rollup.cli.options import DEFAULT_NODE, AsJson, NodeUrl, Rollup, SetupFile, read_secret
from l2rollup.cli.output import Output
from l2rollup.client import Client
from l2rollup.config import NodeConfig
from l2rollup.errors import ConfigurationError, Retryable
from l2rollup.l1 import L1Client, Sender
from l2rollup.l1.deploy import deploy_rollup
from l2rollup.l1.terms import PRODUCTION, Terms, find_weaknesses
from l2rollup.node import Node
from l2rollup.proof import open_keys
from l2rollup.proof.setup import check_production_setup
from l2rollup.state import compute_empty_id_root
from l2rollup.types import parse_address, parse_amount, to_address

OPERATOR_VARIABLE = "L2ROLLUP_OPERATOR_KEY"
SEQUENCER_VARIABLE = "L2ROLLUP_SEQUENCER_KEY"
app = typer.Typer(name="node", no_args_is_help=True, help="Run a node.")
RequiredL1 = Annotated[str, typer.Option("--l1", envvar="L2ROLLUP_L1", help="URL of the L1 node.")]
KeyFile = Annotated[
    str | None, typer.Option(help=f"File with the Ethereum key that pays for L1 (else ${OPERATOR_VARIABLE}).")
]
SequencerFile = Annotated[
    str | None,
    typer.Option(help=f"File with the key that signs headers (else ${SEQUENCER_VARIABLE}, else the operator's)."),
]
KeyCache = Annotated[Path | None, typer.Option(help="Folder of prover keys; default: ~/.cache/l2rollup.")]


def read_key(file: str | None, variable: str) -> str | None:
    """Returns an Ethereum key from a file or the environment, None when neither names one."""
    text = read_secret(file, "key") if file is not None else os.environ.get(variable)
    if text is None:
        return None
    digits = text.strip().removeprefix("0x")
    if len(digits) != 64 or any(c not in "0123456789abcdefABCDEF" for c in digits):
        raise ConfigurationError("not an Ethereum key", expected="64 hex digits", got=f"{len(digits)} characters")
    return "0x" + digits


def check_key_file(file: str | None) -> None:
    """Refuses a key file that others can read. Raises ConfigurationError; a key from stdin or nowhere is no file."""
    if file is None or file == "-" or not Path(file).exists():
        return
    mode = Path(file).stat().st_mode & 0o777
    if mode & 0o077:
        raise ConfigurationError("others can read the key file", expected=f"chmod 600 {file}", got=f"mode {mode:03o}")


def require_key(file: str | None, variable: str) -> str:
    """Returns an Ethereum key. Raises ConfigurationError when none is given."""
    key = read_key(file, variable)
    if key is None:
        raise ConfigurationError("a key is missing", expected=f"a key file or ${variable}", got="neither")
    return key


@app.command("deploy")
def deploy_command(
    l1: RequiredL1, operator_key_file: KeyFile = None,
    sequencer: Annotated[str | None, typer.Option(help="Address that may commit; default: the operator's.")] = None,
    owner: Annotated[
        str | None, typer.Option(help="Who proposes upgrades: an address, or none; default: the operator's.")
    ] = None,
    guardian: Annotated[
        str | None, typer.Option(help="Who may pause for 72 hours: an address, or none; default: the operator's.")
    ] = None,
    minimum_bond: Annotated[
        str | None, typer.Option(help="Wei that the sequencer must have bonded, posted now; default: 1 ETH.")
    ] = None,
    profile: Annotated[
        str, typer.Option(help="production or dev: only dev takes an unsafe setup or a smaller bond.")
    ] = "production",
    key_cache: KeyCache = None, setup: SetupFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Deploy all contracts and post the bond; prints the addresses and the block that a node starts from."""
    output = Output(as_json)
    terms = choose_terms(profile, owner, guardian, minimum_bond)
    sender = Sender(L1Client(l1), require_key(operator_key_file, OPERATOR_VARIABLE))
    committer = to_address(parse_address(sequencer, what="sequencer")) if sequencer else sender.address
    with output.step("prover keys (made on first use, then cached)") as report:
        key = open_keys(key_cache, report, setup=setup)
    if profile == "production":
        check_production_setup(key.setup)
    module = native.load()
    with output.step("contracts"):
        deployment = deploy_rollup(
            sender, sequencer=committer,
            genesis_root=module.Engine.genesis(sender.client.chain_id(), bytes(20)).root(),
            empty_id_root=compute_empty_id_root(module.poseidon2_permute), key_data=module.export_solidity(key.vk())[1],
            terms=terms,
        )  # fmt: skip
    output.emit({
        "rollup": deployment.rollup, "verifier": deployment.verifier, "bonds": deployment.bonds,
        "breakers": deployment.breakers, "governor": deployment.governor, "startBlock": deployment.start_block,
        "sequencer": committer, "gas": deployment.gas,
    })  # fmt: skip


def choose_terms(profile: str, owner: str | None, guardian: str | None, minimum_bond: str | None) -> Terms:
    """Returns what the contracts are deployed with. Raises ConfigurationError where production would not run on it."""
    terms = replace(PRODUCTION, owner=_read_role(owner, "owner"), guardian=_read_role(guardian, "guardian"))
    if minimum_bond is not None:
        bond = parse_amount(minimum_bond, bits=96, what="minimum bond")
        terms = replace(terms, minimum_bond=bond, challenge_forfeit=min(terms.challenge_forfeit, bond))
    weak = find_weaknesses(terms)
    if profile == "production" and weak:
        raise ConfigurationError(f"production does not run on this {weak[0].rule}", expected=weak[0].expected,
                                 got=weak[0].got)  # fmt: skip
    return terms


def _read_role(value: str | None, what: str) -> str | None:
    """An address, "" for nobody, None for the deployer."""
    if value is None:
        return None
    return "" if value == "none" else to_address(parse_address(value, what=what))


@app.command()
def run(
    l1: RequiredL1, rollup: Rollup,
    data_dir: Annotated[Path, typer.Option("--data-dir", help="Database, snapshots.")],
    operator_key_file: KeyFile = None, sequencer_key_file: SequencerFile = None,
    start_block: Annotated[int, typer.Option(min=0, help="L1 block of the deployment.")] = 0,
    profile: Annotated[str, typer.Option(help="production or dev.")] = "production",
    confirmations: Annotated[
        int | None, typer.Option(min=1, help="Depth at which deposits are credited; default: L1 finality (production).")
    ] = None,
    host: Annotated[str, typer.Option(help="Address the API listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8545,
    batch_age: Annotated[float, typer.Option(min=0.1, help="Seconds after which a batch is sealed.")] = 60.0,
    fee_account: Annotated[str | None, typer.Option(help="L2 address that fees go to.")] = None,
    receipt_cover: Annotated[
        int, typer.Option(min=0, help="Wei that each receipt promises, while half of the bond covers what is open.")
    ] = 0,
    key_cache: KeyCache = None, setup: SetupFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Run a node and its API until Ctrl-C or SIGTERM; logs are JSON lines on stderr."""
    output = Output(as_json)
    write_logs_to_stderr()
    if profile == "production":
        check_key_file(operator_key_file)
        check_key_file(sequencer_key_file)
    operator = require_key(operator_key_file, OPERATOR_VARIABLE)
    config = NodeConfig(
        data_dir=data_dir, l1_url=l1, rollup=to_address(parse_address(rollup, what="rollup")), operator_key=operator,
        sequencer_key=read_key(sequencer_key_file, SEQUENCER_VARIABLE) or operator, start_block=start_block,
        profile=profile, confirmations=confirmations, batch_age=batch_age, key_cache=key_cache, setup=setup,
        api_host=host, api_port=port, receipt_cover=receipt_cover,
        fee_account=None if fee_account is None else to_address(parse_address(fee_account)),
    )  # fmt: skip
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with Node(config) as node, Server(node) as server:
        output.emit({"node": server.url, "rollup": config.rollup, "profile": profile})
        try:
            ended.wait()
        except KeyboardInterrupt:
            output.say("stopping")


@app.command()
def info(node: NodeUrl = DEFAULT_NODE, as_json: AsJson = False) -> None:
    """Show chain, contract, tokens, prices and how far the node is."""
    Output(as_json).emit(Client(node).chain_info())


@app.command()
def health(node: NodeUrl = DEFAULT_NODE, as_json: AsJson = False) -> None:
    """Show every stage's state; exit status 1 unless all are ok."""
    record = read_health(node)
    Output(as_json).emit(record)
    if record["status"] != "ok":
        raise typer.Exit(1)


def read_health(node: str) -> dict[str, Any]:
    """Returns GET /health. Raises Retryable when the node does not answer."""
    try:
        answer = requests.get(f"{node.rstrip('/')}/health", timeout=10)
        record: dict[str, Any] = json.loads(answer.text)
        return record
    except (requests.RequestException, ValueError) as error:
        raise Retryable("the node does not answer", expected=node, got=str(error)[:200]) from error
