# Two commands are all a newcomer needs: `make review` and `make test`.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: review test check types lint contracts benchmarks verify-models pictures clean

review: .venv/installed
	@$(BIN)/studycli review

test: .venv/installed-dev
	$(BIN)/python -m pytest -n 2

check: lint types contracts
	$(BIN)/studycli check decks concept_maps

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed-dev
	$(BIN)/mypy

contracts: .venv/installed-dev
	$(BIN)/lint-imports

benchmarks: .venv/installed-dev
	$(BIN)/python -m benchmarks

verify-models: .venv/installed-dev
	$(BIN)/studycli engine models --verify

pictures: .venv/installed-dev
	$(BIN)/python docs/pictures/make.py

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "studycli needs Python 3.11 or later; name one with: make PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "This Python has no venv; on Debian or Ubuntu: sudo apt-get install python3-venv" >&2; exit 2; }

.venv/installed: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing studycli into .venv (once; torch is large, this can take some minutes) ..." >&2
	@$(PIP) -e .
	@touch $@

.venv/installed-dev: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing studycli and what its tests need into .venv (once) ..." >&2
	@$(PIP) -e '.[dev]'
	@touch $@ .venv/installed
