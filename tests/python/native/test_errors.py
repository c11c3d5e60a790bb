"""The error table: every code that Rust can raise has one class here and one number in Python, and no row is dead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from l2rollup import _native, errors

RUST = Path(__file__).parents[3] / "rust"
RAISED = re.compile(r'Fault::(?:new|compared)\(\s*"([a-z0-9_]+)"')


def raised_codes() -> set[str]:
    sources = [*RUST.glob("core/src/**/*.rs"), *RUST.glob("py/src/**/*.rs")]
    return {code for source in sources for code in RAISED.findall(source.read_text())}


def test_the_table_is_exhaustive() -> None:
    codes = raised_codes()
    assert len(codes) > 25, "the search found too few codes to mean anything"
    assert codes - set(_native.ERROR_CLASSES) == set(), "a code without a class"
    assert set(_native.ERROR_CLASSES) - codes == set(), "a class for a code that nothing raises"


@pytest.mark.parametrize("code", sorted(_native.ERROR_CLASSES))
def test_every_code_has_a_number_and_a_class(code: str) -> None:
    assert code in errors.CODES
    assert issubclass(getattr(errors, _native.ERROR_CLASSES[code]), errors.L2Error)


def test_numbers_are_unique() -> None:
    numbers = list(errors.CODES.values())
    assert len(numbers) == len(set(numbers))


def test_classes_named_in_rust_exist() -> None:
    table = (RUST / "py" / "src" / "errors.rs").read_text()
    named = set(re.findall(r'"([A-Z][A-Za-z0-9]+)"', table))
    assert {"ProofMalformed", "ProofRejected", "Malformed"} <= named
    for name in named:
        assert issubclass(getattr(errors, name), errors.L2Error), name


def test_both_sides_of_a_malformed_argument_are_told() -> None:
    with pytest.raises(errors.Malformed) as caught:
        _native.poseidon([b"\1" * 31] * 5)
    assert (caught.value.expected, caught.value.got) == ("32 bytes", "31")
    with pytest.raises(errors.Malformed) as caught:
        _native.poseidon([b"\xff" * 32] * 5)
    assert caught.value.expected == "an integer below r" and caught.value.got == "0x" + "ff" * 32
