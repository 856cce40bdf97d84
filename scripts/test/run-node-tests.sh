#!/usr/bin/env bash
# Runs JavaScript test files. Summarises what passes; shows what fails in full.
#
#   scripts/test/run-node-tests.sh "the package in Node" tests/node/*.test.mjs
#
# TEST_THREADS sets how many files run at the same time (default: one more than the number of processors, because
# some files wait).
set -euo pipefail

what=${1:?what is tested?}
shift
threads=${TEST_THREADS:-$(($(getconf _NPROCESSORS_ONLN) + 1))}
# Before 18.19 and 20.10 there is no such option.
beside=()
if [[ $(node --help) == *--test-concurrency* ]]; then beside=(--test-concurrency="$threads"); fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "test: $what"
if ! node --test "${beside[@]}" --test-reporter=spec "$@" >"$log" 2>&1; then
  cat "$log"
  echo "test: $what: failed" >&2
  exit 1
fi
grep -E '^ℹ (tests|pass|fail|skipped) |^ *﹣ ' "$log"
