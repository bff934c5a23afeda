# booktune: every target says what it does; `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.booktune-ready
PORT ?= 3000
# tests run in so many processes at once, a file of tests in one of them
WORKERS ?= $(shell n=$$(nproc); echo $$((n < 4 ? n : 4)))
BOOKTUNE_HOME ?= $(CURDIR)/data
# absolute, as Dagster wants it; by the shell, because abspath cuts a path at its spaces
override BOOKTUNE_HOME := $(shell realpath -m -- '$(BOOKTUNE_HOME)')
export BOOKTUNE_HOME
MADE := lake warehouse reports exports cache work dagster models shelf.json shelf.lock

.PHONY: help setup system system-test demo test ui bench lint format docs clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml constraints/cpu.txt deploy/local/setup.sh
	@bash deploy/local/setup.sh $(VENV)
	@touch $@

setup: system $(STAMP) ## make the environment in .venv and check the system packages

system:
	@bash deploy/local/system.sh elixir erlang-dev erlang-eunit bubblewrap asciidoctor

system-test:
	@bash deploy/local/system.sh elixir erlang-dev erlang-eunit bubblewrap asciidoctor chromium tesseract-ocr

demo: setup ## the sample book through every asset, to adapter and report
	@$(BIN)/booktune init --sample
	@$(BIN)/booktune run --all

test: system-test $(STAMP) ## run all tests (sets up what they need)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

ui: setup ## open the Dagster UI on the same instance (PORT=3000)
	@$(BIN)/booktune init
	@echo "Dagster UI: http://127.0.0.1:$(PORT)  (stop with Ctrl-C)"
	@$(BIN)/booktune pages --idle-minutes 0 & pages=$$!; trap "kill $$pages 2>/dev/null" EXIT; \
	  DAGSTER_HOME="$(BOOKTUNE_HOME)/dagster" PATH="$(CURDIR)/$(BIN):$$PATH" \
	  $(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p $(PORT) --log-level warning

bench: setup ## run the scripts behind every figure in the README
	@for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

lint: $(STAMP) ## ruff and pyright
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/pyright

format: $(STAMP) ## let ruff rewrite the layout of the code
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

clean: ## remove all that booktune made in the home, models too (keeps books and settings)
	@cd "$(BOOKTUNE_HOME)" 2>/dev/null || { echo "nothing to clean: no $(BOOKTUNE_HOME)"; exit 0; }; \
	  rm -rf -- $(MADE) && echo "removed $(MADE) from $(BOOKTUNE_HOME)"; \
	  echo "left: $$(ls -A | tr '\n' ' ')"
