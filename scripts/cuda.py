"""Compiles the feature `cuda` and runs its tests: on the GPU where there is one, and on the emulated driver everywhere.

nvcc is the one that L2ROLLUP_NVCC names, that of the wheels in requirements-cuda.lock, or the one on PATH; where none
is found, the wheels are installed. The emulated driver (rust/plonk/cuda/emulator.cpp) runs the kernels' C++ on the
processor; their PTX only a GPU runs. What it is not: a benchmark; benches/cuda.rs is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements-cuda.lock"
EMULATOR = ROOT / "rust" / "plonk" / "cuda" / "emulator.cpp"
PLONK = ["--release", "--locked", "--features", "cuda", "-p", "l2rollup-plonk"]
CARGO = [*PLONK, "-p", "l2rollup-core"]


def find_nvcc() -> str | None:
    """Returns nvcc: the named one, the wheel's, or the one on PATH."""
    wheel = Path(sysconfig.get_paths()["purelib"]) / "nvidia" / "cu13" / "bin" / "nvcc"
    return os.environ.get("L2ROLLUP_NVCC") or (str(wheel) if wheel.is_file() else shutil.which("nvcc"))


def install_nvcc() -> str | None:
    """Installs the wheels where no nvcc is found; returns nvcc. Raises CalledProcessError."""
    if find_nvcc() is None:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "-r", str(LOCK)], check=True)  # noqa: S603
    return find_nvcc()


def build_emulator() -> Path:
    """Builds the emulated driver. Raises CalledProcessError, or OSError where there is no C++ compiler."""
    library = ROOT / "build" / "libcuda_emulated.so"
    library.parent.mkdir(exist_ok=True)
    options = ["-O2", "-std=c++17", "-shared", "-fPIC", "-Wall", "-Wno-unknown-pragmas"]
    compiler = os.environ.get("CXX", "c++")
    subprocess.run([compiler, *options, "-o", str(library), str(EMULATOR)], check=True)  # noqa: S603
    return library


def main() -> int:
    """Runs clippy with the feature, then the tests without the emulated driver, with it, and with one that fails."""
    nvcc = install_nvcc()
    if nvcc is None:
        print(f"nvcc: expected one in L2ROLLUP_NVCC, on PATH or from {LOCK.name}, got none")
        return 1
    environment = {**os.environ, "L2ROLLUP_NVCC": nvcc}
    emulated = {**environment, "L2ROLLUP_CUDA_DRIVER": str(build_emulator())}
    failing = {**emulated, "CUDA_EMULATED_ALLOCATIONS": "20"}
    clippy = ["cargo", "clippy", "--quiet", *CARGO, "--all-targets", "--", "-D", "warnings"]
    prover = ["cargo", "test", *CARGO, "--test", "cuda_prover"]
    tests = [*prover, "--test", "cuda"]
    units = ["cargo", "test", *PLONK, "--lib", "--", "--nocapture", "cuda::"]
    commands = [(clippy, environment), (units, emulated)]
    commands += [([*tests, "--", "--nocapture"], env) for env in (environment, emulated)]
    commands += [([*prover, "--", "--nocapture"], failing)]
    codes = [subprocess.run(command, cwd=ROOT, env=env).returncode for command, env in commands]  # noqa: S603
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
