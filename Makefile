# The two commands: `make demo` and `make test`. Each sets up what it needs.
# Python 3.11.2 to 3.13; without a name, .ci/python chooses.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := fleet tasks flows deployments cli sandbox
INSTALLED := $(VENV)/.installed
# What only the comparison needs (Ansible, matplotlib) stays out of the product's environment.
BENCHMARKS := .venv-benchmarks

# Each process would compile every module again; `make clean` and Git know the folders.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo test test-fast test-bounds check docs fix pictures container sandbox benchmark lock clean

help: ## show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

install: $(INSTALLED) ## set up .venv from the hash-locked requirements

$(INSTALLED): requirements-dev.txt pyproject.toml
	@.ci/python $(PYTHON) >/dev/null
	@echo "Setting up $(VENV) (once, about a minute) ..."
	@"$$(.ci/python $(PYTHON))" -m venv $(VENV)
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
	@$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/pip check --quiet
	@touch $@

demo: $(INSTALLED) ## back up a real fleet on the embedded sandbox, and open the archives
	@$(BIN)/fleet-backup demo

# One worker a core, eight at most; each has a database and ports of its own.
WORKERS := -n auto --maxprocesses 8 --dist worksteal
# More than one a core: the flow tests wait for a Prefect server a third of the time, the end-to-end tests half of it.
CORES := $(shell cores=$$(nproc 2>/dev/null || echo 2); echo $$((cores < 6 ? cores : 6)))
FLOW_WORKERS := -n $(shell echo $$(((3 * $(CORES) + 1) / 2))) --dist worksteal
E2E_WORKERS := -n $(shell echo $$(((5 * $(CORES)) / 2)))
FAST := tests/contract tests/property tests/unit

test: $(if $(FILE),$(INSTALLED),test-fast) ## everything, slowest last; FILE=tests/unit/test_x.py for one file
ifdef FILE
	$(BIN)/pytest $(FILE)
else
	$(BIN)/pytest $(FLOW_WORKERS) tests/flows
	$(BIN)/pytest $(E2E_WORKERS) tests/e2e
endif

# The lowest and the highest versions of pyproject.toml, in build/bounds; the tools of the tests come as they are.
test-bounds: $(INSTALLED) ## the tests without Prefect on the lowest and highest versions allowed, ten minutes (needs the registry)
	@$(BIN)/pip install --quiet --disable-pip-version-check uv
	@for bound in lowest-direct highest; do \
	  to=build/bounds/$$bound && mkdir -p build/bounds \
	  && $(BIN)/uv pip compile --quiet --resolution $$bound --no-header --no-annotate --no-emit-index-url pyproject.toml -o $$to.txt \
	  && $(BIN)/uv venv --quiet --clear --python $(BIN)/python $$to \
	  && $(BIN)/uv pip install --quiet --python $$to/bin/python -r $$to.txt --group dev --editable . \
	  && echo "$$bound: $$(grep -oE '^(prefect|fastapi|sqlalchemy|click|pydantic)(\[[a-z]+\])?==\S+' $$to.txt | tr '\n' ' ')" \
	  && $$to/bin/pytest $(WORKERS) $(FAST) || exit 1; \
	done

test-fast: check ## lint, types, import layers, and the tests without Prefect: under two minutes
	$(BIN)/pytest $(WORKERS) $(FAST)

# The checks run at the same time; each one's output is kept together where `make` can do that.
CHECKS := check-types docs check-layers check-lint check-format
.PHONY: $(CHECKS)

check: $(INSTALLED) ## lint, types, import layers, and the docs' links; edits no source
	@$(MAKE) --no-print-directory -j4 --keep-going $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) $(CHECKS)

check-format:
	$(BIN)/ruff format --check .

check-lint:
	$(BIN)/ruff check .

check-types:
	$(BIN)/mypy

check-layers:
	$(BIN)/lint-imports

docs: $(INSTALLED) ## build the site into build/site; a broken link, anchor or path ends it
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

fix: $(INSTALLED) ## fix what the linter can, and write the JSON Schemas again
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m docs.hooks.schema_files

pictures: $(INSTALLED) ## make the docs' pictures again, in headless Chromium
	PICTURES=$(CURDIR)/docs/pictures $(BIN)/pytest -q --basetemp=/tmp/fleet-backup tests/e2e/test_browser.py tests/e2e/test_status_page.py
	PICTURES=$(CURDIR)/docs/pictures $(BIN)/pytest -q tests/flows/test_every_ending.py

BASE :=
container: ## build the container image `fleet-backup` with podman, docker or buildah (docs/container.md)
	@for builder in podman docker buildah; do command -v $$builder >/dev/null && break; builder=; done; \
	"$${builder:?install one of podman, docker, buildah}" build $(if $(BASE),--build-arg BASE=$(BASE)) --tag fleet-backup --file Containerfile .

sandbox: $(INSTALLED) ## serve the sandbox API on this machine
	@$(BIN)/fleet-backup sandbox

benchmark: $(INSTALLED) $(BENCHMARKS)/.installed ## compare with what people use instead, forty-five minutes; QUICK=--quick for two minutes
	@$(BIN)/python -m benchmarks.compare $(QUICK) $(if $(QUICK),--output build/benchmarks)
ifndef QUICK
	$(BIN)/python -m benchmarks.nights
	$(BIN)/python -m benchmarks.real_minutes
endif

$(BENCHMARKS)/.installed: benchmarks/requirements.txt
	@echo "Setting up $(BENCHMARKS) (once) ..."
	@"$$(.ci/python $(PYTHON))" -m venv $(BENCHMARKS)
	@$(BENCHMARKS)/bin/pip install -qq --disable-pip-version-check --no-deps --require-hashes -r benchmarks/requirements.txt
	@$(BENCHMARKS)/bin/pip check --quiet
	@touch $@

lock: $(INSTALLED) ## resolve the versions again (needs the registry)
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --no-strip-extras pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --no-strip-extras --constraints requirements.txt pyproject.toml --group dev -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --no-strip-extras benchmarks/requirements.in -o benchmarks/requirements.txt

clean: ## remove what was set up and built
	rm -rf $(VENV) $(BENCHMARKS) .demo build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
