"""rotate_key and set_storage on a running node, from the client's call to L1 and back by proofs."""

from __future__ import annotations

import pytest
from node_world import ETH, NATIVE, World

from l2rollup.client import Client, RpcError, Wallet
from l2rollup.errors import Malformed, ProofRejected
from l2rollup.node import Reconstruction
from l2rollup.types import parse_hex


def key_of(wallet: Wallet) -> str:
    return "0x" + b"".join(part.to_bytes(32, "big") for part in wallet.public_key).hex()


def test_a_rotated_key_signs_and_settles(world: World) -> None:
    """No signature of it goes to L1; what the old key signed is refused; the owner may still set a key above it."""
    world.start()
    world.fund(1, ETH)
    world.fund(2, ETH)  # fees go to account 1
    alice, other, third = world.user(2), world.wallet(7), world.wallet(8)
    old = alice.sign(alice.draft_transfer(world.wallet(3).address, 1, nonce=1))
    assert len(parse_hex(alice.sign(alice.draft_rotate_key(other))["signature"])) == 74
    before = int(alice.get_account_balance(alice.wallet.address))
    rotated = alice.rotate_key(other)
    alice.wait(rotated, "settled")
    assert int(alice.get_account_balance(alice.wallet.address)) < before, "it pays a fee"
    with pytest.raises(RpcError) as caught:
        alice.send_transaction(old)
    assert caught.value.code == "bad_signature"
    successor = Wallet(alice.wallet.export_ethereum_key(), other.export_eddsa_key())
    new = Client(alice.transport.url, successor)
    new.wait(new.transfer(world.wallet(3).address, 2), "settled")
    # set_key by the owner's Ethereum key, and a rotation after it, in one batch
    new.wait(new.set_key(third))
    last = Client(alice.transport.url, Wallet(alice.wallet.export_ethereum_key(), third.export_eddsa_key()))
    last.wait(last.rotate_key(world.wallet(9)), "settled")
    account = last.get_account(alice.wallet.address)
    assert account is not None
    assert account["key"] == key_of(world.wallet(9))
    world.settle_all()
    rebuilt = list(Reconstruction(world.client, world.rollup, NATIVE.Engine).run())
    assert rebuilt[-1].root == world.running().context.engine.root()


def test_a_key_that_is_none_is_refused_at_intake(world: World) -> None:
    world.start()
    world.fund(1, ETH)
    alice = world.user(1)
    unusable = world.wallet(7)
    unusable.public_key = (0, 1)
    with pytest.raises(RpcError) as caught:
        alice.rotate_key(unusable)
    assert caught.value.code == "bad_key"
    draft = alice.draft_rotate_key(world.wallet(7)).with_fee(1)
    with pytest.raises(RpcError) as caught:
        alice.submit(draft)
    assert caught.value.code == "fee_too_low"


def test_storage_is_written_settled_and_shown(world: World) -> None:
    world.start()
    world.fund(1, ETH)
    alice, reader = world.user(1), world.user(2)
    address, value = alice.wallet.address, (1 << 240) - 1
    assert reader.get_storage(address, 65535) == 0
    alice.wait(alice.set_storage(65535, value), "settled")
    alice.wait(alice.set_storage(0, 7), "settled")
    assert (reader.get_storage(address, 65535), reader.get_storage(address, 0)) == (value, 7)
    assert reader.get_storage(world.wallet(5).address, 0) == 0, "an absent account"
    shown = reader.get_account_proof(address, slot=65535)["proof"]["storage"]
    assert (shown["position"], int(shown["value"], 16)) == (65535, value)
    assert reader.get_account_proof(address, slot=1)["proof"]["storage"]["value"] == "0x" + "00" * 32
    assert reader.get_account_proof(world.wallet(5).address, slot=1)["proof"]["storage"] is None
    refused = {"out_of_range": (65536, -1), "not_an_integer": ("1", True, 1.5)}
    for slot, code in [(slot, code) for code, slots in refused.items() for slot in slots]:
        for method, params in (("l2_getStorage", (address, slot)), ("l2_getAccountProof", (address, None, slot))):
            with pytest.raises(RpcError) as caught:
                reader.transport.call(method, *params)
            assert caught.value.code == code, (method, slot)
    for slot, amount in ((65536, 1), (1, 1 << 240)):
        with pytest.raises(Malformed):
            alice.set_storage(slot, amount)
    alice.wait(alice.set_storage(65535, 0), "settled")
    assert reader.get_storage(address, 65535) == 0
    world.settle_all()
    fresh = Reconstruction(world.client, world.rollup, NATIVE.Engine)
    list(fresh.run())
    assert int.from_bytes(fresh.engine.storage(alice.wallet.address_bytes, 0), "big") == 7


def test_a_false_storage_proof_is_found_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.start()
    world.fund(1, ETH)
    alice = world.user(1)
    alice.wait(alice.set_storage(3, 5))
    honest = alice.transport.call("l2_getAccountProof", alice.wallet.address, None, 3)
    for change in ({"value": "0x" + "00" * 31 + "06"}, {"position": 2}):
        lie = {**honest, "proof": {**honest["proof"], "storage": {**honest["proof"]["storage"], **change}}}
        monkeypatch.setattr(alice.transport, "call", lambda *_, lie=lie: lie)
        with pytest.raises(ProofRejected):
            alice.get_account_proof(alice.wallet.address, slot=3)
