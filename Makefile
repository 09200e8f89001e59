# `make` lists the targets. Everything that is installed goes into .venv, everything that is built into build/.

PYTHON ?= python3
# Where the package index has CUDA builds only, name an index of CPU builds: TORCH="torch==2.13.0 --index-url URL"
TORCH ?= torch==2.13.0
WORKERS ?= 2

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
CACHE := build/numba
PYTEST := NUMBA_CACHE_DIR=$(CURDIR)/$(CACHE) $(BIN)/python -m pytest -q
PARALLEL := $(if $(filter-out 0 1,$(WORKERS)),-n $(WORKERS))
UNCOMPILED := $(wildcard tests/kernels tests/engine)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# The targets share one environment and one cache, so `make -j` runs them one after another as well.
.NOTPARALLEL:
.PHONY: help demo test test-slow test-machines test-compiled test-uncompiled fresh-cache lint types format documents bench clean

help: ## List the targets
	@echo "Usage: make TARGET [PYTHON=python3.12] [WORKERS=2]"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "%-15s %s\n", $$1, $$2 }'

demo: .venv/installed ## Set up, train on the digits that scikit-learn ships, say where the report is
	$(BIN)/mathdl train digits --out runs/digits
	@echo "Open $(CURDIR)/runs/digits/report.html in a browser."

test: lint types fresh-cache test-compiled test-uncompiled ## Set up, then run the whole suite: lint, types, tests, the documents' code

test-slow: .venv/ready ## Run the long tests
	$(PYTEST) -m slow

test-machines: .venv/ready ## Run numerical tests as on other processors: five kernels of a BLAS, two targets of Numba
	NUMBA_CACHE_DIR=$(CURDIR)/$(CACHE) $(BIN)/python tests/machines.py $(PARALLEL)

lint: .venv/ready ## Check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready ## Check types
	$(BIN)/mypy

format: .venv/ready ## Put the code into the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

documents: .venv/ready ## Write what is made by a program in docs: dictionary, errata, pictures
	$(BIN)/python -m mathdl.book.documents docs
	$(BIN)/python tests/docs/test_code_blocks.py

bench: .venv/ready ## Compare with other tools side by side
	$(PIP) install -e ".[bench]"
	$(BIN)/python -m benchmarks

clean: ## Remove what make made (.venv, build, caches); runs/ stays
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Numba does not see that a function which a cached one calls has changed in another file, so the suite starts afresh.
fresh-cache:
	rm -rf $(CACHE)

test-compiled: .venv/ready
	$(PYTEST) $(PARALLEL) -m "not slow"

# The same kernels as plain Python: an index out of range raises here instead of reading foreign memory. NumPy
# warns of scalar overflow and 0/0 where compiled code is silent.
test-uncompiled: .venv/ready
	$(if $(UNCOMPILED),NUMBA_DISABLE_JIT=1 $(PYTEST) $(PARALLEL) -m "not slow" -W ignore::RuntimeWarning $(UNCOMPILED))

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "There is no $(PYTHON); install Python 3.11 or newer, or name it: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "mathdl needs Python 3.11 or newer and $(PYTHON) is $$($(PYTHON) -V 2>&1); name a newer one: make PYTHON=python3.12" >&2; \
	  exit 1; }
	@echo "Making a virtual environment in .venv"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
	  echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu install the package python3-venv." >&2; exit 1; }

.venv/installed: pyproject.toml | .venv/bin/python
	@echo "Installing mathdl (some minutes the first time)"
	$(PIP) install -e .
	@touch $@

# Torch is a peer in the tests. It comes alone, so that no other requirement chooses its version.
.venv/torch: | .venv/bin/python
	@echo "Installing $(TORCH), with which the tests compare"
	@$(PIP) install $(TORCH) || echo "Torch cannot be installed: the tests that compare with it will skip. To try again: rm .venv/torch"
	@touch $@

.venv/ready: .venv/installed .venv/torch
	@echo "Installing the tools for development"
	$(PIP) install -e ".[dev]"
	@touch $@
