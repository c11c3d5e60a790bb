"""`l2rollup proof srs`: setups of ceremonies: check one, import one, look at one, make one for development.

An import is hashed where its publisher hashes it, read with every check, and written in the local form that `--setup`
and $L2ROLLUP_SETUP take. docs/proof.md describes the forms. What it is not: a download; files come from elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from l2rollup import native
from l2rollup.cli.options import AsJson
from l2rollup.cli.output import Output, Report
from l2rollup.errors import ConfigurationError
from l2rollup.proof import load_srs
from l2rollup.proof.published import check_ptau, check_transcript
from l2rollup.proof.setup import UNSAFE, check_ceremony, default_setup_folder
from l2rollup.types import to_hex

app = typer.Typer(name="srs", help="Setups: check, import, look.", invoke_without_command=True)
ENDING = ".srs"
_HEADER_BYTES, _POINT_BYTES = 4096, 64

Form = Annotated[str, typer.Option("--format", help="auto, ptau, ignition, eigenda, arkworks, compressed or local.")]
Powers = Annotated[int | None, typer.Option("--powers", min=2, help="Take only so many powers.")]
G2File = Annotated[Path | None, typer.Option("--g2", help="EigenDA: g2.point or g2.point.powerOf2.")]
Ceremony = Annotated[str | None, typer.Option("--ceremony", help="Refuse the setup of any other ceremony.")]
Unrecognised = Annotated[
    bool, typer.Option("--allow-unrecognised", help="Take a setup of no known ceremony; its name begins with unsafe-.")
]
SetupOutput = Annotated[Path | None, typer.Option("--output", "-o", help="Default: NAME-POWERS.srs in the cache.")]


@app.callback()
def default(context: typer.Context, as_json: AsJson = False) -> None:
    """Setups: check, import, look. Without a subcommand: check the shipped one."""
    if context.invoked_subcommand is None:
        check(as_json=as_json)


@app.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Files of one setup; default: the shipped one.")] = None,
    form: Form = "auto", powers: Powers = None, g2: G2File = None, ceremony: Ceremony = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Check a setup of any format: points, generators, subgroup, the random-combination pairing."""
    output, module = Output(as_json), native.load()
    if not files:
        content = load_srs()
        with output.step("checking points and pairing"):
            name, count, digest = module.check_setup(content)
        record: dict[str, Any] = {"format": "compressed", "bytes": len(content)}
    else:
        with output.step("reading and checking") as report:
            name, count, digest, found = module.srs_check([*files, *([g2] if g2 else [])], form, powers, report)
        record = {"format": found, "bytes": sum(file.stat().st_size for file in files)}
    check_ceremony(name, ceremony)
    record |= {"setup": name, "unsafe": name.startswith(UNSAFE), "g1Powers": count, "digest": to_hex(digest)}
    output.emit(record)


@app.command("import")
def import_setup(
    files: Annotated[list[Path], typer.Argument(help="A .ptau, g1.point, arkworks file, or transcript*.dat in order.")],
    file: SetupOutput = None, form: Form = "auto", powers: Powers = None, g2: G2File = None,
    ceremony: Ceremony = None, allow: Unrecognised = False,
    lagrange: Annotated[list[int] | None, typer.Option(help="Make the Lagrange basis of 2^LOG rows now.")] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Import a setup: hash it as its publisher does, check everything, write the local form."""
    output, module = Output(as_json), native.load()
    kind = _kind(files[0]) if form == "auto" else form
    published = None
    if not allow or kind == "ignition":
        with output.step("hashing") as report:
            published = _check_published(files, kind, allow, report)
    target = file or default_setup_folder() / f".import{ENDING}"
    sources = [*files, *([g2] if g2 else [])]
    with output.step("reading and checking") as report:
        name, count, digest, found = module.srs_import(sources, target, form, powers, not allow, report)
    try:
        check_ceremony(name, ceremony)
    except ConfigurationError:
        target.unlink()
        raise
    if file is None:
        target = target.rename(target.with_name(f"{name}-{count}{ENDING}"))
    bases = _make_bases(output, target, lagrange or [])
    output.emit({
        "file": str(target), "setup": name, "unsafe": name.startswith(UNSAFE), "g1Powers": count,
        "digest": to_hex(digest), "format": found, "published": published, "bytes": target.stat().st_size,
        "lagrange": bases,
    })  # fmt: skip


def _kind(file: Path) -> str:
    """What a file seems to be, as far as its publisher's hash goes."""
    try:
        with file.open("rb") as stream:
            if stream.read(4) == b"ptau":
                return "ptau"
    except OSError as error:
        raise ConfigurationError("the setup", expected="a readable file", got=str(error)) from error
    return "ignition" if file.suffix == ".dat" else "other"


def _check_published(files: list[Path], kind: str, allow: bool, report: Report) -> str | None:
    if kind == "ptau" and not allow:
        return check_ptau(files[0], report)
    if kind == "ignition":
        for file in files:
            check_transcript(file, report)
    return None


def _make_bases(output: Output, file: Path, logs: list[int]) -> list[str]:
    made = []
    for log in logs:
        with output.step(f"Lagrange basis of 2^{log} points") as report:
            made.append(str(native.load().srs_lagrange(file, log, report)))
    return made


@app.command()
def lagrange(
    file: Annotated[Path, typer.Argument(help="A setup in local form.")],
    log_rows: Annotated[int, typer.Option("--log-rows", min=1, max=28, help="Basis of 2^LOG points.")],
    as_json: AsJson = False,
) -> None:
    """Keep the Lagrange basis of a size beside a setup, or check the one that is there."""
    output = Output(as_json)
    output.emit({"file": _make_bases(output, file, [log_rows])[0], "logRows": log_rows})


@app.command()
def info(
    file: Annotated[Path | None, typer.Argument(help="A setup in local form; default: all imported ones.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what imported setups say of themselves, unchecked, and the Lagrange bases beside them."""
    output = Output(as_json)
    if file is not None:
        output.emit(describe(file))
        return
    folder = default_setup_folder()
    found = sorted(path for path in folder.glob(f"*{ENDING}") if not path.name.startswith("."))
    output.emit({"folder": str(folder), "setups": [describe(path) for path in found]})


def describe(file: Path) -> dict[str, Any]:
    """Returns what the header of a setup in local form says. Raises ConfigurationError."""
    name, powers = native.load().srs_info(file)
    size = file.stat().st_size
    bases = sorted(int(path.suffix.removeprefix(".lagrange-")) for path in file.parent.glob(f"{file.name}.lagrange-*"))
    return {
        "file": str(file), "setup": name, "unsafe": name.startswith(UNSAFE), "g1Powers": powers,
        "maxRows": 1 << (powers.bit_length() - 1), "isComplete": size == _HEADER_BYTES + _POINT_BYTES * powers,
        "bytes": size, "lagrangeLogRows": bases,
    }  # fmt: skip


@app.command()
def dev(
    file: Annotated[Path, typer.Option("--output", "-o", help="Where the local form goes.")],
    powers: Annotated[int, typer.Option("--powers", min=2, max=1 << 24)],
    tau: Annotated[int, typer.Option(min=2, max=(1 << 64) - 1, help="The secret that is none.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Make an UNSAFE setup whose tau everybody knows: for development and for timing large shapes, never for value."""
    output = Output(as_json)
    with output.step("making powers of a known tau") as report:
        name, count, digest, _ = native.load().srs_dev(file, powers, tau, report)
    output.say("  this setup is UNSAFE: whoever knows tau can prove anything under a key made with it")
    output.emit({"file": str(file), "setup": name, "unsafe": True, "g1Powers": count, "digest": to_hex(digest)})
