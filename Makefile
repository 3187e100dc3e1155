# Trato's two commands are `make demo` and `make test`; both make .venv by themselves. See README.md.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$name >/dev/null 2>&1 && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& command -v $$name && break; done)
PORT ?= 8000
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test check bench lock docs clean

help: ## Show what can be made
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/.run ## Install, and run the whole service with officers who answer
	@$(BIN)/trato demo --port $(PORT)

test: $(VENV)/.dev ## Install what tests need, and run them
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

check: $(VENV)/.dev ## Style, types, rooms, drift, and the flows themselves
	@$(BIN)/ruff check app tests
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/uv lock --check --quiet
	@$(BIN)/python tools/constraints.py --check
	@$(BIN)/trato schema --check
	@$(BIN)/trato check --strict
	@$(BIN)/trato test

bench: $(VENV)/.dev ## Measure speed, as ratios
	@$(BIN)/trato bench engine
	@$(BIN)/trato bench inbound

lock: $(VENV)/.dev ## Resolve dependencies anew: uv.lock, then constraints.txt from it
	@$(BIN)/uv lock --upgrade
	@$(BIN)/python tools/constraints.py

docs: $(VENV)/.dev ## Make the pages and the schema that are made from the code
	@$(BIN)/trato check --docs docs/lints
	@$(BIN)/trato schema > schema/flows.schema.json

clean: ## Remove the virtual environment and what was made
	@rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "make: Trato needs Python 3.11 or newer, and none was found. Install it, or name it: make PYTHON=/path/to/python3.11 ..." >&2; exit 3; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is older than Python 3.11" >&2; exit 3; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "make: this Python cannot make virtual environments: install its venv package (Debian: apt-get install python3-venv)" >&2; exit 3; }
	@echo "making $(VENV) with $(PYTHON)"
	@"$(PYTHON)" -m venv $(VENV)

# The two stamps: what running needs, and what tests and checks need besides. Versions are those of the lock.
$(VENV)/.run: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "installing Trato and its locked dependencies"
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable . \
		|| { echo "make: pip could not install the dependencies; its message is above (is the network there?)" >&2; exit 4; }
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "installing what tests and checks need"
	@$(BIN)/python tools/constraints.py --dev > $(VENV)/dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --requirement $(VENV)/dev.txt \
		|| { echo "make: pip could not install the test dependencies; its message is above" >&2; exit 4; }
	@touch $@
