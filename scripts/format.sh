#!/usr/bin/env bash
# Checks the formatting of all code; changes nothing (`make fmt` does).
set -euo pipefail

cd "$(dirname "$0")/.."
scripts/need.sh cargo python3 node
cargo fmt --all --check
scripts/ruff.sh format --check
scripts/ruff.sh check
