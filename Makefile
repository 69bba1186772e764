# Two commands do everything:  make demo  and  make test.  Both make the environment in .venv first.
#
#   make demo                      the main job on the data in test-data/demo
#   make demo DATA=folder          the same on your own files (a folder, or a quoted list of files)
#   make demo HOLD_OUT=NAME        leave that study out of training (default: the smallest one)
#   make test                      all tests; those that need something absent say what and skip
#   make lint types man dist       what a contributor runs before a commit

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DATA ?= test-data/demo
OUT ?= demo-output
HOLD_OUT ?=
PYTEST_ARGS ?=
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help venv demo test lint format types man dist clean

help:
	@sed -n 's/^#   make/  make/p' Makefile

venv: $(STAMP)

$(STAMP): setup.cfg pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "make: $(PYTHON) is missing or not Python 3.11 to 3.13; name one with 'make PYTHON=python3.12'" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "make: Python's venv module is missing; run 'sudo apt-get install python3-venv' first" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(STAMP)
	@PATH="$(abspath $(BIN)):$$PATH" sh benchmarks/demo.sh '$(OUT)' '$(HOLD_OUT)' $(DATA)

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(STAMP)
	$(BIN)/mypy

man: $(STAMP)
	$(BIN)/python -c 'import setuptools; setuptools.setup()' --quiet build_manpages

dist: $(STAMP)
	rm -rf build dist
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m build --outdir dist .
	$(BIN)/twine check --strict dist/*

clean:
	rm -rf build dist man *.egg-info demo-output .pytest_cache .mypy_cache .ruff_cache
