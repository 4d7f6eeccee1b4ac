# What people type. Everything lives in .venv; no Node, Docker, database server or Redis is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml constraints.txt
TEST_PACKAGES := chromium fonts-noto-cjk fonts-noto-core
FONT_PACKAGES := fonts-noto-cjk fonts-noto-core

.PHONY: help demo test sweep check lint types imports source messages bench evaluate packages fonts clean

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | sort

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(BIN)/python $(SOURCES)
	$(BIN)/pip install --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed $(SOURCES)
	$(BIN)/pip install --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

.wheels/.fetched: $(VENV)/.installed-dev $(SOURCES)
	$(BIN)/python -c "import tomllib; print('\n'.join(tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies']))" > $(VENV)/dependencies.txt
	$(BIN)/pip wheel --disable-pip-version-check --quiet --constraint constraints.txt --wheel-dir .wheels --requirement $(VENV)/dependencies.txt
	@touch $@

fonts: ## Install fonts for pictures and documents, or say how
	@sh -c 'ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1 && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(FONT_PACKAGES) >/dev/null && exit 0; fi; \
	echo "Pictures and documents need fonts with Chinese characters. Install them with: sudo apt-get install -y $(FONT_PACKAGES)"'

packages:
	@sh -c 'command -v chromium >/dev/null && ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1 && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(TEST_PACKAGES) >/dev/null && exit 0; fi; \
	echo "The tests need a browser and fonts. Install them with: sudo apt-get install -y $(TEST_PACKAGES)"; exit 1'

demo: fonts $(VENV)/.installed ## Serve the demonstration on http://127.0.0.1:8000
	$(BIN)/linsheng demo

test: packages $(VENV)/.installed-dev .wheels/.fetched ## Test every rule: in ten minutes on two cores
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder
	@sh -c 'if command -v node >/dev/null; then node --test tests/modules/*.test.mjs; else echo "node is not installed: the modules tests were left out"; fi'

sweep: packages $(VENV)/.installed-dev ## Every page in every language, width and setting; every rule in all languages, sizes and engines; thousands of random examples (long)
	$(BIN)/python -m pytest -q --timeout 0 tests/sweep/pages.py
	SWEEP=5000 $(BIN)/python -m pytest -q --timeout 0 tests/questionnaire/test_phone.py
	SWEEP=10000 $(BIN)/python -m pytest -q --timeout 0 tests/analysis/test_suppression.py
	SWEEP=1000 $(BIN)/python -m pytest -q --timeout 0 tests/e2e/test_with_and_without_scripts.py
	SWEEP=200 $(BIN)/python -m pytest -q --timeout 0 tests/analysis/test_decisions.py tests/analysis/test_assign_more.py tests/analysis/test_model.py tests/responses/test_api.py tests/e2e/test_visibility.py
	SWEEP=200 $(BIN)/python -m pytest -q --timeout 0 -m thorough

check: $(VENV)/.installed-dev lint types imports source ## Lint, types, imports, rules of the source

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

imports: $(VENV)/.installed-dev
	$(BIN)/lint-imports

source: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -q --noconftest tests/contracts/test_source.py

messages: $(VENV)/.installed-dev ## Gather strings to translate and update the catalogs
	$(BIN)/python -m survey.i18n.messages

bench: $(VENV)/.installed-dev ## Measure speed beside baselines
	$(BIN)/python -m bench.themes
	$(BIN)/python -m bench.submissions
	$(BIN)/python -m bench.first_question
	$(BIN)/python -m bench.logic
	$(BIN)/python -m bench.desk

DATA ?= $(wildcard ../shared/data/texts)
evaluate: $(VENV)/.installed-dev ## Judge the themes beside other methods; DATA=folder adds the development sets
	$(BIN)/linsheng evaluate $(if $(DATA),--data $(DATA)) --out docs/benchmarks.md

clean: ## Remove what was built; the demo's data stays
	rm -rf $(VENV) .wheels dist
