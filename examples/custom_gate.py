"""A gate of one's own: scores of a small linear classifier, its weights fixed in the circuit, the picture in numpy.

`python examples/custom_gate.py [PICTURE.svg]`. A row of the gate adds four weighted pixels to a running sum that the
next row reads: sum.next = sum + w0 x0 + w1 x1 + w2 x2 + w3 x3. The weights are params of the row, so all rows share
one gate.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from l2rollup import plonk
from l2rollup.spec.field import R

PIXELS, CLASSES, STEP = 64, 3, 4
WEIGHTS = (np.arange(CLASSES * PIXELS).reshape(CLASSES, PIXELS) * 37 % 31) - 15


def make_gate() -> plonk.Gate:
    """Five cells, four params, one constraint of degree two."""
    gate = plonk.Gate("weighted sum", cells="sum x0 x1 x2 x3", params="w0 w1 w2 w3")
    total, *pixels = gate.cells
    added = total
    for weight, pixel in zip(gate.params, pixels, strict=True):
        added = added + weight * pixel
    gate.constrain_equal(total.next, added, label="running sum")
    return gate


def add_products(weights: list[int]) -> Callable[..., int]:
    """How the witness gets the value that the gate then demands."""
    return lambda before, *x: before + sum(a * b for a, b in zip(weights, x, strict=True))


def make_circuit() -> plonk.Circuit:
    """picture (8-bit pixels) -> scores."""
    circuit = plonk.Circuit("linear classifier")
    picture = circuit.secret("picture", PIXELS)
    gate = make_gate()
    with circuit.scope("pixels are bytes"):
        for pixel in picture:
            circuit.range(pixel, 8, label="byte")
    scores = []
    for k, weights in enumerate(WEIGHTS.tolist()):
        rows, score = [], circuit.wire(0)
        for at in range(0, PIXELS, STEP):
            part, factors = picture[at : at + STEP], weights[at : at + STEP]
            after = circuit.compute(add_products(factors), score, *part)
            rows.append(plonk.Row(gate, columns=[score, *part], params={f"w{i}": w for i, w in enumerate(factors)}))
            score = after
        circuit.block([*rows, plonk.Row(columns=[score])], label=f"score {k}")
        scores.append(score)
    circuit.expose("scores", scores)
    return circuit


def main() -> None:
    """Proves the scores of a picture and compares them with numpy's."""
    circuit = make_circuit()
    profile = circuit.profile()
    print(profile.table(depth=1))
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(profile.svg())
    picture = np.random.default_rng(1).integers(0, 256, PIXELS, dtype=np.uint8)
    key = circuit.compile()
    proof = key.prove(picture=picture)
    key.verifying_key.verify(proof)
    scores = [x if x < R // 2 else x - R for x in proof.public["scores"]]
    print(f"scores {scores}, by numpy {(WEIGHTS @ picture.astype(np.int64)).tolist()}")
    print(f"proof of {len(proof.snark)} bytes in {proof.seconds:.2f} s")


if __name__ == "__main__":
    main()
