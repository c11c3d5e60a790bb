"""PR16: the key on L1 is not the reviewed one. It is made from the source and the public ceremony, here as anywhere."""

from __future__ import annotations

from pathlib import Path

from living_world import Living

from l2rollup.proof import open_keys


def test_the_key_on_chain_is_made_from_source_and_setup(living: Living, tmp_path: Path) -> None:
    """A key made anew, without cache, from the circuit and the shipped ceremony."""
    made = open_keys(tmp_path)
    assert not made.cached
    assert bytes(living.stack.contract.view("vkDigest")) == made.vk_digest
