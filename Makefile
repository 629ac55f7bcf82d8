# Every target makes what it needs: .venv, the packages, the sample archive, the model.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

export Q ?= When will Artemis II launch?
DATA ?= ../shared/data/realtimeqa_dev

SAY := [ "$${CI:-}" = true ] || echo >&2
BIN := .venv/bin
RUNTIME := .venv/.runtime
DEV := .venv/.dev
CLIENTS := .venv/.clients
SAMPLE := .dateline/sample
INDEXED := $(SAMPLE)/.indexed
AXE := .venv/node/node_modules/axe-core/axe.min.js
GATE := .dateline/gate
ARTICLES := $(shell find eval/sample -type f 2>/dev/null)

.PHONY: help ask ui index model test layouts corpus pages malformed soak strace postgres check format eval \
  metamorphic gate golden \
  baselines bench load fleet observed stores schema clients browser axe screens constraints clean

help: ## show these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

ask: $(INDEXED) model ## ask the sample archive: make ask Q="..."
	@$(BIN)/dateline ask --archive $(SAMPLE) -- "$$Q" || [ $$? = 3 ] # declined is an answer too

ui: $(INDEXED) model ## open the page over the sample archive
	@$(BIN)/dateline serve --archive $(SAMPLE)

index: $(RUNTIME) ## bring the sample archive up to date
	@$(BIN)/dateline index --archive $(SAMPLE) eval/sample

model: $(RUNTIME) ## fetch the local models (1.2 GB) unless they are here
	@if $(BIN)/dateline models path >/dev/null 2>&1; then \
	  $(BIN)/dateline models pull >/dev/null; exit 0; fi; \
	$(SAY) "Fetching the models, once: 1.2 GB."; $(BIN)/dateline models pull >/dev/null

test: $(DEV) ## run the tests
	@$(BIN)/pytest

layouts: $(DEV) ## how many of fifty page layouts are read right, by field
	@$(BIN)/python -m tests.rag.layouts

corpus: $(DEV) ## read many articles, count failures and boilerplate: make corpus FILES=...
	@$(BIN)/python -m tests.rag.corpus $(FILES)

pages: $(DEV) ## how much of real pages is read right: make pages DATA=../shared/data/pages_dev
	@$(BIN)/python -m tests.rag.pages $(DATA)

malformed: $(DEV) ## read 500 damaged files and bombs: make malformed N=5000
	@$(BIN)/python -m tests.rag.malformed $(N)

schema: $(DEV) ## make requests of the OpenAPI with schemathesis: make schema N=2000
	@DATELINE_OPENAPI_CASES=$(or $(N),2000) $(BIN)/pytest -q -s tests/ui/test_openapi.py

clients: $(INDEXED) $(CLIENTS) ## ask 30 questions through every door, write the table of docs/clients.md
	@$(BIN)/python -m tests.ui.conformance --archive $(SAMPLE) --write docs/clients.md

soak: $(DEV) ## run all attacks at their large sizes, for hours; the log is soak.log
	@.ci/soak | tee soak.log

strace: ## install strace for the tests that kill at a call to the kernel
	@if command -v strace >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then get=; else get="sudo -n"; fi; \
	$$get apt-get update -q && $$get apt-get install -qy --no-install-recommends strace

postgres: ## install Debian's PostgreSQL for the tests of an archive on a server
	@if ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then get=; else get="sudo -n"; fi; \
	$$get apt-get update -q && $$get apt-get install -qy --no-install-recommends postgresql

check: $(DEV) ## check format, lint, layers and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy

format: $(DEV) ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

eval: model ## measure the answers over the sample questions
	@$(BIN)/dateline eval

metamorphic: $(RUNTIME) ## ask beside 2,000 articles on something else: all must stay the same
	@$(BIN)/python -m eval.metamorphic 2000

gate: $(RUNTIME) ## fail when the sample questions come out worse than eval/baselines (no model)
	@$(BIN)/dateline models pull ms-marco-minilm-l-12-v2 >/dev/null
	@$(BIN)/dateline eval run sample --llm scripted --runs $(GATE)
	@$(BIN)/dateline eval gate --runs $(GATE) --baseline eval/baselines/sample-retrieval.json
	@$(BIN)/dateline eval gate --runs $(GATE) --baseline eval/baselines/sample-answers.json

golden: $(RUNTIME) ## list the sample answers that changed, word for word (scripted model)
	@$(BIN)/dateline eval run sample --llm scripted --runs $(GATE)
	@$(BIN)/dateline eval golden --runs $(GATE)

baselines: $(RUNTIME) ## make what the sample questions come out as now the baselines of the gate
	@$(BIN)/dateline models pull ms-marco-minilm-l-12-v2 >/dev/null
	@$(BIN)/dateline eval run sample --llm scripted --runs $(GATE)
	@$(BIN)/dateline eval gate --runs $(GATE) --write --only retrieval \
	  --baseline eval/baselines/sample-retrieval.json
	@$(BIN)/dateline eval gate --runs $(GATE) --write --only answers \
	  --baseline eval/baselines/sample-answers.json
	@$(BIN)/dateline eval golden --runs $(GATE) --write

bench: model ## measure speed beside other systems (hours; articles of RealTimeQA in DATA)
	@$(BIN)/python -m eval.bench peers --data $(DATA) --resume --write docs/performance.md

load: $(INDEXED) ## let 1 to 100 people ask at once, with a mock model
	@$(BIN)/python -m eval.bench.load --archive $(SAMPLE)

fleet: $(INDEXED) ## let 50 people ask two workers 200 questions, and kill one of them
	@$(BIN)/python -m eval.bench fleet --archive $(SAMPLE)

observed: $(INDEXED) $(DEV) ## what telemetry costs of processor time
	@$(BIN)/python -m eval.bench observed --archive $(SAMPLE) --rounds 8

stores: $(DEV) ## 100,000 passages in a folder and on servers: make stores REAL=ARCHIVE SIZE=100k
	@$(BIN)/python -m tests.rag.stores $(REAL) $(SIZE)

browser: ## install Debian's chromium for the tests of the page
	@if command -v chromium >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then get=; else get="sudo -n"; fi; \
	$$get apt-get update -q && $$get apt-get install -qy --no-install-recommends chromium

axe: ## install axe-core, with which a test looks for barriers on the page
	@if [ -f $(AXE) ]; then exit 0; fi; \
	npm install --prefix .venv/node --no-audit --no-fund --loglevel=error axe-core@4.14.1

screens: $(INDEXED) $(DEV) ## picture every view of the page, desk and phone, light and dark
	@$(BIN)/python -m tests.ui.preview .dateline/screens --archive $(SAMPLE)

constraints: $(DEV) ## pin the installed versions in constraints.txt
	@$(BIN)/python .ci/constraints.py > constraints.new && mv constraints.new constraints.txt

clean: ## remove .venv, caches and the sample archive (models stay)
	rm -rf .venv .dateline .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INDEXED): $(ARTICLES) | $(RUNTIME)
	@$(SAY) "Indexing the sample archive: 36 articles, half a minute."
	@$(BIN)/dateline index --archive $(SAMPLE) eval/sample
	@touch $@

$(BIN)/python:
	@fits='import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'; \
	for python in $${PYTHON:-} python3.11 python3.12 python3.13 python3; do \
	  if $$python -c "$$fits" 2>/dev/null; then \
	    $(SAY) "Making .venv with $$($$python --version), a few seconds."; exec $$python -m venv .venv; \
	  fi; \
	done; \
	echo "Dateline needs Python 3.11, 3.12 or 3.13 with venv (Debian: apt install python3-venv);" \
	  "none was found. Name one with: make PYTHON=/path/to/python" >&2; exit 1

$(RUNTIME): pyproject.toml constraints.txt | $(BIN)/python
	@.ci/packages $(BIN)/python -e .
	@touch $@

$(DEV): pyproject.toml constraints.txt | $(BIN)/python
	@.ci/packages $(BIN)/python -e '.[dev]'
	@touch $(RUNTIME) $@

$(CLIENTS): pyproject.toml constraints.txt | $(DEV)
	@.ci/packages $(BIN)/python -e '.[dev,clients]'
	@touch $@
