# Every task by name. Each task installs or builds what it needs and does nothing when it is up to date.
# Required: Rust (rust-toolchain.toml), Python 3.10 or newer with venv, Node 18 or newer.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test check flake test-rust test-python test-js test-examples test-service test-inspector \
  test-counts fuzz miri wheel sdist npm extension inspector sandbox matrix msrv stubs bench counts soak fmt fmt-check lint clean

# Shortens the output of the tools.
export CARGO_TERM_PROGRESS_WHEN := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## List the tasks.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: ## Inject one context from Rust, Python and Node into a local sandbox (3 min, then seconds).
	@scripts/demo.sh

test: ## Test everything that is released: wheel, npm package, Chromium, Redis (17 min, then 10).
	@scripts/setup/require-tools.sh cargo python3 node npm
	@python3 scripts/scheduler test

check: ## Run formatting, lints, unit tests and the corpus; for every change (2 min).
	@scripts/setup/require-tools.sh cargo python3 node npm
	@python3 scripts/scheduler check

flake: ## Repeat every suite under load, after `make test` (40 min). ROUNDS=1 SUITES="rust" selects.
	@python3 scripts/scheduler flake $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED)) $(SUITES)

wheel: npm ## Build the Python wheel with the Inspector, dist/*.whl.
	@scripts/build/inspector.sh
	@scripts/build/wheel.sh

sdist: ## Build, install and check the Python source distribution, dist/*.tar.gz (4 min).
	@scripts/build/sdist.sh

npm: ## Build the npm package, dist/*.tgz.
	@scripts/build/npm.sh

extension: ## Pack the Cognigy Extension of examples/extension for upload.
	@scripts/build/extension.sh

inspector: npm ## Serve the Inspector of contexts, variables and limits.
	@scripts/build/inspector.sh serve

sandbox: ## Build the sandbox, build/dev/cognigy-context-sandbox.
	@scripts/setup/require-tools.sh cargo python3
	@echo "sandbox: building"
	@scripts/build/development.sh native

stubs: ## Generate the Python type stub and AsyncClient from their templates and docstrings.
	@scripts/build/stubs.sh

fmt: ## Format all code.
	@cargo fmt --all
	@scripts/lint/ruff.sh format
	@scripts/lint/ruff.sh check --fix

fmt-check: ## Check the formatting of all code.
	@scripts/lint/format.sh

lint: ## Run clippy and rustdoc; deny warnings.
	@scripts/lint/rust.sh

test-rust: ## Test the Rust crates: units, properties, corpus, client and sandbox.
	@scripts/test/rust.sh

test-counts: ## Compare the instruction counts of the hot paths with the baseline.
	@scripts/bench/instruction-counts.sh check

test-examples: wheel npm sandbox ## Run the README's code and the examples against a sandbox.
	@scripts/test/examples.sh

test-python: wheel ## Test the wheel in a fresh environment.
	@scripts/test/python.sh

test-js: npm sandbox ## Test the npm package in Node, Chromium and a bare V8 isolate.
	@scripts/test/js.sh

test-service: wheel sandbox ## Test the webhook service with a real Redis and the sandbox.
	@scripts/test/service.sh

test-inspector: npm sandbox ## Test the Inspector in headless Chromium.
	@scripts/test/inspector.sh

matrix: wheel npm extension sandbox ## Test the wheel on every CPython here, the npm package on Node 18 to 24, Deno and Bun. MATRIX="python node22" selects.
	@scripts/test/matrix.sh $(MATRIX)

msrv: ## Build and test the crate with the Rust version that Cargo.toml declares.
	@scripts/test/msrv.sh

soak: wheel npm sandbox ## Run the long tests: more random cases, leaks.
	@cargo test --quiet --release -p cognigy-context --features http,schema
	@scripts/test/soak-python.sh

fuzz: ## Fuzz the core, guided by coverage (30 min per target). MINUTES=1 JOBS=2 TARGETS="coerce schema" selects.
	@MINUTES=$(or $(MINUTES),30) JOBS=$(or $(JOBS),0) SANITIZER=$(or $(SANITIZER),address) scripts/test/fuzz.sh $(TARGETS)

miri: ## Run the tests of the unsafe code under Miri, with a nightly toolchain.
	@scripts/test/miri.sh

bench: wheel npm ## Measure speed and growth, compare with peers, and write BENCHMARKS.md. ROWS="python 13" selects.
	@scripts/bench/all.sh $(ROWS)

counts: ## Write the instruction counts of the hot paths as the new baseline.
	@scripts/bench/instruction-counts.sh update

clean: ## Remove everything that was built.
	@rm -rf target dist build tools/inspector/dist examples/extension/build bindings-python/python/cognigy_context/inspector
