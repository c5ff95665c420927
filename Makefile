# Two commands matter: `make demo` and `make test`. Both install into .venv first, once.
# All paths are relative, so that the folder may have any name, spaces included.

PYTHON ?= python3
EXTRAS ?= test,analysis
DEMO = batch --all --worlds 256 --seed 1 --out demo --force

# Settings of the caller that would send the installation elsewhere or slow every start.
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH VIRTUAL_ENV PIP_PREFIX PIP_TARGET PIP_USER

# .venv notes where and by which Python it was made: a moved folder gets a new one.
HERE = "$$(pwd -P) $$($(PYTHON) -V 2>&1)"
STALE := $(shell [ "$$(cat .venv/made 2>/dev/null)" = $(HERE) ] || echo stale)

.PHONY: help demo test lint format lock tables claims clean stale
.NOTPARALLEL:
.DELETE_ON_ERROR:

help:
	@echo "make demo    install, then run every scenario and write the folder demo/"
	@echo "make test    install with the test tools, then lint, type check and test"
	@echo "make lint    the first two of these only;  make format  rewrites the layout"
	@echo "make tables  bring the tables of docs/ in step with code, scenarios and claims"
	@echo "make claims  judge all claims in the baseline again, for docs/claims.md (WORLDS=1000)"
	@echo "make lock    choose the versions in constraints.txt anew (needs uv)"
	@echo "make clean   remove everything that make made"
	@echo "Another Python: make demo PYTHON=python3.12"

demo: .venv/installed
	.venv/bin/python -m llm_market_sim $(DEMO)

test: lint
	.venv/bin/python -m pytest -n 2 -q

lint: .venv/installed-$(EXTRAS)
	.venv/bin/python -m ruff check
	.venv/bin/python -m ruff format --check
	.venv/bin/python -m mypy

format: .venv/installed-$(EXTRAS)
	.venv/bin/python -m ruff check --fix
	.venv/bin/python -m ruff format

tables: .venv/installed
	.venv/bin/python docs/tables.py

# What docs/claims.md says of the baseline: some minutes, most of them for interventions.
WORLDS ?= 1000
claims: .venv/installed
	.venv/bin/python -m llm_market_sim claims baseline --definitions --worlds $(WORLDS) --seed 1 \
		--out build/claims --force
	cp build/claims/verdicts.csv docs/claims_baseline.csv
	.venv/bin/python docs/tables.py

lock:
	uv pip compile pyproject.toml --output-file constraints.txt --universal --all-extras \
		--python-version 3.11 --upgrade --strip-extras --no-header --no-annotate --quiet

clean:
	rm -rf .venv demo build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find src tests -name __pycache__ -prune -exec rm -rf {} +

.venv/made: $(STALE)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "llm-market-sim needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1 | tail -n 1)." >&2; \
		echo "With another one installed, name it: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { \
		echo "$(PYTHON) has no pip; install it first (on Debian: apt install python3-pip)." >&2; exit 1; }
	rm -rf .venv
	$(PYTHON) -m venv --without-pip .venv
	@printf '%s\n' $(HERE) > .venv/made

# pip works from outside, so that a Python without ensurepip, or externally managed, will do.
PIP_INSTALL = $(PYTHON) -m pip --python .venv/bin/python install --no-user --no-compile
define install
	@echo "Installing into .venv (about half a minute, once)"
	@$(PIP_INSTALL) -c constraints.txt -e $(1) || { \
		echo "The versions in constraints.txt cannot be had here; taking the newest instead." >&2; \
		$(PIP_INSTALL) -e $(1); }
	@touch $@
endef

.venv/installed: .venv/made pyproject.toml constraints.txt
	$(call install,.)

.venv/installed-$(EXTRAS): .venv/made pyproject.toml constraints.txt
	$(call install,'.[$(EXTRAS)]')
