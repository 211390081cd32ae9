# Everything a newcomer needs: `make demo` opens the app on the sample groups, `make test` runs every check.
# Only Python >= 3.11, pip, make and git are needed. The environment lies in .venv and is made once.

PYTHON ?= python3
BIN := .venv/bin
# Run through `python -m`, so that a folder with a space in its name does no harm to script headers.
RUN := $(BIN)/python -m
PIP := $(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install --quiet
WORKERS ?= 2
LOWEST := VIRTUAL_ENV=.venv-lowest .venv-lowest/bin/python -m
# What Python compiles is kept, or every process that the tests start compiles it again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo run test format lint types contracts tests torture bench bench-quick size screenshots docs dist lowest clean help

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: .venv/.installed ## Open the app on the bundled sample groups, in a temporary library
	@$(RUN) florilege demo

run: .venv/.installed ## Open the app on your own library
	@$(RUN) florilege

test: .venv/.installed-dev format lint types contracts tests ## Run every check

format: .venv/.installed-dev ## Check the format
	$(RUN) ruff format --check .

lint: .venv/.installed-dev ## Check the code
	$(RUN) ruff check .

types: .venv/.installed-dev ## Check the types, strictly
	$(RUN) mypy

contracts: .venv/.installed-dev ## Check which room may import which
	$(BIN)/python -c 'import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())'

tests: .venv/.installed-dev ## Run the tests
	$(RUN) pytest -n $(WORKERS)

torture: .venv/.installed-dev ## Kill, cut, damage and deceive florilege thousands of times (ten minutes at most)
	$(RUN) tests.torture $(ARGUMENTS)
	$(RUN) pytest -q -n $(WORKERS) -m hypothesis --hypothesis-profile=thorough

bench: .venv/.installed-dev ## Measure speed and memory, as ratios within one run
	$(RUN) tests.bench $(ARGUMENTS)

bench-quick: .venv/.installed-dev ## The same with small libraries, in two minutes
	$(RUN) tests.bench --quick $(ARGUMENTS)

size: .venv/.installed-dev ## Count lines, modules, and what one feed and one key run through
	$(RUN) tests.size

screenshots: .venv/.installed-dev ## Take the pictures of the README again
	$(PIP) -e '.[screenshots]'
	$(RUN) screenshots.take

docs: .venv/.installed-dev ## Write the generated parts of the README again
	$(RUN) screenshots.documentation

dist: .venv/.installed-dev ## Build the packages twice alike, and try them on every Python found
	$(PIP) build
	$(RUN) tests.dist

lowest: ## Run the tests with the oldest versions of every dependency that we say will do
	$(PYTHON) -m venv --clear --without-pip .venv-lowest
	$(PYTHON) -m pip --disable-pip-version-check --python .venv-lowest/bin/python install --quiet uv
	$(LOWEST) uv pip install --quiet --resolution lowest-direct -e '.[dev]'
	$(LOWEST) uv pip install --quiet $$(grep -o 'textual>=[0-9.]*' pyproject.toml | sed 's/>=/==/')
	$(LOWEST) pytest -q -n $(WORKERS) --ignore tests/tui/test_snapshots.py

clean: ## Remove what make has made
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
