"""What is read of a deployed rollup, and every production rule broken once; on a live L1, with the real contracts."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode as abi_encode
from eth_account import Account
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak

from l2rollup.cli.app import run
from l2rollup.cli.doctor import POWERS
from l2rollup.config import NodeConfig
from l2rollup.errors import ConfigurationError, L1Rejected
from l2rollup.l1 import L1Client, Sender
from l2rollup.l1.accounts import derive_dev_accounts
from l2rollup.l1.beside import BREAKERS, EXECUTION_WINDOW, GOVERNOR, BesideContract
from l2rollup.l1.contracts import load_artifact
from l2rollup.l1.deploy import Deployment, deploy, deploy_rollup, read_key_data
from l2rollup.l1.inspection import Inspection, inspect, read_setup
from l2rollup.l1.local import start_anvil
from l2rollup.l1.terms import DAY, DEVELOPMENT, ETHER, PRODUCTION, Terms
from l2rollup.node.production import check_production

KEYS = {name: "0x" + bytes(keccak(text=f"test: {name}")).hex() for name in ("operator", "owner", "guardian")}
ADDRESSES = {name: str(Account.from_key(key).address) for name, key in KEYS.items()}
ROOT = (5).to_bytes(32, "big")
MADE = dataclasses.replace(PRODUCTION, owner=ADDRESSES["owner"], guardian=ADDRESSES["guardian"])


@dataclasses.dataclass
class Place:
    """A rollup for production on anvil; what a test does to it is undone."""

    client: L1Client
    deployment: Deployment

    def look(self) -> Inspection:
        return inspect(self.client, self.deployment.rollup)

    def rules(self) -> list[str]:
        return [finding.rule for finding in self.look().find_weaknesses()]

    def send(self, who: str, to: str, function: str, *values: Any) -> None:
        types = function[function.index("(") + 1 : -1]
        data = keccak(text=function)[:4] + abi_encode(types.split(",") if types else [], list(values))
        Sender(self.client, KEYS[who]).transact(to, bytes(data))

    def wait(self, seconds: int) -> None:
        self.client.request("evm_increaseTime", [seconds])
        self.client.request("evm_mine", [])

    def deploy(self, terms: Terms) -> Place:
        return Place(self.client, deploy_terms(self.client, terms))


def deploy_terms(client: L1Client, terms: Terms) -> Deployment:
    operator = Sender(client, KEYS["operator"])
    return deploy_rollup(operator, sequencer=operator.address, genesis_root=ROOT, empty_id_root=ROOT,
                         key_data=read_key_data(), terms=terms)  # fmt: skip


@pytest.fixture(scope="module")
def made() -> Iterator[Place]:
    with start_anvil() as chain:
        client = L1Client(chain.url)
        funder = Sender(client, derive_dev_accounts()[0].private_key)
        for address in ADDRESSES.values():
            funder.transact(address, value=20 * ETHER)
        yield Place(client, deploy_terms(client, MADE))


@pytest.fixture
def place(made: Place) -> Iterator[Place]:
    snapshot = made.client.request("evm_snapshot", [])
    yield made
    assert made.client.request("evm_revert", [snapshot])


def configure(place: Place, tmp_path: Path, key: str) -> NodeConfig:
    return NodeConfig(data_dir=tmp_path, l1_url=place.client.url, rollup=place.deployment.rollup, sequencer_key=key,
                      operator_key=key, profile="production", confirmations=None)  # fmt: skip


def doctor(capsys: pytest.CaptureFixture[str], place: Place) -> tuple[int, Any]:
    capsys.readouterr()
    status = run(["doctor", "--l1", place.client.url, "--rollup", place.deployment.rollup, "--json"])
    return status, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(("name", "table"), [("Breakers", BREAKERS), ("Governor", GOVERNOR)])
def test_views_are_the_contracts(name: str, table: dict[str, tuple[str, str]]) -> None:
    def types(arguments: list[dict[str, Any]]) -> str:
        return ",".join(str(collapse_if_tuple(argument)) for argument in arguments)

    abi = {entry["name"]: entry for entry in load_artifact(name)["abi"] if entry["type"] == "function"}
    for view, expected in table.items():
        assert (types(abi[view]["inputs"]), types(abi[view]["outputs"])) == expected, view


def test_the_constants_are_the_contracts() -> None:
    root = Path(__file__).resolve().parents[3] / "contracts/src"
    assert "MAX_DELAY = 3 days" in (root / "Bridge.sol").read_text()
    breakers, governor = (root / "Breakers.sol").read_text(), (root / "Governor.sol").read_text()
    assert "PAUSE = 72 hours" in breakers
    assert "PAUSE_EVERY = 30 days" in breakers
    assert "EXECUTION_WINDOW = 14 days" in governor
    assert EXECUTION_WINDOW == 14 * DAY


def test_the_setup_is_read_from_the_key() -> None:
    """tau h as the verifiers of Aztec's Ignition ceremony have it."""
    assert read_setup(read_key_data()) == "aztec-ignition"
    place = read_key_data().find(bytes.fromhex("260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1"))
    changed = bytearray(read_key_data())
    changed[place] ^= 1
    assert read_setup(bytes(changed)) == "unknown"
    assert read_setup(b"") == "unknown"


def test_production_as_it_is_deployed(place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = place.look()
    assert found.find_weaknesses() == []
    assert found.find_faults() == []
    assert (found.delay, found.exit_window) == (43 * DAY, 30 * DAY)
    assert (found.owner, found.guardian) == (ADDRESSES["owner"], ADDRESSES["guardian"])
    assert found.terms == dataclasses.replace(PRODUCTION)
    check_production(configure(place, tmp_path, KEYS["operator"]), place.client)
    status, record = doctor(capsys, place)
    assert status == 0, record["findings"]
    assert record["production"] is True
    assert record["key"]["setup"] == "aztec-ignition"
    assert record["exitWindow"]["netDays"] == 30
    assert {role["role"] for role in record["roles"]} == set(POWERS)
    assert record["bond"]["bond"] == str(ETHER)
    assert record["proposals"] == []


def test_development_is_refused(place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    terms = dataclasses.replace(DEVELOPMENT, forced_deadline=3600, finality_deadline=7200, minimum_bond=0,
                                challenge_forfeit=0, owner="", guardian="")  # fmt: skip
    other = place.deploy(terms)
    rules = ["forced deadline", "finality deadline", "minimum bond", "challenge bond", "challenge forfeit",
             "filing bond", "share", "governor's delay"]  # fmt: skip
    assert other.rules() == rules
    with pytest.raises(ConfigurationError, match="minimum bond") as refused:
        check_production(configure(other, tmp_path, KEYS["operator"]), other.client)
    assert "governor's delay >= 3715200" in str(refused.value.expected)
    assert "forced deadline 3600" in str(refused.value.got)
    assert not list(tmp_path.iterdir())
    status, record = doctor(capsys, other)
    assert status == 1
    assert [finding["rule"] for finding in record["findings"]] == rules
    assert [role["can"] for role in record["roles"] if role["role"] in ("owner", "guardian")] == ["nothing"] * 2


def test_keys_that_everybody_knows(place: Place, tmp_path: Path) -> None:
    known = derive_dev_accounts()[3]
    with pytest.raises(ConfigurationError, match="everybody knows"):
        check_production(configure(place, tmp_path, known.private_key), place.client)
    other = place.deploy(dataclasses.replace(MADE, owner=known.address))
    assert other.rules() == ["key of the owner"]
    # An account that the L1 node signs for is no secret of its owner's either.
    found = dataclasses.replace(place.look(), unlocked=frozenset({ADDRESSES["operator"]}))
    assert [finding.rule for finding in found.find_weaknesses()] == ["key of the sequencer"]


def test_breakers_of_another_governor(place: Place) -> None:
    """The rollup's constructor asks whom the breakers obey; code that answers otherwise later is seen here."""
    operator = Sender(place.client, KEYS["operator"])
    fake = deploy(operator, "Breakers", [place.deployment.rollup, operator.address, operator.address, 2500, DAY])
    code = "0x" + place.client.code(fake).hex()
    place.client.request("anvil_setCode", [place.deployment.breakers, code])
    assert place.rules() == ["breakers' governor"]


def test_another_verifier_or_code(place: Place) -> None:
    place.client.request("anvil_setCode", [place.deployment.account_reader, "0x00"])
    (found,) = place.look().find_weaknesses()
    assert (found.rule, found.expected) == ("code", "the package's contracts")
    assert "ExitReader" in found.got


def test_a_bond_that_left(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.send("operator", place.deployment.bonds, "startUnbonding(uint256)", 1)
    assert place.rules() == []
    (found,) = place.look().find_faults()
    assert (found.rule, found.got) == ("bond", str(ETHER - 1))
    assert doctor(capsys, place)[0] == 1


def test_pauses_and_proposals(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    governor, breakers = place.deployment.governor, place.deployment.breakers
    place.send("guardian", breakers, "pause(uint8)", 2)
    place.send("owner", governor, "proposeShare(address,uint16)", "0x" + "00" * 20, 100)
    place.send("owner", governor, "proposeVerifier(address)", place.deployment.verifier)
    place.send("owner", governor, "proposeGuardian(address)", ADDRESSES["operator"])
    place.send("owner", governor, "cancel(uint256)", 3)
    status, record = doctor(capsys, place)
    assert status == 0
    now = record["time"]
    assert 0 < record["breakers"]["claimsPausedUntil"] - now <= 3 * DAY
    assert record["breakers"]["depositsPausedUntil"] is None
    assert 29 * DAY < record["breakers"]["nextPauseAt"] - now <= 30 * DAY
    share, verifier = record["proposals"]
    assert (share["id"], share["changes"], share["share"], share["state"]) == (1, "share", 100, "waiting")
    assert 0 <= 43 * DAY - (share["earliest"] - now) < 3600
    assert verifier["codeHash"] == "0x" + keccak(place.client.code(place.deployment.verifier)).hex()
    place.wait(43 * DAY)
    assert [proposal.state for proposal in place.look().proposals] == ["ready", "ready"]
    place.wait(15 * DAY)
    assert [proposal.state for proposal in place.look().proposals] == ["expired", "expired"]
    assert doctor(capsys, place)[1]["breakers"]["claimsPausedUntil"] is None


def test_offers_that_are_open(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever is named can be the holder in the next block: it is shown, and judged, before."""

    def offers() -> dict[str, str]:
        record = doctor(capsys, place)[1]
        return {role["role"]: role["offeredTo"] for role in record["roles"] if "offeredTo" in role}

    assert offers() == {}
    places = {
        "sequencer": (place.deployment.bonds, "operator", "offerSequencer", "acceptSequencer"),
        "owner": (place.deployment.governor, "owner", "offerOwner", "acceptOwner"),
        "guardian": (place.deployment.breakers, "guardian", "offerGuardian", "acceptGuardian"),
    }
    heirs = {"sequencer": "owner", "owner": "guardian", "guardian": "operator"}
    for role, (contract, holder, offer, _) in places.items():
        place.send(holder, contract, f"{offer}(address)", ADDRESSES[heirs[role]])
    assert offers() == {role: ADDRESSES[heir] for role, heir in heirs.items()}
    assert place.rules() == []
    known = derive_dev_accounts()[3].address
    for contract, holder, offer, _ in places.values():
        place.send(holder, contract, f"{offer}(address)", known)
    assert place.rules() == [f"key of the {role}'s successor" for role in places]
    assert doctor(capsys, place)[0] == 1
    for role, (contract, holder, offer, accept) in places.items():
        place.send(holder, contract, f"{offer}(address)", ADDRESSES[heirs[role]])
        place.send(heirs[role], contract, f"{accept}()")
    assert offers() == {}
    found = place.look()
    assert (found.sequencer, found.owner, found.guardian) == tuple(ADDRESSES[heir] for heir in heirs.values())
    # Taken back: the zero address is nobody.
    place.send("guardian", place.deployment.governor, "offerOwner(address)", ADDRESSES["owner"])
    place.send("guardian", place.deployment.governor, "offerOwner(address)", "0x" + "00" * 20)
    assert offers() == {}


def test_a_short_token(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    rollup = place.deployment.rollup
    sender = Sender(place.client, KEYS["owner"])
    data = bytes(keccak(text="depositETH(address)")[:4]) + abi_encode(["address"], [sender.address])
    sender.transact(rollup, data, value=10)
    place.client.request("anvil_setBalance", [rollup, "0x9"])
    place.send("owner", place.deployment.breakers, "tripBalance(address)", "0x" + "00" * 20)
    assert doctor(capsys, place)[1]["breakers"]["shortTokens"] == ["0x" + "00" * 20]


def test_what_is_no_rollup(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(L1Rejected):
        inspect(place.client, ADDRESSES["owner"])
    elsewhere = dataclasses.replace(place.deployment, rollup=ADDRESSES["owner"])
    status, record = doctor(capsys, Place(place.client, elsewhere))
    assert status == 1
    assert record["error"]["name"]
    views = BesideContract(place.client, ADDRESSES["owner"], GOVERNOR)
    with pytest.raises(L1Rejected, match="another form"):
        views.view("owner")
