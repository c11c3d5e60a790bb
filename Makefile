# Every command a contributor needs. `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export VIRTUAL_ENV := $(abspath $(VENV))

.DEFAULT_GOAL := help

.PHONY: help
help: ## lists these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

$(VENV)/locked: requirements.lock requirements-dev.lock
	$(PYTHON) scripts/check_python.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	touch $@

.PHONY: build
build: $(VENV)/locked ## makes .venv with the package, its Rust module and the l2rollup command in it
	$(BIN)/maturin develop --release --pip-path $(BIN)/pip

.PHONY: lock
lock: ## writes the requirement lock files from the versions now in .venv
	$(BIN)/python scripts/lock.py
