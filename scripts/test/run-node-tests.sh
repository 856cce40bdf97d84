#!/usr/bin/env bash
# Runs files of JavaScript tests. What passes is summed up; what fails is shown whole.
#
#   scripts/test/run-node-tests.sh "the package in Node" tests/node/*.test.mjs
#
# TEST_THREADS says how many files run beside each other; by default one more than there are processors, as
# some of them wait for a while.
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
