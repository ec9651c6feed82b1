# `make course` is for learners, `make test` is what CI runs; `make help` lists the rest.
# Plain make, as old as the 3.81 of macOS. Everything runs in .venv; see tools/environment.py.

# The Python that .venv is made with. Where it is too old or too new, another is looked for.
PYTHON ?= python3
# Passed to pip as an extra index: on Linux https://download.pytorch.org/whl/cpu has the small torch.
TORCH_INDEX ?=
# Passed to JupyterLab, as in ARGS=--no-browser or ARGS="--port 9000".
ARGS ?=
# What of pyproject.toml goes into .venv; empty: all. EXTRAS=course is enough for notebooks 00-05.
EXTRAS ?=
# The numeric environment of `make validate`; see tools/numeric.py.
ENVIRONMENT ?= second
THREADS ?= 1
# The notebook of `make refresh`, as in NB=01.
NB ?=
# The experiments of `make results`, as in ONLY=race; empty: all, which takes hours. And the claims
# of `make claims`, as in ONLY="A16 B5"; empty: those whose results are missing or stale.
ONLY ?=

# FORCE=1 lets `make reset-progress` delete without asking.
FORCE ?=

# The decks of `make slides`, and the notebooks of `make figures`, as in DECKS="01 06"; empty: all.
DECKS ?=
# PLAN=4: decks for four sessions instead. PDF=1 prints decks through Chromium, too; SLIDES=1 puts
# those of the notebooks on the site.
PLAN ?=
PDF ?=
SLIDES ?=

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
NBVAL := $(PYTEST) --nbval --nbval-current-env --nbval-cell-timeout 300 -n 2 --dist loadscope notebooks

.DEFAULT_GOAL := help
# The steps of `make test` are in an order, and use both cores themselves.
.NOTPARALLEL:
.PHONY: help course environment test lint unit validate test-numeric test-browser test-cluster \
	refresh results claims bench format lock wheel handout site slides figures clean \
	progress reset-progress

help:  ## list what make can do here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

course: environment  ## build .venv if needed, copy new notebooks to my-course/, open JupyterLab there
	@$(BIN)/python tools/open_course.py $(ARGS)

# Neither builds an environment: there is no progress without one.
progress:  ## what you have done of the exercises, as a table
	@test -x $(BIN)/python || { echo 'There is no .venv yet. Run make course first.' >&2; exit 1; }
	@$(BIN)/python -m tools.progress

reset-progress:  ## forget what you have done of the exercises; asks first (FORCE=1: does not)
	@test -x $(BIN)/python || { echo 'There is no .venv yet. Run make course first.' >&2; exit 1; }
	@$(BIN)/python -m tools.progress --reset $(if $(filter 1,$(FORCE)),--force)

environment:  ## build .venv, or bring it up to date (the others do this first)
	@command -v "$(PYTHON)" >/dev/null || { echo 'There is no $(PYTHON) here. Install Python from' \
		'https://www.python.org/downloads/, or name yours: make course PYTHON=/path/to/python3' >&2; \
		exit 1; }
	@"$(PYTHON)" tools/find_python.py --extras "$(EXTRAS)" --torch-index "$(TORCH_INDEX)"

# What checks, changes or measures the course needs all extras, whatever a learner left out.
test lint unit validate test-numeric refresh results claims format wheel handout: EXTRAS := torch,course,dev
site slides figures: EXTRAS := torch,course,dev
bench: EXTRAS := torch,course,dev,bench
test-cluster: EXTRAS := torch,course,dev,cluster
test-browser: EXTRAS := torch,course,dev,browser

# `unit` builds the site too, and checks it.
test: lint unit validate  ## everything that CI runs: lint, format, unit tests, strict nbval

lint: environment  ## ruff: lint and format, notebooks included
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

unit: environment  ## unit tests and docstring examples, with the coverage of helpers
	@$(PYTEST) -n 2 --cov=helpers --cov-branch --cov-fail-under=95

validate: environment  ## strict nbval over all notebooks (ENVIRONMENT=second THREADS=1)
	@$(BIN)/python -m tools.numeric $(ENVIRONMENT) --threads $(THREADS) -- $(NBVAL)

test-numeric: environment  ## strict nbval in all four numeric environments
	@$(BIN)/python -m tools.numeric --all -- $(NBVAL)

test-browser: environment  ## labs, and the whole course, in a real Chromium (installed if missing)
	@$(BIN)/python -m tools.browser >/dev/null
	@$(PYTEST) tests/browser -n 2 --dist loadfile

test-cluster: environment  ## sweeps on a Dask cluster of two worker processes on this machine
	@$(PYTEST) tests/cluster

refresh: environment  ## run a notebook and store its outputs, showing what changed (NB=01)
	@$(BIN)/python -m tools.refresh $(NB)

results: environment  ## train what notebooks only draw: data/results/*.json, hours (ONLY=race)
	@$(BIN)/python -m experiments $(ONLY)

claims: environment  ## test claims at full size: helpers/claims/results.json, CLAIMS.md (ARGS=--all)
	@$(BIN)/python -m helpers.claims $(ONLY) $(ARGS)

bench: environment  ## speed, as ratios against what one would use instead
	@for file in benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python "$$file" || exit 1; done

format: environment  ## let ruff format everything, and mend what it can
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

wheel: environment  ## build dist/*.whl, with data and style inside
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		--wheel-dir dist .
	@ls dist/*.whl

handout: environment  ## dist/student, without solutions, and dist/instructor, with quiz and notes
	@$(BIN)/python -m tools.handout

site: environment  ## the web site, dist/site/index.html, offline (SLIDES=1: the decks, too)
	@$(BIN)/python -m tools.site $(if $(filter 1,$(SLIDES)),--slides)

slides: environment  ## dist/slides: each notebook as one reveal.js file (DECKS="01 06" PLAN=2 PDF=1)
	@$(BIN)/python -m tools.slides $(if $(PLAN),--plan $(PLAN),$(DECKS)) $(if $(filter 1,$(PDF)),--pdf)

figures: environment  ## dist/figures: every figure as SVG and PNG with its credit line; minutes
	@$(BIN)/python -m tools.figures $(DECKS) $(if $(filter 1,$(FRESH)),--fresh)

# One version of each package for every Python from 3.11 on and every system (--universal,
# --fork-strategy fewest), so that stored outputs mean the same everywhere. torch is held because
# new versions change training's last bits; mpmath because sympy, which torch asks for, wants < 1.4.
# Bare of comments (--no-header, --no-annotate), which would hold paths of the machine it ran on.
lock:  ## compile constraints.txt anew from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo 'make lock needs uv: https://docs.astral.sh/uv' >&2; exit 1; }
	@printf 'torch==2.13.0\nmpmath<1.4\n' | uv pip compile pyproject.toml --all-extras --universal \
		--fork-strategy fewest --python-version 3.11 -c - --no-header --no-annotate -o constraints.txt

clean:  ## delete what tests and builds left; .venv and my-course/ stay
	@rm -rf build dist *.egg-info .coverage .coverage.* .hypothesis .pytest_cache .ruff_cache
	@find . -name __pycache__ -not -path './.venv/*' -not -path './my-course/*' -prune \
		-exec rm -rf {} +
