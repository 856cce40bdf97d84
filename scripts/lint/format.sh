#!/usr/bin/env bash
# Checks the formatting of all code, and that the test runner reads what it should; changes nothing
# (`make fmt` does).
set -euo pipefail

cd "$(dirname "$0")/../.."
scripts/setup/require-tools.sh cargo python3 node
cargo fmt --all --check
scripts/lint/ruff.sh format --check
scripts/lint/ruff.sh check
# The runner of the tests, which reads what the others print.
python3 scripts/scheduler/test_results.py --quiet
