# make run   sets everything up and serves the dashboard
# make test  sets everything up and passes the tests
# make soak  passes the long trials, and the parity of programs with XLA as it is shipped
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
export TF_CPP_MIN_LOG_LEVEL ?= 3
# The tests start a hundred interpreters: each would compile all of Layerdeck anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup develop run test tests check style types quick soak format bench browser lock pictures

setup: $(VENV)/.ready

# What the app needs, at the versions of the lock. Python compiles at its first import what is imported; to compile all
# that is installed would take half a minute more.
$(VENV)/.ready: requirements.txt requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Layerdeck needs Python 3.11 to 3.13; name one with make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -r requirements.lock
	@touch $@

develop: $(VENV)/.ready-dev

# The tools of developers besides.
$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -r requirements-dev.lock -c requirements.lock
	@touch $@

run: setup
	@$(BIN)/python -m layerdeck --port $(PORT)

# The browser tests drive Debian's Chromium, where there is one its build without windows; CHROMIUM names another one.
browser:
	@test -n "$$CHROMIUM" || command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null \
		|| (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium-headless-shell >/dev/null) \
		|| (echo "The browser tests need Chromium: install it, or name it with CHROMIUM=/path/to/chromium" >&2; exit 1)

test: develop browser style
	@$(MAKE) --no-print-directory --jobs=2 --keep-going tests types

tests: develop browser
	$(BIN)/python -m pytest -n 2 --no-loadscope-reorder --durations=40

# Style and types beside the quick tests; what each says comes whole, and all are done even where one fails.
check: develop
	@$(MAKE) --no-print-directory --jobs=3 --keep-going $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) quick types style

style: develop
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache

types: develop
	$(BIN)/mypy

quick: develop
	$(BIN)/python -m pytest -n 2 -m "not browser and not slow and not soak"

soak: develop
	$(BIN)/python -m pytest -m soak --durations=40
	XLA_FLAGS= $(BIN)/python -m pytest tests/parity -m "slow or soak"

format: develop
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The pictures of the documentation, taken of the real page.
pictures: develop browser
	$(BIN)/python -m tests.browser.pictures

# Speeds, each as a ratio of two things measured in the same run.
bench: develop browser
	$(BIN)/python -m benchmarks

# Both locks, from what is installed.
lock: develop
	$(BIN)/python -m tests.locks
