# The commands of the project; `make help` lists them.

.DEFAULT_GOAL := help
SHELL := /bin/bash
SWIFT ?= swift
SCENARIO ?= scenarios/smoke/one-print.yaml
SECONDS_PER_RUN ?= 60
SEEDS ?= 2000
# Found within a few stories each; `make planted` looks for all.
EASY_BUGS := mixes-up-printers gives-up-lost-printer gives-up-cloud reads-all-tenants tells-key
RELEASE := .build/release

.PHONY: help run test explore planted firmware chip interop fuzz bench lint format generate hubrig prepare clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

prepare:
	@command -v $(SWIFT) >/dev/null || { echo "Swift 6.3 is missing: see https://www.swift.org/install" >&2; exit 1; }
	@.ci/install

hubrig: prepare ## build the command, optimised
	@$(SWIFT) build -c release --product hubrig

run: hubrig ## one print, from upload to finished, in the virtual world
	@$(RELEASE)/hubrig run $(SCENARIO)

test: hubrig ## unit, scenario, determinism tests
	@$(SWIFT) test
	@$(SWIFT) build -c release --product sweeps
	@$(RELEASE)/sweeps
	@Tests/determinism .build/debug/hubrig $(RELEASE)/hubrig
	@$(RELEASE)/hubrig run --quiet scenarios
	@$(RELEASE)/hubrig planted --limit 50 $(EASY_BUGS)

explore: hubrig ## invent stories with faults and see that every rule holds (SEEDS=2000)
	@$(RELEASE)/hubrig explore --seeds $(SEEDS)
	@for size in neighbours makes updates; do \
	  $(RELEASE)/hubrig explore --size $$size --seeds $$(($(SEEDS) / 10)) || exit 1; done

planted: hubrig ## plant bugs in firmware and cloud, see that exploring finds each; takes a while
	@$(RELEASE)/hubrig planted

firmware: prepare ## heap-free builds for the chips, against their budget
	@hardware/firmware/build

chip: hubrig firmware ## the same firmware on an emulated riscv32 chip: same traces, stack in budget
	@.ci/install --interop
	@Tests/chip $(RELEASE)/hubrig

interop: hubrig ## talk to real third-party clients and servers
	@.ci/install --interop
	@Tests/interop/run

fuzz: prepare ## libFuzzer on every codec (SECONDS_PER_RUN=60)
	@Tests/fuzz/run $(SECONDS_PER_RUN)

bench: prepare ## speeds and sizes, measured here and now
	@$(SWIFT) build -c release --product hubrig --product benchmarks
	@.ci/install --bench
	@$(RELEASE)/benchmarks; verdict=$$?; Tests/interop/bench || verdict=1; \
	  Tests/bench/upload $(RELEASE)/hubrig && exit $$verdict

lint: ## formatting, layers, tidiness
	@Tests/lint

format: ## let swift-format have its way
	@$(SWIFT) format --in-place --recursive --parallel Sources Tests Package.swift

generate: hubrig ## write anew what comes from the language's tables and the library of stories
	@$(RELEASE)/hubrig scenario schema > Fixtures/scenario.schema.json.new
	@mv Fixtures/scenario.schema.json.new Fixtures/scenario.schema.json
	@$(RELEASE)/hubrig scenario list --page scenarios > scenarios/README.md.new
	@mv scenarios/README.md.new scenarios/README.md

clean: ## forget every build
	@rm -rf .build .build-*
