# make run   sets everything up and serves the dashboard
# make test  sets everything up and passes the tests
# make soak  passes the long trials, and the parity of programs with XLA as it is shipped
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: setup run test check soak format bench browser lock pictures

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.txt requirements-dev.txt requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Layerdeck needs Python 3.11 or newer; name it with make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

run: setup
	@echo "Layerdeck: http://127.0.0.1:$(PORT)"
	@$(BIN)/python -m streamlit run dashboard/server.py --server.port $(PORT)

# The browser tests drive Debian's Chromium; CHROMIUM names another one.
browser:
	@test -n "$$CHROMIUM" || command -v chromium >/dev/null || (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null) \
		|| (echo "The browser tests need Chromium: install it, or name it with CHROMIUM=/path/to/chromium" >&2; exit 1)

test: setup browser
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=40

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -m "not browser and not slow"

soak: setup
	$(BIN)/python -m pytest -m soak --durations=40
	XLA_FLAGS= $(BIN)/python -m pytest tests/parity -m "slow or soak"

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The pictures of the documentation, taken of the real page.
pictures: setup browser
	$(BIN)/python -m tests.browser.pictures

# Speeds, each as a ratio of two things measured in the same run.
bench: setup browser
	$(BIN)/python -m benchmarks

lock: setup
	$(BIN)/python -m pip freeze --disable-pip-version-check > requirements.lock
