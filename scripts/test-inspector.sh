#!/usr/bin/env bash
# Tests the inspector as it is built, in headless Chromium and against a sandbox. Screenshots of every
# view are in build/inspector.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

scripts/inspector.sh
scripts/node-deps.sh tests/inspector
scripts/system-packages.sh chromium
if [ ! -x build/dev/cognigy-context-sandbox ]; then
  echo "test: building the sandbox"
  scripts/development.sh native
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "test: the inspector in Chromium"
if ! node --test --test-concurrency="${TEST_THREADS:-$(($(getconf _NPROCESSORS_ONLN) + 1))}" --test-reporter=spec tests/inspector/*.test.mjs >"$log" 2>&1; then
  cat "$log"
  echo "test: the inspector: failed" >&2
  exit 1
fi
grep -E '^ℹ (tests|pass|fail|skipped) |^ *﹣ ' "$log"
