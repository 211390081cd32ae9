# `make demo` opens the app on the sample groups, `make test` runs all checks, `make help` lists the rest.
# Only Python >= 3.11, pip, make and git are needed. The environment is created once, in .venv.

PYTHON ?= python3
BIN := .venv/bin
# Use `python -m`, because script headers break in a folder with a space in its name.
RUN := $(BIN)/python -m
PIP := $(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install --quiet
WORKERS ?= 2
LOWEST := VIRTUAL_ENV=.venv-lowest .venv-lowest/bin/python -m
# Keep compiled files; otherwise every process started by the tests compiles them again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo run test format lint types contracts tests torture bench bench-quick size screenshots docs dist lowest clean help

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: .venv/.installed ## Open the app on the bundled sample groups, in a temporary library
	@$(RUN) florilege demo

run: .venv/.installed ## Open the app on your own library
	@$(RUN) florilege

test: .venv/.installed-dev format lint types contracts tests ## Run all checks

format: .venv/.installed-dev ## Check the format
	$(RUN) ruff format --check .

lint: .venv/.installed-dev ## Check the code
	$(RUN) ruff check .

types: .venv/.installed-dev ## Check the types, strictly
	$(RUN) mypy

contracts: .venv/.installed-dev ## Check which package may import which
	$(BIN)/python -c 'import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())'

tests: .venv/.installed-dev ## Run the tests
	$(RUN) pytest -n $(WORKERS)

torture: .venv/.installed-dev ## Try crashes, damage and hostile input by the thousand (ten minutes at most)
	$(RUN) tests.torture $(ARGUMENTS)
	$(RUN) pytest -q -n $(WORKERS) -m hypothesis --hypothesis-profile=thorough

bench: .venv/.installed-dev ## Measure speed and memory, as ratios within one run
	$(RUN) tests.bench $(ARGUMENTS)

bench-quick: .venv/.installed-dev ## Measure with small libraries, in two minutes
	$(RUN) tests.bench --quick $(ARGUMENTS)

size: .venv/.installed-dev ## Count lines, modules, and the modules one feed and one key go through
	$(RUN) tests.size

screenshots: .venv/.installed-dev ## Retake the screenshots of the README
	$(PIP) -e '.[screenshots]'
	$(RUN) screenshots.take

docs: .venv/.installed-dev ## Write the generated parts of the documentation
	$(RUN) screenshots.documentation

dist: .venv/.installed-dev ## Build the packages reproducibly, and try them on every Python found
	$(PIP) build
	$(RUN) tests.dist

lowest: ## Run the tests with the oldest supported version of every dependency
	$(PYTHON) -m venv --clear --without-pip .venv-lowest
	$(PYTHON) -m pip --disable-pip-version-check --python .venv-lowest/bin/python install --quiet uv
	$(LOWEST) uv pip install --quiet --resolution lowest-direct -e '.[dev]'
	$(LOWEST) uv pip install --quiet $$(grep -o 'textual>=[0-9.]*' pyproject.toml | sed 's/>=/==/')
	$(LOWEST) pytest -q -n $(WORKERS) --ignore tests/tui/test_snapshots.py

clean: ## Remove everything make has created
	rm -rf .venv .venv-lowest dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'florilege needs Python 3.11 or newer; name one with: make PYTHON=/where/it/is' >&2; exit 1; }
	@$(PYTHON) -m venv --without-pip .venv
	@touch $@

.venv/.installed: .venv/.made pyproject.toml
	@echo 'Setting up (once) ...'
	@$(PIP) -e .
	@touch $@

.venv/.installed-dev: .venv/.made pyproject.toml
	@echo 'Setting up the checks (once) ...'
	@$(PIP) -e '.[dev]'
	@touch .venv/.installed $@
