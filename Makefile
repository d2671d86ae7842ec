# Madoguchi. `make help` lists what there is; `make run` is all that a stranger needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
LOCK_FLAGS := --generate-hashes --no-emit-index-url --python-version 3.11 --no-header -q

.PHONY: help run setup setup-dev train messages test test-postgres check catalogues bench lock lock-check pictures clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

run: setup ## Start everything with the demo company (Ctrl-C stops it)
	@$(PY) -m madoguchi run

setup: $(VENV)/.ready messages ## Make .venv and install what the lock file names

setup-dev: $(VENV)/.ready-dev messages

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed. On Debian: apt-get install python3 python3-venv"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Try: make run PYTHON=python3.11"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "The venv module is missing. On Debian: apt-get install python3-venv"; exit 2; }

$(VENV)/.ready: $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "Installing the pinned packages ..."
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PY) -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.lock
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

messages: $(VENV)/.ready ## Compile the translations
	@$(PY) tools/compile_messages.py

test: setup-dev ## All tests on SQLite
	@$(PY) -m pytest -n 2 --dist loadfile

test-postgres: setup-dev ## All tests on PostgreSQL (DATABASE_URL names a server on which databases may be made)
	@test -n "$(DATABASE_URL)" || { echo "Set DATABASE_URL, for example: make test-postgres DATABASE_URL=postgresql://madoguchi:secret@127.0.0.1/madoguchi"; exit 2; }
	@DATABASE_URL="$(DATABASE_URL)" $(PY) -m pytest -n 2 --dist loadfile -m "not browser"

check: setup-dev ## Lints, types, the house's contracts, migrations, lock files
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check -q . || { echo "Run: $(VENV)/bin/ruff format ."; exit 1; }
	@$(VENV)/bin/lint-imports --no-cache
	@$(PY) tools/check_house.py
	@MADOGUCHI_HOME=$$(mktemp -d) $(PY) -m madoguchi makemigrations --check --dry-run
	@$(VENV)/bin/mypy madoguchi
	@$(MAKE) -s lock-check

lock: setup-dev ## Renew the lock files from pyproject.toml
	@$(VENV)/bin/uv pip compile $(LOCK_FLAGS) --extra build pyproject.toml -o requirements.lock
	@$(VENV)/bin/uv pip compile $(LOCK_FLAGS) --extra build --extra dev pyproject.toml -o requirements-dev.lock

lock-check:
	@for extra in "" "-dev"; do \
	  tmp=$$(mktemp -d)/requirements.lock; cp requirements$$extra.lock $$tmp; \
	  $(VENV)/bin/uv pip compile $(LOCK_FLAGS) --extra build $${extra:+--extra dev} pyproject.toml -o $$tmp >/dev/null; \
	  cmp -s $$tmp requirements$$extra.lock || { echo "requirements$$extra.lock does not fit pyproject.toml; run: make lock"; exit 1; }; \
	done
	@! grep -nE 'https?://' requirements*.lock || { echo "a lock file names an index"; exit 1; }

catalogues: setup-dev ## Take new texts into the translation catalogues
	@$(PY) tools/catalogues.py update

bench: setup-dev ## Measure intake, pages and search beside this machine's floor
	@$(PY) -m bench

train: setup-dev ## Learn a version of the readers and judge it (MADOGUCHI_SHARED names the folder of public sets)
	@OMP_NUM_THREADS=1 nice -n 10 $(PY) -m training

clean: ## Remove .venv and caches (never the data under MADOGUCHI_HOME)
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
