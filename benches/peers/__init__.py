"""The prover beside its peers, gnark and barretenberg, in one run: `python -m benches.peers`, or `make bench-peers`.

README.md beside this file says what is measured and how. What it is not: a test, or a part of the product; the peers
come from their registries and stay in this folder.
"""
