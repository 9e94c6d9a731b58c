# Two commands matter: `make run` and `make test`. They need Python 3.11, pip and make; all else they bring.
PYTHON ?= python3
BIN := .venv/bin
UV_VERSION := 0.13.9

.DEFAULT_GOAL := help

.PHONY: help
help: ## list these words
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

.venv/.tools:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q uv==$(UV_VERSION)
	@touch $@

.venv/.installed: .venv/.tools locks/dev.txt pyproject.toml
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r locks/dev.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: lint
lint: .venv/.installed ## ruff, mypy --strict
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy

.PHONY: test
test: lint ## set up and run every test
	$(BIN)/pytest

.PHONY: lock
lock: .venv/.tools ## renew the pinned versions
	$(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --no-header -q -U -o locks/app.txt
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header -q -U -o locks/dev.txt
