#!/usr/bin/env bash
# Checks the formatting of all code and the parser of test results. Changes nothing; `make fmt` does.
set -euo pipefail

cd "$(dirname "$0")/../.."
scripts/setup/require-tools.sh cargo python3 node
cargo fmt --all --check
scripts/lint/ruff.sh format --check
scripts/lint/ruff.sh check
# Tests the scheduler's parser of test output.
python3 scripts/scheduler/test_results.py --quiet
