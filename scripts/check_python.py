"""Refuses an interpreter that the package does not support, before anything is installed with it."""

import sys

WANTED = (3, 11)

if sys.version_info < WANTED:
    got = ".".join(map(str, sys.version_info[:3]))
    sys.exit(f"python: expected >= {WANTED[0]}.{WANTED[1]}, got {got} ({sys.executable}); choose with PYTHON=python3.11")
