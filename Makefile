# Every command a contributor needs; `make help` lists them. Only `test` and what it calls need node.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export VIRTUAL_ENV := $(abspath $(VENV))
# One interpreter for maturin, cargo and clippy, so that none rebuilds the binding of another.
export PYO3_PYTHON := $(abspath $(BIN)/python)

.DEFAULT_GOAL := help

.PHONY: help
help: ## lists these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

$(VENV)/locked: requirements.lock requirements-dev.lock
	$(PYTHON) scripts/check_python.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	touch $@

.PHONY: build
build: $(VENV)/locked ## makes .venv with the package, its Rust module and the l2rollup command in it
	$(BIN)/maturin develop --release --locked --pip-path $(BIN)/pip

.PHONY: demo
demo: build ## builds, then runs the rollup end to end on a local L1
	$(BIN)/l2rollup demo

.PHONY: test
test: build ## runs every suite; a part that cannot run says NOT RUN and fails the run
	$(BIN)/python scripts/suites.py

.PHONY: test-lint test-rust test-cuda test-contracts test-python test-e2e
test-lint test-rust test-cuda test-contracts test-python test-e2e: build ## (test-NAME) runs one suite
	$(BIN)/python scripts/suites.py $(subst test-,,$@)

.PHONY: invariants
invariants: build ## runs the contract invariants over 10^6 calls (RUNS histories of 500 calls each)
	@# all of it, since the tests deploy artifacts that they do not import
	PATH="$$($(BIN)/python scripts/node.py):$$PATH" node_modules/.bin/forge build --quiet
	PATH="$$($(BIN)/python scripts/node.py):$$PATH" FOUNDRY_INVARIANT_RUNS=$(or $(RUNS),2000) \
		FOUNDRY_INVARIANT_DEPTH=500 node_modules/.bin/forge test --match-test '^invariant_' | tee build/invariants.log
	@# npm's forge ends with 0 whatever the tests say
	@grep -q 'tests passed, 0 failed' build/invariants.log

.PHONY: lint
lint: build ## runs every static check: ruff, mypy, stub, imports, clippy, the tree
	$(BIN)/python scripts/lint.py

.PHONY: bench
bench: build ## runs the benchmarks and prints their figures
	cargo bench --quiet -p l2rollup-plonk --bench kernels
	cargo bench --quiet -p l2rollup-core --bench prover
	$(BIN)/python -m benches

.PHONY: bench-peers
bench-peers: build ## measures gnark and barretenberg beside ours (QUICK=1: under 5 minutes); needs Go
	PATH="$$($(BIN)/python scripts/node.py benches/peers/noir):$$PATH" \
		$(BIN)/python -m benches.peers $(if $(QUICK),--quick)

.PHONY: vectors
vectors: build ## writes tests/vectors from the executable specification
	$(BIN)/python -m l2rollup.spec.vectors

.PHONY: contracts
contracts: build ## compiles the contracts into the package's artifacts
	PATH="$$($(BIN)/python scripts/node.py):$$PATH" $(BIN)/python scripts/contracts.py

.PHONY: wheel
wheel: build ## builds the wheel that an operator installs
	$(BIN)/maturin build --release --locked --out build/wheels

.PHONY: lock
lock: ## writes the requirement lock files from the versions now in .venv
	$(BIN)/python scripts/lock.py
