# Every task by name. Each sets up what it needs, says what it is doing, and is quick the second time.
# Needed: Rust (rust-toolchain below), Python 3.10 or newer with venv, Node 18 or newer.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test test-rust test-python test-js test-examples test-service test-inspector \
  test-counts wheel sdist npm extension inspector sandbox matrix msrv bench counts soak fmt fmt-check lint clean

# Fewer lines from the tools, so that what matters is seen.
export CARGO_TERM_PROGRESS_WHEN := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The tests draw the same random cases every time; `make soak` draws new ones.
test test-rust: export PROPTEST_RNG_SEED := 20261121

help: ## list the tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: wheel npm sandbox ## inject the same context from Rust, Python and Node into a local sandbox
	@scripts/demo.sh

test: fmt-check lint test-rust test-counts test-examples test-python test-service test-js test-inspector ## everything that CI runs
	@echo "test: all green"

wheel: npm ## the Python wheel, dist/*.whl, with the inspector in it
	@scripts/inspector.sh
	@scripts/wheel.sh

sdist: ## the Python source distribution, dist/*.tar.gz, installed and checked (4 minutes)
	@scripts/sdist.sh

npm: ## the npm package, dist/*.tgz
	@scripts/npm.sh

extension: ## the Cognigy Extension of examples/extension, packed for upload
	@scripts/extension.sh

inspector: npm ## serves the inspector of contexts, variables and limits
	@scripts/inspector.sh serve

sandbox: ## the sandbox's program, target/debug/cognigy-context-sandbox
	@scripts/need.sh cargo
	@echo "sandbox: building"
	@cargo build --quiet -p cognigy-context-sandbox -p cognigy-context --features cognigy-context/http,cognigy-context/schema --bins --examples

fmt: ## format all code
	@cargo fmt --all
	@scripts/ruff.sh format
	@scripts/ruff.sh check --fix

fmt-check:
	@scripts/need.sh cargo python3 node
	@echo "fmt: checking"
	@cargo fmt --all --check
	@scripts/ruff.sh format --check
	@scripts/ruff.sh check

lint: ## clippy, with warnings denied
	@echo "lint: clippy on everything"
	@cargo clippy --quiet --workspace --lib --bins --tests --benches --features cognigy-context/http,cognigy-context/schema -- -D warnings
	@echo "lint: documentation"
	@RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps -p cognigy-context -p cognigy-context-sandbox --features cognigy-context/http,cognigy-context/schema

test-rust: ## the Rust tests: units, properties, corpus, client against the sandbox
	@echo "test: Rust, without features and with all"
	@cargo test --quiet -p cognigy-context --lib --test corpus
	@cargo test --quiet -p cognigy-context --features http,schema
	@echo "test: the sandbox"
	@cargo test --quiet -p cognigy-context-sandbox

test-counts: ## the instructions that the core's hot paths take, against those that are kept
	@scripts/counts.sh check

test-examples: wheel npm sandbox ## the README's code and the examples, run against a sandbox
	@scripts/test-examples.sh

test-python: wheel ## the wheel, installed into a fresh environment
	@scripts/test-python.sh

test-js: npm sandbox ## the npm package in Node, Chromium and a bare V8 isolate
	@scripts/test-js.sh

test-service: wheel sandbox ## the webhook service, against a real Redis and the sandbox
	@scripts/test-service.sh

test-inspector: npm sandbox ## the inspector in headless Chromium
	@scripts/test-inspector.sh

matrix: wheel npm extension sandbox ## the wheel on every CPython here, the npm package on Node 18 to 24, Deno and Bun; MATRIX="python node22" selects
	@scripts/matrix.sh $(MATRIX)

msrv: ## build and test the crate with the Rust version that Cargo.toml declares
	@scripts/msrv.sh

soak: wheel npm sandbox ## what takes long: new random cases, leaks
	@cargo test --quiet --release -p cognigy-context --features http,schema
	@scripts/soak-python.sh

bench: wheel npm ## speed and growth beside peers, written to BENCHMARKS.md; ROWS="python 13" is a part
	@scripts/bench.sh $(ROWS)

counts: ## keep the instructions that the core's hot paths take now (tests/counts)
	@scripts/counts.sh renew

clean: ## remove all that was built
	@rm -rf target dist build
