# Every command of the project. Each sets up what it needs: .venv from requirements.lock, and on Debian Qt's libraries.
#   make demo ARGS="--workspace elsewhere"     PYTHON=python3.12 make test

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
unexport PYTHONPATH PYTHONHOME

PYTHON ?= python3
UV ?= uv
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
QUIET_PIP := --disable-pip-version-check --no-input --progress-bar off

# bagit is published as source only. What builds it comes from the lock too, so it has to be there first.
BUILD_TOOLS := packaging|setuptools|setuptools-scm|typing-extensions|vcs-versioning|wheel

# What the wheels of PySide6 (QtGui, QtMultimedia) and OpenCV are linked against and do not carry.
LIBRARIES := libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 libpulse0 libxrandr2 libdrm2
# What Qt needs on top to draw on an X11 or Wayland screen.
SCREEN_LIBRARIES := libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 \
    libxcb-render-util0 libxcb-shape0 libxcb-xkb1 libx11-xcb1 libwayland-cursor0 libwayland-egl1

.PHONY: help demo desktop test test-slow lint setup libraries database lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

demo: setup ## the main job on the sample cards: dock, listen, review, measure, export, verify
	@$(BIN)/bwc-review demo $(ARGS)

desktop: setup ## the desktop program
	@.ci/system-libraries $(SCREEN_LIBRARIES)
	@$(BIN)/bwc-review-desktop $(ARGS)

test: export QT_QPA_PLATFORM := offscreen
test: lint database ## every check but the slow ones
	@$(BIN)/python -m pytest -m "not slow" $(or $(ARGS),--ignore=tests/unit/custody)
	@$(if $(ARGS),,$(BIN)/python -m pytest -m "not slow" tests/unit/custody $(WHOLE_COVERAGE))

# The ground is covered branch by branch by its own tests, which run once and are the only ones that are traced.
WHOLE_COVERAGE := --cov=chain_of_custody --cov-branch --cov-fail-under=100 --cov-report=term-missing:skip-covered

test-slow: export QT_QPA_PLATFORM := offscreen
test-slow: setup ## the slow checks
	@$(BIN)/python -m pytest -m slow $(ARGS) || { code=$$?; [ $$code -eq 5 ] && echo "There are no slow checks."; }

lint: setup ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

setup: libraries $(STAMP) ## .venv with the locked packages, nothing else

# The store's contract also runs over a real PostgreSQL. Without root its tests say why they skip.
database: | libraries
	@[ "$$(id -u)" != 0 ] || .ci/system-libraries postgresql

libraries:
	@.ci/system-libraries $(LIBRARIES)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	    || { echo "Python 3.11, 3.12 or 3.13 is needed; name one with  make PYTHON=python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	    || { echo "Python's venv module is missing. On Debian:  apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) (once: 700 MB to fetch, 1.8 GB on the disk)"
	@$(BIN)/python -c '' 2>/dev/null || rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@awk '/^[^ #]/ {build = /^($(BUILD_TOOLS))==/} build' requirements.lock > $(VENV)/build-tools.txt
	@$(BIN)/python -m pip install --quiet $(QUIET_PIP) --require-hashes --no-deps -r $(VENV)/build-tools.txt
	@$(BIN)/python -m pip install $(QUIET_PIP) --require-hashes --no-build-isolation -r requirements.lock \
	    | awk '/^Collecting/ {printf " %s", $$2; fflush()} END {print ""}'
	@$(BIN)/python -m pip install --quiet $(QUIET_PIP) --no-build-isolation --no-deps --editable .
	@touch $@

lock: ## requirements.lock anew from pyproject.toml (needs uv)
	@$(UV) pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	    --no-strip-extras --no-emit-index-url --no-header --quiet --output-file requirements.lock $(ARGS)
	@printf '# %s\n' 'The exact releases this project is built and tested with, and their digests.' \
	    'Written by `make lock` from pyproject.toml; not edited by hand.' | cat - requirements.lock > requirements.lock.new
	@mv requirements.lock.new requirements.lock

clean: ## what setup and the checks made; a workspace is never touched
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
	find bwc_review ingest ui chain_of_custody tests sample_media benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
