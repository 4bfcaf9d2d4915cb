# Every command a developer or a first user needs. Only Linux, Python >= 3.11 and make are taken as given.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/done
JARS := hub/connectors/broker/jars
# The first Python that is new enough; `make setup PYTHON=...` chooses another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

# Neither uv nor jgo reads pip's settings: an index or a certificate that pip was told of is passed on to them.
pip_setting = $$($(BIN)/pip config list | sed -n "s/^\(global\|:env:\)\.$(1)='\(.*\)'$$/\2/p" | tail -n 1)
as_pip = index=$(call pip_setting,index-url); cert=$(call pip_setting,cert); \
	if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
	if [ -n "$$cert" ]; then export SSL_CERT_FILE="$$cert" REQUESTS_CA_BUNDLE="$$cert"; fi

.PHONY: help setup demo test test-long bench lint format docs lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(DONE)/jars ## virtual environment, locked packages, the broker's jars; does nothing when all is there

demo: setup ## run the hub on a synthetic morning of work and show what it decided
	@$(BIN)/hub demo

test: setup ## the tests that CI runs
	@$(BIN)/pytest

test-long: setup ## the kill tests in full; takes many minutes
	@$(BIN)/pytest -m long

bench: setup ## measure, and print a table
	@$(BIN)/python -m tests.bench --json build/bench.json

lint: setup ## style, format, types, layers
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## put the code into its one format
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

docs: setup ## write the pages that are made from the code
	@$(BIN)/python -m tests.support.pages

lock: setup ## write the locks anew, after a dependency was changed
	$(BIN)/uv pip compile --universal --python-version 3.11 --extra test --generate-hashes --no-header --quiet \
		-o requirements.lock pyproject.toml
	cd $(JARS) && $(CURDIR)/$(BIN)/jgo --quiet --resolver python lock

clean: ## remove what setup and the tools made; data folders stay
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find hub tests -name __pycache__ -prune -exec rm -rf {} +

$(DONE)/uv: requirements-uv.lock
	@test -n "$(PYTHON)" || { echo "error: Python 3.11 or later is needed; found: $$(python3 --version 2>&1)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "error: $(PYTHON) has no venv; install it first (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@echo "setup: virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --require-hashes -r requirements-uv.lock
	@mkdir -p $(DONE) && touch $@

$(DONE)/packages: requirements.lock $(DONE)/uv
	@echo "setup: locked packages"
	@$(as_pip); \
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	@touch $@

$(DONE)/hub: pyproject.toml $(DONE)/packages
	@echo "setup: the hub itself"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --offline --no-deps --no-build-isolation --editable .
	@touch $@

$(DONE)/jars: $(JARS)/jgo.lock.toml $(DONE)/hub
	@echo "setup: the broker's jars"
	@$(as_pip); $(BIN)/python -m hub.connectors.broker.fetch
	@touch $@
