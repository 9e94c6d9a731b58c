# Two words matter: `make run` and `make test`. They need Python 3.11 (or newer), pip and make; all else they bring.
PYTHON ?= python3
BIN := .venv/bin
UV := .uv/bin/uv
# npm with the machine's Node, or with the one that a wheel carries; it installs the packages first if they changed.
NPM := $(BIN)/python hatch_build.py npm
WORKERS ?= auto

.DEFAULT_GOAL := help

.PHONY: help
help: ## list these words
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- use ----------------------------------------------------------------------------------------

.PHONY: run
run: .venv/.run client ## serve this house on http://127.0.0.1:8420, with its data in ./var
	@exec $(BIN)/teahouse serve

.PHONY: demo
demo: .venv/.run client ## serve a throw-away house full of sample people
	@exec $(BIN)/teahouse serve --demo

.PHONY: doctor
doctor: .venv/.run ## check this set-up and say what to fix
	@$(BIN)/teahouse doctor

# --- check --------------------------------------------------------------------------------------

.PHONY: test
test: lint browser peers ## run every check and every test
	$(BIN)/pytest -n $(WORKERS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: lint
lint: .venv/.dev client ## ruff, mypy --strict, import-linter, svelte-check, the three languages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NPM) run --silent check:i18n
	$(NPM) run --silent check
	$(NPM) test --silent

.PHONY: format
format: .venv/.dev ## let ruff put the Python in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: browser
browser: .venv/.dev ## find a Chromium for the tests, or install one
	$(BIN)/python -m tests.browser.chromium --install

.PHONY: peers
peers: .venv/.dev ## find the telephones and relays that the tests call, or install them (Debian's packages)
	$(BIN)/python -m tests.harness.peers --install

.PHONY: bench
bench: .venv/.dev client ## measure speed and size (PEERS=1: beside ejabberd and PostgreSQL)
	$(BIN)/python -m bench $(if $(PEERS),--peers)

.PHONY: soak
soak: .venv/.dev client ## 200 rounds of load, kill -9 and restart
	$(BIN)/python -m tests.soak.kill_rounds --rounds 200

# --- make ---------------------------------------------------------------------------------------

.PHONY: client
client: .venv/.run # the web client, if its sources changed
	@$(BIN)/python hatch_build.py

.PHONY: types
types: .venv/.run ## write the web client's types from the server's OpenAPI page
	@mkdir -p build
	$(BIN)/teahouse openapi > build/openapi.json
	$(NPM) exec -- openapi-typescript ../build/openapi.json -o src/lib/api/schema.d.ts --default-non-nullable=false

.PHONY: docs
docs: .venv/.dev ## write docs/ as HTML to build/docs and check every link
	$(BIN)/python docs/build.py

.PHONY: screenshot
screenshot: browser client ## take the README's picture anew
	$(BIN)/python -m docs.screenshot

.PHONY: wheel
wheel: .venv/.run ## pack the wheel and the sdist into dist/, with the web client in them
	$(UV) build --python $(BIN)/python --no-build-isolation --quiet
	@ls -1 dist

.PHONY: lock
lock: $(UV) ## renew the pinned versions
	$(UV) pip compile pyproject.toml --group dev --universal --generate-hashes --no-header -q -U -o locks/dev.txt
	$(UV) pip compile pyproject.toml --group run -c locks/dev.txt --universal --generate-hashes --no-header -q -o locks/run.txt
	$(UV) pip compile pyproject.toml -c locks/dev.txt --universal --generate-hashes --no-header -q -o locks/app.txt

.PHONY: clean
clean: ## remove all that was built or installed here (not ./var)
	rm -rf .venv .uv build dist test-results teahouse/static web/node_modules
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# --- bring --------------------------------------------------------------------------------------

# pip is asked for a folder of its own: that works without the venv module, and where the system's Python is managed.
$(UV): locks/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Teahouse needs Python 3.11 or newer: make PYTHON=/path/to/python3")'
	@echo "Fetching uv …"
	@$(PYTHON) -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-deps --upgrade --require-hashes --target .uv -r locks/uv.txt
	@touch $@

.venv/.made: | $(UV)
	@test -x $(BIN)/python || $(UV) venv -q --no-project --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv
	@touch $@

.venv/.run: .venv/.made locks/run.txt pyproject.toml
	@echo "Fetching Teahouse's parts …"
	@$(UV) pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r locks/run.txt
	@$(UV) pip install -q --compile-bytecode --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.run locks/dev.txt
	@echo "Fetching the parts for tests …"
	@$(UV) pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r locks/dev.txt
	@touch $@
