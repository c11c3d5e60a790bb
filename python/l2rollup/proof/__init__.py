"""Why L1 should believe it: the prover process, its keys, the shipped setup. Knows no batch beyond its id."""

from l2rollup.proof.setup import load_srs, open_keys
from l2rollup.proof.worker import Job, Prover, Ready, Result

__all__ = ["Job", "Prover", "Ready", "Result", "load_srs", "open_keys"]
