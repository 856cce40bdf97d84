#!/usr/bin/env bash
# Tests the inspector as it is built, in headless Chromium and against a sandbox. Screenshots of every
# view are in build/inspector.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

scripts/inspector.sh
scripts/node-deps.sh tests/inspector
if [ ! -x target/debug/cognigy-context-sandbox ]; then
  echo "test: building the sandbox"
  cargo build --quiet -p cognigy-context-sandbox
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "test: the inspector in Chromium"
if ! node --test --test-concurrency="$(($(getconf _NPROCESSORS_ONLN) + 1))" --test-reporter=spec tests/inspector/*.test.mjs >"$log" 2>&1; then
  cat "$log"
  echo "test: the inspector: failed" >&2
  exit 1
fi
echo "test: the inspector: $(sed -n 's/^ℹ tests //p' "$log") tests"
