# Needs GNU make, Node >= 20.19 and npm. `make` alone says what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help install build demo test test-long check bench ftest chaos soak image clean

NAME ?= box
DATA_SIZE ?= small
IMAGE ?= box-elasticsearch-connector:0.1.0
tests := node --import tsx test/run.ts

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# npm writes this file last, so that an install that broke off is done again.
node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

install: node_modules/.package-lock.json ## the dependencies, as the lock file has them (only when it has changed)

build: install ## dist/: the program (dist/main.js) and the library
	@node scripts/build.mjs

demo: install ## a Box on this computer, synchronised into a local index and searched: the product in half a minute
	@node scripts/build.mjs --program
	@node scripts/demo.mjs

test: build ## all tests; those that need a real Elasticsearch or Tika are skipped if there is no JDK or Maven
	@$(tests) unit integration e2e

test-long: build ## the long tests, at their real sizes and waiting times
	@TEST_LONG=true TEST_SEED=$${TEST_SEED:-$$(date +%s)} $(tests) unit integration e2e

check: install ## format, lint, types, freshness of the documentation, unit tests
	@npm run --silent check

bench: build ## speed and memory, beside what this Elasticsearch can take at most
	@node --import tsx bench/bench.ts

ftest: build ## the end-to-end test: make ftest NAME=box [DATA_SIZE=small|medium|large]
	@node --import tsx test/ftest.ts --name '$(NAME)' --size '$(DATA_SIZE)'

chaos: build ## 200 random plans of trees, changes, stops, kills and lost states; the index must be Box: make chaos [CHAOS='--rounds N --seed S --shrink TRIES']
	@node --import tsx test/chaos.ts $(CHAOS)

soak: build ## a million files with a heap of 128 MiB, three runs: make soak [SOAK='--folders N --files N']
	@node --import tsx test/soak.ts $(SOAK)

image: ## the container image: make image [IMAGE=name:tag]
	@command -v docker >/dev/null || { echo 'Cannot build the image: there is no docker on this machine' >&2; exit 1; }
	@docker version >/dev/null 2>&1 || { echo 'Cannot build the image: docker is here, but reaches no engine. Is it running, and may you use it?' >&2; exit 1; }
	docker build --tag '$(IMAGE)' .

clean: ## removes what was built and downloaded, but not the dependencies
	rm -rf dist coverage .cache
