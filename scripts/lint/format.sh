#!/usr/bin/env bash
# Checks the formatting of Rust and Python, lints Python, and tests the scheduler's parser of test output.
# Changes nothing; `make fmt` formats the code.
set -euo pipefail

cd "$(dirname "$0")/../.."
scripts/setup/require-tools.sh cargo python3 node
cargo fmt --all --check
scripts/lint/ruff.sh format --check
scripts/lint/ruff.sh check
python3 scripts/scheduler/test_results.py --quiet
