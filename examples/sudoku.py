"""Shows that a sudoku has a solution, by 81 lookups and 27 sums.

`python examples/sudoku.py`. The table holds (d, 2^d) for the digits 1 to 9. Nine powers of two with exponents from 1
to 9 add up to 2 + 4 + ... + 512 only if every exponent occurs once: the sum has nine binary ones, and fewer than nine
different powers cannot make nine ones. So one sum a row, column and box shows that it holds each digit.
"""

from __future__ import annotations

from l2rollup import plonk

PUZZLE = """
53..7.... 6..195... .98....6.
8...6...3 4..8.3..1 7...2...6
.6....28. ...419..5 ....8..79
"""
SOLUTION = """
534678912 672195348 198342567
859761423 426853791 713924856
961537284 287419635 345286179
"""
DIGITS = range(1, 10)


def read(text: str) -> list[list[int]]:
    """Nine rows of nine digits; a dot is 0."""
    return [[int(c) for c in row.replace(".", "0")] for row in text.split()]


def make_circuit() -> plonk.Circuit:
    """The puzzle is public, the solution secret."""
    circuit = plonk.Circuit("sudoku")
    puzzle, solution = circuit.public("puzzle", (9, 9)), circuit.secret("solution", (9, 9))
    powers = circuit.table("digits and powers", [(d, 1 << d) for d in DIGITS])
    bits = []
    with circuit.scope("digits"):
        for i, row in enumerate(solution):
            bits.append([circuit.look_up(powers, cell, label=f"cell {i},{j}")[0] for j, cell in enumerate(row)])
    with circuit.scope("clues"):
        for i in range(9):
            for j in range(9):
                clue = puzzle[i][j]
                circuit.assert_product(clue, clue - solution[i][j], 0, label=f"cell {i},{j}")
    groups = {f"row {i}": bits[i] for i in range(9)}
    groups |= {f"column {j}": [bits[i][j] for i in range(9)] for j in range(9)}
    corners = [(i, j) for i in (0, 3, 6) for j in (0, 3, 6)]
    groups |= {f"box {i},{j}": [bits[i + k // 3][j + k % 3] for k in range(9)] for i, j in corners}
    with circuit.scope("each digit once"):
        for name, group in groups.items():
            circuit.assert_equal(sum(group, start=circuit.wire(0)), sum(1 << d for d in DIGITS), label=name)
    return circuit


def main() -> None:
    """Proves the solution, and shows what two wrong ones violate."""
    circuit, puzzle, solution = make_circuit(), read(PUZZLE), read(SOLUTION)
    print(circuit.profile().table(depth=1))
    wrong = [row[:] for row in solution]
    wrong[0][2], wrong[0][3] = wrong[0][3], wrong[0][2]
    for violation in circuit.check(puzzle=puzzle, solution=wrong, limit=3):
        print(f"two cells exchanged: {violation.constraint} at {violation.label}")
    wrong[0][2] = 10
    print(f"a ten: {circuit.check(puzzle=puzzle, solution=wrong)[-1]}")

    key = circuit.compile()
    proof = key.prove(puzzle=puzzle, solution=solution)
    key.verifying_key.verify(proof, puzzle=puzzle)
    print(f"the puzzle has a solution: {len(proof.snark)} bytes, {proof.seconds:.2f} s")


if __name__ == "__main__":
    main()
