# Two commands do everything on a fresh machine with Python 3.11 or later and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export UV_LINK_MODE ?= copy

.PHONY: demo chat serve test lint bench requirements clean

demo: $(VENV)/.runtime  ## open the demo desk in a browser; HEADLESS=1 walks through it in this terminal
	@$(BIN)/vigil demo

chat: $(VENV)/.runtime  ## write to the demo desk as a customer
	@$(BIN)/vigil demo --chat

serve: $(VENV)/.runtime  ## start the server on this machine
	@$(BIN)/vigil serve

test: $(VENV)/.dev  ## run the tests; those that need a service that isn't there skip and say so
	@$(BIN)/pytest

lint: $(VENV)/.dev  ## style and strict types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/basedpyright

bench: $(VENV)/.dev  ## measure, and print tables
	@$(BIN)/python -m benchmarks

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
requirements: $(VENV)/.uv  ## pin anew what pyproject.toml asks for; names no package index
	$(COMPILE) --upgrade requirements/build.in -o requirements/build.txt
	$(COMPILE) --upgrade pyproject.toml -o requirements/base.txt
	$(COMPILE) --upgrade pyproject.toml --group dev -c requirements/base.txt -o requirements/dev.txt

clean:  ## remove what was made here
	rm -rf $(VENV) .vigil .pytest_cache .ruff_cache .hypothesis

$(VENV)/.uv: requirements/build.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Vigil needs Python 3.11 or later; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	@touch $@

$(VENV)/.runtime: $(VENV)/.uv requirements/base.txt pyproject.toml
	@$(BIN)/uv pip install --quiet --require-hashes -r requirements/base.txt
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	@$(BIN)/uv pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@
