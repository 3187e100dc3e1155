# Trato on a machine that has only Python >= 3.11 (with pip and venv) and make.
#
#   make demo      install, then run the whole service with a simulated carrier and invented officers
#   make test      install the test dependencies, then run the tests and every check
#   make check     checks only: style, types, rooms, generated files, the flows
#   make chaos     long runs with kills, outages and a misbehaving carrier, on both databases
#   make nightly   the tests that take long, the documentation site, mutation testing (the share of changes of the core that the tests notice), then a
#                  long assault on the edge
#   make bench     benchmarks, as ratios to a floor of the same run
#   make schema    regenerate the JSON Schema of flow files after a change of the language
#   make lock      regenerate uv.lock, constraints.txt and ops/*requirements.txt after a change of dependencies in pyproject.toml
#   make docs      build the documentation site in build/site, with warnings and dead links as errors
#   make dist      build a release in dist/: source, wheel, requirements with hashes, bill of materials, checksums
#   make codemirror  make the editor of the console anew (app/web/static/vendor) from tools/codemirror; needs Node.js and npm
#   make clean     remove everything that these targets create
#
# ARGS is passed to the command of a target:  make tests ARGS="tests/unit -k replies"   make demo PORT=8001 ARGS="--officers 200"

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test tests check chaos nightly bench schema lock docs dist codemirror clean

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
# One more than two cores: tests of processes mostly wait.
WORKERS ?= 3
# Tests start hundreds of processes: without a cache each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE
PORT ?= 8000

help:
	@sed -n 's/^#   make /make /p' Makefile

demo: $(VENV)/.installed
	@$(BIN)/trato demo --port $(PORT) $(ARGS) || { \
		code=$$?; [ $$code -ne 3 ] || echo "make demo PORT=8001 takes another port" >&2; exit $$code; }

test: tests check

tests: $(VENV)/.tests-installed
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder --durations 30 $(ARGS)

check: $(VENV)/.tests-installed
	$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet || { echo "some files are not formatted: .venv/bin/ruff format" >&2; exit 1; }
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@$(BIN)/uv lock --check --quiet || { echo "uv.lock does not match pyproject.toml: make lock" >&2; exit 1; }
	$(BIN)/python tools/constraints.py --check
	$(BIN)/trato schema --check
	$(BIN)/trato check --strict flows
	$(BIN)/trato test flows
	$(BIN)/trato check --strict docs/mandos
	$(BIN)/trato test docs/mandos
	$(BIN)/python -m tools.content_paper --check

chaos: $(VENV)/.tests-installed
	$(BIN)/python -W ignore -m tests.chaos $(ARGS)
	$(BIN)/python -W ignore -m tests.chaos --postgresql --processes 3 $(ARGS)

nightly: $(VENV)/.docs-installed
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile -m nightly
	@$(BIN)/python -m tools.site
	@$(BIN)/python -W ignore -m tests.mutation $(ARGS)
	@$(BIN)/python -W ignore -m tests.edge

bench: $(VENV)/.tests-installed
	@$(BIN)/python -m benchmarks engine
	@$(BIN)/python -m benchmarks inbound
	@$(BIN)/python -m benchmarks send
	@$(BIN)/python -m benchmarks replies
	@$(BIN)/python -m benchmarks export

# Needs only uv: the installed packages may be the ones that the new lock has to fix.
lock:
	@$(MAKE_VENV)
	@[ -x $(BIN)/uv ] || $(PIP) --constraint constraints.txt uv || { $(PIP_FAILED); }
	$(BIN)/uv lock
	$(BIN)/python tools/constraints.py

docs: $(VENV)/.docs-installed
	@$(BIN)/python -m tools.site

dist: $(VENV)/.tests-installed
	@$(BIN)/python -m tools.dist

codemirror:
	cd tools/codemirror && npm ci --no-audit --no-fund && npm run --silent build

schema: $(VENV)/.tests-installed
	$(BIN)/trato schema > $(VENV)/schema.json && mv $(VENV)/schema.json schema/flows.schema.json

clean:
	rm -rf $(VENV) build dist var/demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Three stamps record what the virtual environment holds. They are renewed when the dependencies change.

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(MAKE_VENV)
	@echo "installing Trato and its dependencies into $(VENV), about a minute"
	@$(PIP) --constraint constraints.txt --editable . || { $(PIP_FAILED); }
	@touch $@

$(VENV)/.tests-installed: $(VENV)/.installed
	@echo "installing the dependencies of tests and checks, about half a minute"
	@$(BIN)/python tools/constraints.py --group dev > $(VENV)/dev.txt
	@$(PIP) --constraint constraints.txt --requirement $(VENV)/dev.txt || { $(PIP_FAILED); }
	@touch $@

$(VENV)/.docs-installed: $(VENV)/.tests-installed
	@$(BIN)/python tools/constraints.py --group docs > $(VENV)/docs.txt
	@$(PIP) --constraint constraints.txt --requirement $(VENV)/docs.txt || { $(PIP_FAILED); }
	@touch $@

PIP_FAILED = echo "pip could not install the dependencies; its reason is above. It needs a package index (PyPI)" >&2; exit 1

# The first Python that is new enough and can create virtual environments; PYTHON=... names another.
# A name may be on the PATH and still not run (a shim of pyenv or asdf), so each is run once.
PYTHON ?= python3.13 python3.12 python3.11 python3 python
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
