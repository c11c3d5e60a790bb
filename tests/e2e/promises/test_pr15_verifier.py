"""PR15: the verifier accepts a malformed or wrong proof, or says "false" where it ran out of gas."""

from __future__ import annotations

import pytest
from living_world import Living

from l2rollup.errors import L1Rejected
from l2rollup.l1.contracts import decode_error, encode_call
from l2rollup.state.header import BatchHeader, decode_proof
from l2rollup.types import parse_hex

R = 21888242871839275222246405745257275088548364400416034343698204186575808495617
Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583
WORD = 32


@pytest.fixture
def proven(living: Living) -> tuple[BatchHeader, bytes]:
    """Header and snark of a finalised batch."""
    user = living.stack.user(1)
    living.settle(user.transfer(living.stack.wallets[2].address, "3"))
    return decode_proof(parse_hex(user.get_batch_proof(living.stack.contract.finalized()), what="proof"))


def ask(living: Living, header: BatchHeader, snark: bytes, gas: int | None = None) -> bool | str:
    """What verifyStateCommitment says: a boolean, or the name of what it reverted with."""
    client, address = living.stack.client, living.stack.contract.address
    call = encode_call("verifyStateCommitment", [header.new_root, header.encode_proof(snark)])
    try:
        if gas is None:
            return bool(int.from_bytes(client.call(address, call), "big"))
        request = {"to": address, "data": "0x" + call.hex(), "gas": hex(gas)}
        return bool(int(client.request("eth_call", [request, "latest"]), 16))
    except L1Rejected as error:
        return (decode_error(error.data) or "no error of ours").split("(")[0]


def test_every_word_has_one_form(living: Living, proven: tuple[BatchHeader, bytes]) -> None:
    header, snark = proven
    assert ask(living, header, snark) is True
    names = set()
    for at in range(0, len(snark), WORD):
        value = int.from_bytes(snark[at : at + WORD], "big")
        for shift in (R, Q):
            if value + shift < 1 << 256:
                other = snark[:at] + (value + shift).to_bytes(WORD, "big") + snark[at + WORD :]
                said = ask(living, header, other)
                # another number: a coordinate off the curve, or an evaluation beyond r
                assert isinstance(said, str), (at, said)
                names.add(said)
        zero = snark[:at] + bytes(WORD) + snark[at + WORD :]
        assert ask(living, header, zero) is not True
    assert names == {"PointMalformed", "EvaluationNotCanonical"}


def test_other_lengths_and_zeros(living: Living, proven: tuple[BatchHeader, bytes]) -> None:
    header, snark = proven
    for other in (b"", snark[:-1], snark[:-WORD], snark + bytes(WORD), snark + b"\1"):
        assert ask(living, header, other) == "ProofLength"
    assert ask(living, header, bytes(len(snark))) is not True
    assert ask(living, header, b"\xff" * len(snark)) in ("PointMalformed", "EvaluationNotCanonical")


def test_lack_of_gas_is_never_false(living: Living, proven: tuple[BatchHeader, bytes]) -> None:
    header, snark = proven
    said = {gas: ask(living, header, snark, gas) for gas in range(160_000, 900_000, 20_000)}
    assert not [gas for gas, answer in said.items() if answer is False]
    assert said[880_000] is True and said[160_000] is not True
