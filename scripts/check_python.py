"""Refuses an interpreter that the package does not support, before anything is installed with it."""

import sys

WANTED = (3, 11)

if sys.version_info < WANTED:
    got = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, WANTED))
    sys.exit(f"python: expected >= {wanted}, got {got} ({sys.executable}); choose with PYTHON=python{wanted}")
