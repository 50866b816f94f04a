# Two commands are enough on a fresh machine with Python 3.11+: `make run` and `make test`.

BIN := .venv/bin
DEMO := workspaces/demo
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --no-annotate
# Only the main index: a local one may hold wheels of this platform alone, and so too few hashes.
SETTINGS := eval "$$($(BIN)/python .ci/pip_settings.py)"; unset UV_INDEX UV_FIND_LINKS
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help install install-dev run test lint format types check evals bench peers hostile \
	snapshots prompts-lock lock clean

help: ## List what can be made
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

install: .venv/installed ## Make .venv with what running needs

install-dev: .venv/installed-dev ## Make .venv with what running and developing need

.venv/installed: requirements.lock pyproject.toml
	@.ci/install requirements.lock
	@touch $@

.venv/installed-dev: requirements-dev.lock requirements.lock pyproject.toml
	@.ci/install requirements-dev.lock
	@touch .venv/installed $@

run: install ## Install, make the demo brand if there is none, serve the page
	@test -e $(DEMO)/var/current || $(BIN)/sextant demo
	@$(BIN)/sextant serve

test: install-dev ## Install, add system parts where that is allowed, run all tests
	@.ci/system-parts
	@$(BIN)/python -m pytest $(ARGS)

lint: install-dev ## Check format and rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

format: install-dev ## Format, and mend what can be mended
	@$(BIN)/ruff check --fix --exit-zero --quiet .
	@$(BIN)/ruff format .

types: install-dev ## Check types, strictly
	@$(BIN)/mypy

check: lint types test evals ## All that continuous integration asks for

evals: install-dev ## Ask the embedded planner every case, compare with the baseline
	@$(BIN)/sextant eval

bench: install-dev ## Measure speed and memory
	@$(BIN)/sextant bench

peers: install-dev ## Measure beside two peers, installed for it and thrown away
	@$(BIN)/python -m evals.peers $(ARGS)

hostile: install-dev ## Ask 10,000 questions with a chat model that means harm
	@$(BIN)/python -m evals.hostile --workspace $(DEMO) $(ARGS)

snapshots: install-dev ## Write golden SQL and prompts anew; review the difference
	@SEXTANT_UPDATE_SNAPSHOTS=1 $(BIN)/python -m pytest -q $(ARGS)

prompts-lock: install-dev ## Record the versions of prompts whose text changed
	@$(BIN)/python -m prompts.versions

lock: ## Lock dependencies anew, by hash, without any address
	@.ci/venv
	@$(SETTINGS); $(LOCK) pyproject.toml --group build -o requirements.lock
	@$(SETTINGS); $(LOCK) pyproject.toml --group build --group dev -c requirements.lock \
		-o requirements-dev.lock
	@$(SETTINGS); echo uv | $(LOCK) - -o requirements-uv.lock

clean: ## Remove .venv and caches; workspaces stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
