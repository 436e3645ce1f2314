# On a fresh machine with Python (>= 3.11) and make: `make run`, `make test`, `make verify`.
PYTHON ?= python3
VENV ?= .venv
WORLDS ?= 64
LOOK_NO_FURTHER ?= --no-flips --tilt 0
BIN := $(VENV)/bin
RATIO_ROWS := nodes stability

.PHONY: run all test verify check lint bench bench-quick bench-profiles bench-ratio bench-record docs breaks breaks-fast soak fuzz audit sbom lock clean

# Status 1 says that a result is marked, which is printed: not a failure of make.
run: $(VENV)/.installed
	$(BIN)/ceasefire check cases/ukraine-2025.yaml --worlds $(WORLDS) $(LOOK_NO_FURTHER) || test $$? -eq 1

# What `serve` and `report` need as well; the environment of the tests has it already.
all: $(VENV)/.installed-all

# Files of tests side by side, one on each core; PYTEST="-n 0" runs one test after another.
test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile $(PYTEST)

# Minutes: closed forms, a rival program, refined grids, sampling; one table, status 1 if a row fails.
verify: $(VENV)/.installed-verify
	$(BIN)/python -m verification

# Seventy minutes on two cores that nobody else uses: against targets, rivals, the machine and the
# clock. What was measured is kept, and written to docs/benchmarks.md also if a measurement failed.
bench: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks --json benchmarks/measured.json; status=$$?; \
	    $(BIN)/python -m benchmarks --page && exit $$status

# Everything small, in a few minutes.
bench-quick: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks --quick

# Where the time goes in what misses its target.
bench-profiles: $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks.profiles

# What CI keeps an eye on: rows that need no other program, against those recorded last.
bench-ratio: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks $(RATIO_ROWS) --quick --against benchmarks/recorded.json

bench-record: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks $(RATIO_ROWS) --quick --record benchmarks/recorded.json

# The same as CI: style, types, the import contract, then all tests.
check: lint test

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The documentation as a site in build/site; a broken link fails.
docs: $(VENV)/.installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# One-line mistakes put into the package on purpose: a test must notice each. All of them nightly,
# every tenth in CI.
breaks: $(VENV)/.installed-dev
	$(BIN)/python -m verification.breaks

breaks-fast: $(VENV)/.installed-dev
	$(BIN)/python -m verification.breaks --fast

# Hours: changed case files by the hundred thousand, then fifty people at one server.
soak: $(VENV)/.installed-dev
	$(BIN)/python -m verification.mutations
	$(BIN)/python -m verification.load

# An hour of processor time: texts made by coverage against the readers of expressions and questions.
fuzz: $(VENV)/.installed-fuzz
	$(BIN)/python -m verification.fuzz

# Known weaknesses of what is installed, where an advisory database can be reached.
audit: $(VENV)/.installed-audit
	$(BIN)/python -m verification.audit $(sort $(wildcard requirements*.txt))

# What the package is made of, as a CycloneDX document.
sbom: $(VENV)/.installed-audit
	mkdir -p build
	$(BIN)/cyclonedx-py requirements requirements-all.txt --pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.json

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed (try PYTHON=python3.12)" \
	    if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.installed-all: requirements-all.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-all.txt
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	touch $@

$(VENV)/.installed-verify: requirements-verify.txt $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-verify.txt
	touch $@

$(VENV)/.installed-bench: requirements-bench.txt $(VENV)/.installed-verify
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-bench.txt
	touch $@

$(VENV)/.installed-docs: requirements-docs.txt $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-docs.txt
	touch $@

$(VENV)/.installed-audit: requirements-audit.txt $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-audit.txt
	touch $@

$(VENV)/.installed-fuzz: requirements-fuzz.txt $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-fuzz.txt
	touch $@

LOCK := $(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-header \
    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options

# Pins with hashes of everything that is installed; all files are committed.
lock: $(VENV)/.installed-dev
	$(LOCK) --build-deps-for editable --extra baseline -o requirements.txt pyproject.toml
	$(LOCK) --build-deps-for editable --extra baseline --extra office --extra report --extra web -c requirements.txt -o requirements-all.txt pyproject.toml
	$(LOCK) --build-deps-for editable --extra dev --extra baseline --extra dask --extra office --extra ray --extra report --extra web -c requirements-all.txt -o requirements-dev.txt pyproject.toml
	$(LOCK) --build-deps-for editable --extra verify -c requirements-dev.txt -o requirements-verify.txt pyproject.toml
	$(LOCK) --build-deps-for editable --extra bench -c requirements-verify.txt -o requirements-bench.txt pyproject.toml
	$(LOCK) --build-deps-for editable --extra docs -c requirements-dev.txt -o requirements-docs.txt pyproject.toml
	$(LOCK) --build-deps-for editable --extra audit -c requirements-dev.txt -o requirements-audit.txt pyproject.toml
	$(LOCK) --build-deps-for editable --extra fuzz -c requirements-dev.txt -o requirements-fuzz.txt pyproject.toml

clean:
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
