"""What a node is held to: every signed header by number, and the opening of every item of a batch."""

from __future__ import annotations

import itertools

import pytest
from node_world import ETH, ZERO, World

from l2rollup import native
from l2rollup.client import RpcError
from l2rollup.client.evidence import parse_paper, parse_signed
from l2rollup.processor.block import compute_domain_separator
from l2rollup.state.id_tree import compute_id_root


def test_headers_and_openings(world: World) -> None:
    world.start()
    world.fund(1, ETH)
    alice = world.user(1)
    hashes = [alice.transfer(world.wallet(2).address, str(5 + n), ZERO) for n in range(3)]
    for hash_ in hashes:
        alice.wait(hash_, "settled")
    info = alice.chain_info()
    separator = compute_domain_separator(info["chainId"], bytes.fromhex(info["rollup"][2:]))

    headers = [parse_signed(raw, separator) for raw in alice.transport.call("l2_getBlocks", 0, 100)]
    assert [signed.header.number for signed in headers] == list(range(len(headers)))
    assert {signed.signer for signed in headers} == {info["sequencer"].lower()}
    for before, after in itertools.pairwise(headers):
        assert after.header.parent == before.digest
    assert alice.transport.call("l2_getBlocks", 1, 1)[0]["header"]["number"] == 1
    assert alice.transport.call("l2_getBlocks", len(headers) + 1000) == []

    for hash_ in hashes:
        paper = parse_paper(alice.transport.call("l2_getReceipt", hash_), separator)
        opening = alice.transport.call("l2_getOpening", paper.sequence)
        assert (opening["id"], opening["sequence"]) == (hash_, paper.sequence)
        batch = bytes.fromhex(opening["batch"][2:])
        siblings = [bytes.fromhex(node[2:]) for node in opening["siblings"]]
        place = paper.sequence - int.from_bytes(batch[4 * 32 : 5 * 32], "big")
        root = compute_id_root(paper.id, place, siblings, native.load().poseidon2_permute)
        assert root == batch[8 * 32 : 9 * 32]
    with pytest.raises(RpcError) as caught:
        alice.transport.call("l2_getOpening", 10**6)
    assert caught.value.code == "not_found"
