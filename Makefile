# The one door to sluice. Builds, servers and data live in build/ and .stack/, which git ignores.
.DEFAULT_GOAL := help
.PHONY: help setup configure build programs demo up down status test bench simulate crash late-end-txn mutants fuzz docs format lint clean

PYTHON := /usr/bin/python3
STACK := $(PYTHON) stack/stack.py
JOBS ?= $(shell nproc)
PROGRAMS := sluice-ingest sluice-ledger sluice-sink sluice-reaper sluicectl sluice-buyers

# Knobs of the demo
BUYERS ?= 5000
STOCK ?= 200
SKUS ?= 1
SEED ?= 1

# Of `make simulate`, all its runs together
INTENTS ?= 1000000000

# Knobs of the bench
ONLY ?=
SCALE ?= 1
ROUNDS ?= 3

# `make lint` looks at what has changed since this commit.
SINCE ?= $(shell git merge-base HEAD origin/main 2>/dev/null || echo HEAD)

help: ## this list
	@echo "make ..."
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1#\2/p' $(MAKEFILE_LIST) | awk -F'#' '{ printf "%-13s %s\n", $$1, $$2 }'

demo: programs ## a sale with a ledger killed in the rush, and a proof at the end: BUYERS=5000 STOCK=200 SKUS=1 SEED=1
	@$(PYTHON) stack/demo.py --buyers $(BUYERS) --stock $(STOCK) --skus $(SKUS) --seed $(SEED)

up: programs ## start everything on this machine, from Kafka to nginx, and leave it running
	@$(STACK) up

down: ## end what `make up` or `make demo` started, also after a crash
	@$(STACK) down
	@$(STACK) --dir .stack/demo down

status: ## what of it runs
	@$(STACK) status

test: setup ## build, then every test, with a time for each part
	@$(PYTHON) tests/run_all.py

bench: programs ## how fast the ledger is, beside a bare loop over Kafka and Kafka Streams: ONLY=one_sku,restart SCALE=1 ROUNDS=3
	@cmake --build --preset release -j $(JOBS) --target bench_kafka
	@$(PYTHON) tests/bench/run.py --only "$(ONLY)" --scale $(SCALE) --rounds $(ROUNDS)

crash: configure ## real processes under faults: until the results file holds RUNS=1000; JOBS=3: side by side; RUN=17: that one again
	@cmake --preset dev >build/dev-configure.log || { cat build/dev-configure.log; exit 1; }
	@cmake --build --preset dev -j $(JOBS) --target sluice-ledger sluice-sink sluice-reaper sluicectl
	@$(PYTHON) tests/crash/campaign.py $(if $(filter command environment,$(firstword $(origin JOBS))),--jobs $(JOBS)) $(if $(RUN),--run $(RUN),--runs $(or $(RUNS),1000))

late-end-txn: programs ## transactions that an old EndTxn ends: RUNS=1000 in the results file, goes on where it stopped
	@$(PYTHON) tests/late_end_txn/campaign.py --runs $(or $(RUNS),1000)

simulate: configure ## simulated worlds on all cores, appended to tests/evidence/results.jsonl, from where it stopped: INTENTS=1000000000
	@cmake --build --preset release -j $(JOBS) --target sluice_simulation
	@$(PYTHON) tests/simulation/campaign.py --intents=$(INTENTS)

mutants: build ## plants bugs into the code, one by one, and lets the tests find them
	@$(PYTHON) tests/mutants/mutants.py

fuzz: setup ## libFuzzer on everything that reads bytes: SECONDS=600 for each target
	@$(PYTHON) tests/fuzz/fuzz.py --seconds $(or $(SECONDS),600)

docs: programs ## write the tables of settings and metrics in the daemons' READMEs anew
	@cmake --build --preset release -j $(JOBS) --target readme_test
	@SLUICE_REWRITE=1 build/release/tests/daemons/readme_test --gtest_brief=1

format: setup ## bring C++ into its form
	@git ls-files '*.cpp' '*.h' | xargs -r clang-format -i

lint: programs ## clang-tidy over the C++ that differs from origin/main; ALL=1: over all of it, for more than half an hour
	@{ $(if $(ALL),git ls-files '*.cpp',git diff --name-only --diff-filter=d $(SINCE) -- '*.cpp'; \
	    git ls-files --others --exclude-standard '*.cpp'); } | xargs -r -P $(JOBS) -n 1 clang-tidy --quiet -p build/release

clean: down ## end everything, and remove builds and data
	@rm -rf build .stack

setup:
	@stack/setup
	@mkdir -p build

# Everything of the release build; `programs` is what runs, without the tests.
build: configure
	@cmake --build --preset release -j $(JOBS)

programs: configure
	@cmake --build --preset release -j $(JOBS) --target $(PROGRAMS)

configure: setup
	@cmake --preset release >build/release-configure.log || { cat build/release-configure.log; exit 1; }
