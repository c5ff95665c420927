# Two commands matter: `make demo` and `make test`. Both install into .venv first, once.
# All paths are relative, so that the folder may have any name, spaces included.

PYTHON ?= python3
EXTRAS ?= test,analysis
VENV ?= .venv
DEMO = batch --all --worlds 256 --seed 1 --out demo --force

# Settings of the caller that would send the installation elsewhere or slow every start.
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH VIRTUAL_ENV PIP_PREFIX PIP_TARGET PIP_USER

# It notes where and by which Python it was made: a moved folder gets a new one.
HERE = "$$(pwd -P) $$($(PYTHON) -V 2>&1)"
STALE := $(shell [ "$$(cat $(VENV)/made 2>/dev/null)" = $(HERE) ] || echo stale)

.PHONY: help demo explore class docs archive versions notebook analysis test mutants lint format lock tables claims levers screen posterior experiments docking numbers slides baseline clean stale
.NOTPARALLEL:
.DELETE_ON_ERROR:

help:
	@echo "make demo    install, then run every scenario and write the folder demo/"
	@echo "make explore  install, then turn its knobs in the browser"
	@echo "make class   install, then teach: your page, a projector, phones (docs/class.md)"
	@echo "make notebook  install JupyterLab too, and open the first notebook"
	@echo "make analysis  install Morris, Sobol and PRIM too, and say what moves the main claim"
	@echo "make slides  install, then make slides and worksheets (docs/teaching)"
	@echo "make test    install with the test tools, then lint, type check and test"
	@echo "             with the slow ones, too: make test SLOW=1"
	@echo "make docs    the site, into build/site/index.html (some minutes)"
	@echo "make archive  code, model, metadata, outputs and checksums as one zip, into build/"
	@echo "make versions  test with Python 3.11 to 3.13, with pinned and with newest packages"
	@echo "make mutants  test the tests (docs/testing.md)"
	@echo "make lint    the first two of these only;  make format  rewrites the layout"
	@echo "make tables  bring tables of docs/, CITATION.cff and codemeta.json in step"
	@echo "make claims  judge all claims in the baseline again, for docs/claims.md (WORLDS=1000)"
	@echo "make levers  turn every lever again, for docs/levers.md"
	@echo "make screen  what each parameter moves over its range, for docs/parameters.md"
	@echo "make posterior  fit the assumptions to 2023 again and test the fit, for docs/calibration.md"
	@echo "make experiments  what carries the main claim, for docs/calibration.md"
	@echo "make docking  lay the model over other markets, for docs/docking.md"
	@echo "make numbers  renew the numbers that tests hold, once CHANGELOG.md names what moved"
	@echo "make baseline  renew these, levers, claims and figures of docs/ after a change of the rules"
	@echo "make lock    choose the versions in constraints.txt anew (needs uv)"
	@echo "make clean   remove everything that make made"
	@echo "Another Python: make demo PYTHON=python3.12"

demo: $(VENV)/installed
	$(VENV)/bin/python -m llm_market_sim $(DEMO)

explore: $(VENV)/installed-class
	$(VENV)/bin/python -m llm_market_sim explore

class: $(VENV)/installed-class
	$(VENV)/bin/python -m llm_market_sim class

notebook: $(VENV)/installed-notebook,viz
	$(VENV)/bin/python -m jupyterlab experiments/three_to_five.ipynb

# Some seconds: the assumptions that move the main claim, and the rest of README's lines to type.
analysis: $(VENV)/installed-analysis
	$(VENV)/bin/python -m llm_market_sim sensitivity experiments/sensitivity_morris.yaml

# Slides and worksheets of docs/teaching, and the numbers in its pages: half a minute.
slides: $(VENV)/installed-class
	$(VENV)/bin/python docs/teaching.py

# What takes long (processes killed, a cluster, a browser) is left out, but for SLOW=1.
test: lint
	$(VENV)/bin/python -m pytest -n 2 --dist worksteal -q $(if $(SLOW),,-m "not slow and not browser")

# Small wrong changes in copies of the tree, each of which some test must notice.
mutants: $(VENV)/installed-$(EXTRAS)
	$(VENV)/bin/python tests/mutants.py

lint: $(VENV)/installed-$(EXTRAS)
	$(VENV)/bin/python -m ruff check
	$(VENV)/bin/python -m ruff format --check
	$(VENV)/bin/python -m mypy

format: $(VENV)/installed-$(EXTRAS)
	$(VENV)/bin/python -m ruff check --fix
	$(VENV)/bin/python -m ruff format

tables: $(VENV)/installed
	$(VENV)/bin/python docs/tables.py
	$(VENV)/bin/python docs/metadata.py

# The site, into build/site: pages typed and drawn anew, and every link followed. Some minutes.
docs: $(VENV)/installed-docs
	$(VENV)/bin/python docs/site/build.py

# What a model library asks for, as one zip in build/: code, ODD, metadata, outputs, checksums.
archive: $(VENV)/installed
	$(VENV)/bin/python docs/archive.py

# Python 3.11 to 3.13, each with pinned and with newest packages: all tests that are quick, or TESTS, or
# ONLY one, such as 3.13-newest.
versions:
	$(PYTHON) tests/try_pythons.py $(if $(ONLY),--only $(ONLY)) $(TESTS)

# What docs/claims.md says of the baseline, of a null model beside it, and under other rules: some
# minutes, most of them for interventions.
WORLDS ?= 1000
claims: $(VENV)/installed
	$(VENV)/bin/python -m llm_market_sim claims baseline scenarios/null/blind_market.yaml \
		--definitions --worlds $(WORLDS) --seed 1 \
		--out build/claims --force
	cp build/claims/verdicts.csv docs/claims_baseline.csv
	$(VENV)/bin/python -m llm_market_sim claims baseline scenarios/rules/*.yaml --worlds 200 \
		--seed 1 --out build/rules --force
	cp build/rules/verdicts.csv docs/claims_rules.csv
	$(VENV)/bin/python docs/tables.py

# What docs/levers.md says: some minutes.
levers: $(VENV)/installed
	$(VENV)/bin/python -m llm_market_sim levers --worlds 256 --seed 1 --out scenarios/levers.csv \
		--figure docs/levers.png --map docs/levers_map.png
	$(VENV)/bin/python docs/tables.py

# What docs/parameters.md says: some minutes.
screen: $(VENV)/installed
	$(VENV)/bin/python -m llm_market_sim screen --worlds 256 --seed 1 --out docs/screen.csv
	$(VENV)/bin/python docs/tables.py

# Claims that compare no two markets: they are judged over what 2023 leaves open, too.
OVER = dozens_and_hard_to_monetise jobs_outsourced_to_models most_vanish no_single_winner power_plants \
	startups_have_little_chance startups_run_faster three_to_five_and_the_rest three_to_five_carry \
	three_to_five_survive two_poles two_years_behind

# What 2023 leaves of the assumptions, and the test of it, for docs/calibration.md: some minutes.
posterior: $(VENV)/installed-$(EXTRAS)
	rm -rf build/calibration
	$(VENV)/bin/python experiments/calibrate_2023.py --out build/calibration
	cp build/calibration/posterior_2023.csv scenarios/
	cp build/calibration/fit*.csv build/calibration/fit.png docs/
	$(VENV)/bin/python -m llm_market_sim stylised-facts --worlds 400 --seed 1 \
		--out build/calibration/patterns
	cp build/calibration/patterns/facts.csv docs/patterns.csv
	$(VENV)/bin/python -m llm_market_sim stylised-facts --worlds 400 --seed 1 \
		--uncertainty posterior --out build/calibration/patterns-posterior
	cp build/calibration/patterns-posterior/facts.csv docs/patterns_posterior.csv
	$(VENV)/bin/python -m llm_market_sim batch baseline --uncertainty posterior --worlds 4000 \
		--seed 1 --set horizon_weeks=156 $(addprefix --claim ,$(OVER)) \
		--out build/calibration/baseline
	cp build/calibration/baseline/verdicts.csv docs/posterior_baseline.csv
	$(VENV)/bin/python docs/tables.py

# What carries the main claim, for docs/calibration.md: some minutes.
EXPERIMENT = $(VENV)/bin/python -m llm_market_sim
experiments: $(VENV)/installed-$(EXTRAS)
	$(EXPERIMENT) sensitivity experiments/sensitivity_morris.yaml --out build/morris --force
	$(EXPERIMENT) sensitivity experiments/sensitivity_sobol.yaml --out build/sobol --force
	$(EXPERIMENT) discover experiments/discover_survivors.yaml --out build/survivors --force
	$(EXPERIMENT) map experiments/map_price_delay.yaml --out build/map_price_delay --force
	$(EXPERIMENT) map experiments/map_two_that_matter.yaml --out build/map_two --force
	cp build/morris/sensitivity.csv docs/morris.csv
	cp build/sobol/sensitivity.csv docs/sobol.csv
	cp build/survivors/boxes.csv docs/survivors.csv
	cp build/map_price_delay/cells.csv docs/map_price_delay.csv
	cp build/map_two/cells.csv docs/map_two_that_matter.csv
	$(VENV)/bin/python docs/tables.py

# Other markets, for docs/docking.md: a minute or two.
docking: $(VENV)/installed
	$(VENV)/bin/python experiments/docking.py --out build/docking
	cp build/docking/docking.csv docs/docking.csv
	cp build/docking/group_buying.png docs/docking.png
	cp build/docking/shakeout.png docs/shakeout.png
	$(VENV)/bin/python docs/tables.py

# What tests/test_numbers.py holds, once CHANGELOG.md has named what moved.
numbers: $(VENV)/installed-$(EXTRAS)
	$(VENV)/bin/python tests/numbers_kept.py

# All that a change of the rules moves: numbers, levers, claims, and the figures of the documentation.
baseline: numbers levers claims demo
	cp demo/headline.png docs/headline.png

lock:
	uv pip compile pyproject.toml --output-file constraints.txt --universal --all-extras \
		--python-version 3.11 --upgrade --strip-extras --no-header --no-annotate --quiet

clean:
	rm -rf $(VENV) demo build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find src tests -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/made: $(STALE)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "llm-market-sim needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1 | tail -n 1)." >&2; \
		echo "With another one installed, name it: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { \
		echo "$(PYTHON) has no pip; install it first (on Debian: apt install python3-pip)." >&2; exit 1; }
	rm -rf $(VENV)
	$(PYTHON) -m venv --without-pip $(VENV)
	@printf '%s\n' $(HERE) > $(VENV)/made

# pip works from outside, so that a Python without ensurepip, or externally managed, will do.
PIP_INSTALL = $(PYTHON) -m pip --python $(VENV)/bin/python install --no-user --no-compile
define install
	@echo "Installing into $(VENV) (about half a minute, once)"
	@$(PIP_INSTALL) $(if $(NEWEST),,-c constraints.txt) -e $(1) || { \
		echo "The versions in constraints.txt cannot be had here; taking the newest instead." >&2; \
		$(PIP_INSTALL) -e $(1); }
	@touch $@
endef

$(VENV)/installed: $(VENV)/made pyproject.toml constraints.txt
	$(call install,.)

$(VENV)/installed-%: $(VENV)/made pyproject.toml constraints.txt
	$(call install,'.[$*]')
