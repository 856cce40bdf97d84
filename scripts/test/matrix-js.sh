#!/usr/bin/env bash
# Runs tests/node and tests/matrix with the npm package in dist on one JavaScript runtime. Prints one line with the
# version, a tab and the number of tests, then one line per skipped test. Exits with 2 and prints the reason
# when the runtime is not available.
#
#   scripts/test/matrix-js.sh node18|node20|node22|node24|deno|bun
set -euo pipefail

cd "$(dirname "$0")/../.."
runtime=${1:?missing argument: node22, deno or bun}
program=$(scripts/setup/js-runtime.sh "$runtime" 2>&1) || { echo "${program##*$'\n'}"; exit 2; }

log=build/matrix/$runtime.log
status=0
case $runtime in
  node*) "$program" --test --test-reporter=spec tests/node/*.test.mjs tests/matrix/*.test.mjs ;;
  # Deno finds the packages of node_modules where the working folder has a package.json.
  deno) (cd tests/node && NO_COLOR=1 "$program" test --allow-all --no-check --quiet ./*.test.mjs ../matrix/*.test.mjs) ;;
  # Bun ends a test after 5 s by default; Node and Deno have no default limit.
  bun) NO_COLOR=1 "$program" test --timeout 600000 ./tests/node/*.test.mjs ./tests/matrix/*.test.mjs ;;
esac >"$log" 2>&1 </dev/null || status=1
[ "$status" = 0 ] || cat "$log" >&2

# Deno counts a suite as a test and its tests as steps; a suite starts with a line that ends with "...".
count_deno() {
  local suites
  suites=$(grep -c ' \.\.\.$' "$log") || true
  sed -nE 's/^.*\| ([0-9]+) passed( \(([0-9]+) steps?\))?.*$/\1 \3/p' "$log" |
    awk -v suites="$suites" '{ print $1 + $2 - suites }'
}
case $runtime in
  node*)
    version=$("$program" --version)
    tests=$(sed -n 's/^ℹ tests //p' "$log")
    skipped=$(sed -n 's/^ *﹣ //p' "$log")
    ;;
  deno)
    version=$("$program" eval 'console.log(Deno.version.deno)')
    tests=$(count_deno)
    skipped=$(sed -n 's/ \.\.\. ignored .*$/, skipped/p' "$log")
    ;;
  bun)
    version=$("$program" --version)
    tests=$(sed -n 's/^ *\([0-9]*\) pass$/\1/p' "$log")
    skipped=$(sed -n 's/^(skip) \(.*\)$/\1, skipped/p' "$log")
    ;;
esac
printf '%s\t%s\n' "${version#v}" "${tests:-none}"
[ -z "$skipped" ] || echo "$skipped"
exit "$status"
