#!/usr/bin/env bash
# Runs JavaScript test files. Prints a summary if all pass, the full output otherwise.
#
#   scripts/test/run-node-tests.sh TITLE FILE…
#
# TEST_THREADS sets how many files run at the same time (default: one more than the number of processors, because
# some files wait).
set -euo pipefail

title=${1:?missing TITLE}
shift
threads=${TEST_THREADS:-$(($(getconf _NPROCESSORS_ONLN) + 1))}
# Node before 18.19 and 20.10 does not have this option.
concurrency=()
if [[ $(node --help) == *--test-concurrency* ]]; then concurrency=(--test-concurrency="$threads"); fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "test: $title"
if ! node --test "${concurrency[@]}" --test-reporter=spec "$@" >"$log" 2>&1; then
  cat "$log"
  echo "test: $title: failed" >&2
  exit 1
fi
grep -E '^ℹ (tests|pass|fail|skipped) |^ *﹣ ' "$log"
