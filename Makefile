# make audit   the main job: audit the shipped portfolio
# make test    the tests
# make lint    formatting, linting and strict types
# make bench   how long things take, beside something else; takes half an hour, and writes the README's section
# Each makes the virtual environment that it needs. Another Python: make test PYTHON=python3.12

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: audit test lint bench clean

audit: $(VENV)/.installed
	@$(BIN)/compliance audit jamtland-2024 --fail-on never

test: $(VENV)/.developing
	$(BIN)/python -m pytest -n auto --dist loadgroup

lint: $(VENV)/.developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.developing
	@$(BIN)/python -m benchmarks --json benchmarks/latest.json --readme README.md

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, and $(PYTHON) is " + sys.version.split()[0])'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@echo "Installing into $(VENV) …" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	$(install_durable)
	@touch $@

$(VENV)/.developing: pyproject.toml | $(VENV)/bin/python
	@echo "Installing into $(VENV) …" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(install_durable)
	@touch $@ $(VENV)/.installed

# durable-rules has no ready-made packages: it takes a C compiler. Without it, plain Python chains the follow-up rules.
define install_durable
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[durable]' > /dev/null 2>&1 \
		|| echo "durable-rules couldn't be built here (it takes a C compiler): plain Python does its work." >&2
endef

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
