# Trato on a machine with nothing but Python >= 3.11 (with pip and venv) and make.
#
#   make demo      install, then run the whole service with a simulated carrier and invented officers
#   make test      install what tests need, then run the tests and every check
#   make check     the checks alone: style, types, rooms, committed files that are made from others, the flows
#   make bench     speed, as ratios against a floor of the same run
#   make lock      remake uv.lock and constraints.txt after a change of dependencies in pyproject.toml
#   make clean     remove what all this made
#
# ARGS reaches the command behind a target:  make demo ARGS="--port 8001"   make test ARGS="tests/unit -k replies"

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test tests check bench lock clean

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
WORKERS ?= 2

help:
	@sed -n 's/^#   make /make /p' Makefile

demo: $(VENV)/.installed
	@$(BIN)/trato demo $(ARGS)

test: tests check

tests: $(VENV)/.tests-installed
	$(BIN)/python -m pytest --numprocesses $(WORKERS) $(ARGS)

check: $(VENV)/.tests-installed
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/uv lock --check --quiet
	@$(EXPORT) | diff -u constraints.txt - || { echo "constraints.txt is not what uv.lock says: make lock" >&2; exit 1; }
	$(BIN)/trato schema --check
	@$(BIN)/trato check --docs $(VENV)/lints >/dev/null && diff -ru docs/lints $(VENV)/lints || { \
		echo "docs/lints is out of date: trato check --docs docs/lints" >&2; exit 1; }
	$(BIN)/trato check flows
	$(BIN)/trato test flows

bench: $(VENV)/.tests-installed
	@$(BIN)/trato bench engine
	@$(BIN)/trato bench inbound

EXPORT = $(BIN)/uv export --quiet --locked --format requirements-txt --all-groups --no-emit-project --no-hashes \
	--no-annotate --no-header

# Needs only uv: what is installed may be what the new lock is to mend.
lock:
	@$(MAKE_VENV)
	@[ -x $(BIN)/uv ] || $(PIP) --constraint constraints.txt uv || { $(PIP_FAILED); }
	$(BIN)/uv lock
	$(EXPORT) > constraints.txt

clean:
	rm -rf $(VENV) build dist var/demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The two stamps say what the virtual environment holds, and are remade when the dependencies change.

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(MAKE_VENV)
	@echo "installing Trato and what it needs into $(VENV), about a minute"
	@$(PIP) --constraint constraints.txt --editable . || { $(PIP_FAILED); }
	@touch $@

$(VENV)/.tests-installed: $(VENV)/.installed
	@echo "installing what the tests need, about a minute"
	@$(PIP) --requirement constraints.txt || { $(PIP_FAILED); }
	@touch $@

PIP_FAILED = echo "pip could not install the dependencies; its reason is above. It needs a package index (PyPI)" >&2; exit 1

# The first Python that is new enough and can make virtual environments; PYTHON=... names another.
# A name may be on the PATH and still not run (a shim of pyenv or asdf), so each is asked for its version.
PYTHON ?= python3.13 python3.12 python3.11 python3
define MAKE_VENV
if $(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then exit 0; fi; \
found=; \
for python in $(PYTHON); do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	found="$${found:-$$python}"; \
	"$$python" -c 'import venv, ensurepip' 2>/dev/null || continue; \
	"$$python" -m venv --clear $(VENV) && exit 0; \
	echo "$$python could not make a virtual environment in $(VENV); its reason is above" >&2; exit 1; \
done; \
if [ -n "$$found" ]; then \
	echo "$$found has no venv module: install it (Debian, Ubuntu: apt install python3-venv)" >&2; \
else \
	echo "Trato needs Python 3.11 or newer, and none of these is one: $(PYTHON)" >&2; \
fi; \
exit 1
endef
