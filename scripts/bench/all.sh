#!/usr/bin/env bash
# Runs all benchmarks with their peers and the growth measurements; writes BENCHMARKS.md and docs/growth.svg.
#
#   scripts/bench/all.sh              everything (about 20 min)
#   scripts/bench/all.sh python 13    some groups or rows; written to build/bench only
set -euo pipefail

cd "$(dirname "$0")/../.."
home=build/bench
mkdir -p "$home"
scripts/setup/require-tools.sh cargo python3 node

wheel=$(ls dist/cognigy_context-*.whl 2>/dev/null) || {
  echo "bench: no wheel in dist: run \`make wheel\` first" >&2
  exit 1
}
stamp=$(sha256sum "$wheel" bindings-python/bench/requirements.txt | sha256sum)
if [ "$(cat "$home/python-stamp" 2>/dev/null)" != "$stamp" ]; then
  echo "bench: installing the wheel and its peers into build/bench/venv"
  rm -rf "$home/venv"
  python3 -m venv "$home/venv"
  "$home/venv/bin/pip" install --quiet "$wheel" -r bindings-python/bench/requirements.txt
  echo "$stamp" >"$home/python-stamp"
fi
exec "$home/venv/bin/python" scripts/bench/run.py "$@"
