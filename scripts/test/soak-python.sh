#!/usr/bin/env bash
# Runs the tests that take too long for `make test`: the wheel's property tests with many random examples, and a leak test
# with 100,000 calls of each pure function and 5,000 of each network method, sync and async. Passes its arguments
# to pytest.
set -euo pipefail

export SOAK=1
exec "$(dirname "$0")/python.sh" "$@"
