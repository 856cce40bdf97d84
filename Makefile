# Every task by name. Each sets up what it needs, says what it is doing, and is quick the second time.
# Needed: Rust (rust-toolchain.toml), Python 3.10 or newer with venv, Node 18 or newer.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test check flake test-rust test-python test-js test-examples test-service test-inspector \
  test-counts wheel sdist npm extension inspector sandbox matrix msrv bench counts soak fmt fmt-check lint clean

# Fewer lines from the tools, so that what matters is seen.
export CARGO_TERM_PROGRESS_WHEN := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## list the tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: ## inject the same context from Rust, Python and Node into a local sandbox (3 minutes, then seconds)
	@scripts/demo.sh

test: ## everything that is released: the wheel, the npm package, Chromium, Redis (about 17 minutes, then 10)
	@scripts/setup/require-tools.sh cargo python3 node npm
	@python3 scripts/scheduler test

check: ## what a contributor runs all day: formatting, lints, units and corpus (2 minutes after a change)
	@scripts/setup/require-tools.sh cargo python3 node npm
	@python3 scripts/scheduler check

flake: ## every suite again and again under load, on what `make test` built (40 minutes); ROUNDS=1 SUITES="rust" is a part
	@python3 scripts/scheduler flake $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED)) $(SUITES)

wheel: npm ## the Python wheel, dist/*.whl, with the inspector in it
	@scripts/build/inspector.sh
	@scripts/build/wheel.sh

sdist: ## the Python source distribution, dist/*.tar.gz, installed and checked (4 minutes)
	@scripts/build/sdist.sh

npm: ## the npm package, dist/*.tgz
	@scripts/build/npm.sh

extension: ## the Cognigy Extension of examples/extension, packed for upload
	@scripts/build/extension.sh

inspector: npm ## serves the inspector of contexts, variables and limits
	@scripts/build/inspector.sh serve

sandbox: ## the sandbox's program, build/dev/cognigy-context-sandbox
	@scripts/setup/require-tools.sh cargo python3
	@echo "sandbox: building"
	@scripts/build/development.sh native

fmt: ## format all code
	@cargo fmt --all
	@scripts/lint/ruff.sh format
	@scripts/lint/ruff.sh check --fix

fmt-check: ## check the formatting of all code
	@scripts/lint/format.sh

lint: ## clippy and rustdoc, with warnings denied
	@scripts/lint/rust.sh

test-rust: ## the Rust tests: units, properties, corpus, client against the sandbox
	@scripts/test/rust.sh

test-counts: ## the instructions that the core's hot paths take, against those that are kept
	@scripts/bench/instruction-counts.sh check

test-examples: wheel npm sandbox ## the README's code and the examples, run against a sandbox
	@scripts/test/examples.sh

test-python: wheel ## the wheel, installed into a fresh environment
	@scripts/test/python.sh

test-js: npm sandbox ## the npm package in Node, Chromium and a bare V8 isolate
	@scripts/test/js.sh

test-service: wheel sandbox ## the webhook service, against a real Redis and the sandbox
	@scripts/test/service.sh

test-inspector: npm sandbox ## the inspector in headless Chromium
	@scripts/test/inspector.sh

matrix: wheel npm extension sandbox ## the wheel on every CPython here, the npm package on Node 18 to 24, Deno and Bun; MATRIX="python node22" selects
	@scripts/test/matrix.sh $(MATRIX)

msrv: ## build and test the crate with the Rust version that Cargo.toml declares
	@scripts/test/msrv.sh

soak: wheel npm sandbox ## what takes long: new random cases, leaks
	@cargo test --quiet --release -p cognigy-context --features http,schema
	@scripts/test/soak-python.sh

bench: wheel npm ## speed and growth beside peers, written to BENCHMARKS.md; ROWS="python 13" is a part
	@scripts/bench/all.sh $(ROWS)

counts: ## keep the instructions that the core's hot paths take now (tests/instruction-counts)
	@scripts/bench/instruction-counts.sh renew

clean: ## remove all that was built
	@rm -rf target dist build tools/inspector/dist examples/extension/build bindings-python/python/cognigy_context/inspector
