#!/usr/bin/env bash
# What takes too long for `make test`: the wheel's property tests with random examples and many of
# them, and a leak test of 100,000 calls of each pure entry point and 5,000 of each network one, sync
# and async. Arguments go to pytest.
set -euo pipefail

export SOAK=1
exec "$(dirname "$0")/python.sh" "$@"
