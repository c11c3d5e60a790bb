"""The proven rung: one full chunk of plain transfers on the shipped setup, and its verification."""

from __future__ import annotations

from benches.measure import best, measure, show
from benches.workload import Ring
from l2rollup import native
from l2rollup.proof import open_keys

VERIFICATIONS = 20


def main() -> None:
    """Prints the figures."""
    rust = native.load()
    shape = rust.shape()
    open_keys()  # made now, if they were not
    key, loading = measure(open_keys)
    show("proof", "load the cached key", loading.wall, "s")
    ring = Ring(shape.slots)
    [sealed] = ring.execute(ring.decode(ring.sign(shape.slots)), shape.slots)
    z = (12345).to_bytes(32, "big")
    cells = shape.rows * shape.advice
    note = f"{shape.rows} rows x {shape.advice} columns / {shape.slots} transfers"
    show("proof", "cells per transfer", cells / shape.slots, "cells", note)
    _, assigning = measure(lambda: rust.dump_chunk(sealed.witness, z))
    show("proof", "assign cells", assigning.wall, "s", f"{assigning.cpu:.2f} core-s")
    proof, proving = best(lambda: rust.prove_chunk(key, sealed.witness, z, None), 2)
    note = f"{proving.wall:.2f} s, {proving.cpu:.2f} core-s a proof"
    show("proven", "transfers", shape.slots / proving.wall, "/s", note)
    show("proof", "proving time by cell", proving.cpu / cells * 1e6, "core-us")
    show("proof", "bytes", len(proof.snark), "bytes")
    vk = key.vk()

    def verify() -> None:
        for _ in range(VERIFICATIONS):
            rust.verify(vk, proof.public_inputs, proof.snark)

    verify()
    _, verifying = measure(verify)
    show("verified", "one verification", verifying.cpu / VERIFICATIONS * 1e3, "core-ms")
    data = len(sealed.transactions) / shape.slots
    show("published", "data per transfer of a full chunk, header included", data, "bytes")
