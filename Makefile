# Every command of the project. The environment is .venv/; nothing outside it is touched.
.DEFAULT_GOAL := help
.PHONY: help setup run walk test check contract bench chaos chaos-queue disasters mutants

NEWEST = for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done
PYTHON ?= $(shell $(NEWEST))
VENV := .venv/bin/python
PIP := $(VENV) -m pip --disable-pip-version-check --quiet

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.dev .env ## everything a checkout needs; quick the second time
	@$(VENV) manage.py migrate --verbosity 0
	@echo "Ready. 'make run' starts Fanfare."

run: .venv/.run .env ## web, worker and sandbox in the foreground; one Ctrl-C stops them
	@exec $(VENV) -m project.run

walk: .venv/.run .env ## is it well on this Python? It runs, signs up, connects, posts; doctor looks
	@$(VENV) -m tests.walk

test: .venv/.dev ## the whole suite, on SQLite and on PostgreSQL (ARGS="-k word" for a part; DB=sqlite|postgres)
	@DB=$(DB) $(VENV) -m tests.both $(ARGS)

check: .venv/.dev ## style, types, migrations, deployment settings, pins
	@$(VENV) -m ruff check .
	@$(VENV) -m ruff format --check --quiet .
	@$(VENV) -m mypy
	@$(PIP) check
	@.ci/check-deploy $(VENV)

contract: .venv/.dev ## our make-believe networks against servers that others have written
	@set -e; for file in $(wildcard tests/social/*/contract.py); do echo "── $$file"; \
		$(VENV) -m $$(echo "$${file%.py}" | tr / .); done

bench: .venv/.dev .env ## every benchmark, as ratios within one run (ARGS="--quick" for a look)
	@set -e; for file in $(wildcard benchmarks/*.py); do echo "── $$file"; $(VENV) $$file; done
	@$(VENV) -m benchmarks.queue $(ARGS)

chaos: .venv/.dev ## deliveries through kills, faults and full disks (N=10000 SEED=1 DB=sqlite|postgres SCALE=0.3)
	@$(VENV) -m tests.exactly_once --n $(or $(N),2000) --seed $(or $(SEED),1) \
		--db $(or $(DB),sqlite) $(if $(SCALE),--scale $(SCALE)) $(ARGS)

chaos-queue: .venv/.dev ## workers killed and stopped hundreds of times, half an hour (ARGS="--kills 20")
	@$(VENV) -m tests.chaos $(ARGS)

disasters: .venv/.dev ## writing through reloads, cut networks, killed servers, two tabs (N=200 SEED=1 ONLY=two_tabs)
	@$(VENV) -m tests.disasters --n $(or $(N),200) --seed $(or $(SEED),1) --only "$(ONLY)" $(ARGS)

mutants: .venv/.dev ## how many small faults do tests notice? (N=300 SEED=1 MINUTES=30)
	@$(VENV) -m tests.mutants --n $(or $(N),300) --seed $(or $(SEED),1) \
		--minutes $(or $(MINUTES),30) $(ARGS)

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or set PYTHON=…" >&2; exit 2; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "$(PYTHON) lacks venv: apt-get install python3-venv" >&2; exit 2; }

.venv/.run: requirements.txt | .venv/bin/python
	@echo "Installing what runs…"
	@$(PIP) install --requirement requirements.txt
	@$(PIP) check
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.run
	@echo "Installing what tests and checks need…"
	@$(PIP) install --requirement requirements-dev.txt
	@$(PIP) check
	@touch $@

.env: | .venv/.run
	@$(VENV) -m project.local
