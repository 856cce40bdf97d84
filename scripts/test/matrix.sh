#!/usr/bin/env bash
# Runs the wheel's tests on every CPython 3.10 or newer of this machine, and the npm package's tests on Node 18,
# 20, 22 and 24, Deno and Bun. Prints a table; fails when a runtime failed.
#
#   scripts/test/matrix.sh                        everything
#   scripts/test/matrix.sh python node22 deno     parts: python, python3.12, node, node22, deno, bun
#
# An unavailable runtime becomes a row "not run" with the reason. That is a failure when the runtime was named as a
# part, and with CI=true (except for a Python version that the machine does not have).
set -euo pipefail

cd "$(dirname "$0")/../.."
js_runtimes=(node18 node20 node22 node24 deno bun)

# The Python versions that the package declares, and the interpreters of this machine.
mapfile -t declared < <(sed -nE 's/^ *"Programming Language :: Python :: (3\.[0-9]+)",$/python\1/p' bindings-python/pyproject.toml)
declare -A interpreters=()
while read -r path; do
  interpreters[$("$path" -c 'import sys; print("python3.%d" % sys.version_info[1])')]=$path
done < <(scripts/setup/find-pythons.sh)
mapfile -t pythons < <(printf '%s\n' "${declared[@]}" "${!interpreters[@]}" | sort -uV)

parts=("${@:-all}")
names=()
for part in "${parts[@]}"; do
  case $part in
    all) names+=("${pythons[@]}" "${js_runtimes[@]}") ;;
    python) names+=("${pythons[@]}") ;;
    node) for name in "${js_runtimes[@]}"; do [[ $name != node* ]] || names+=("$name"); done ;;
    python3.[0-9]* | node[0-9]* | deno | bun) names+=("$part") ;;
    *)
      echo "matrix: unknown part \"$part\": use python, python3.12, node, node22, deno or bun" >&2
      exit 1
      ;;
  esac
done
mapfile -t names < <(printf '%s\n' "${names[@]}" | awk '!seen[$0]++')

passed=0 failed=0 skipped=0
rows=() notes=()

# Runs the tests on one runtime and adds its row. The command prints the version and the number of tests, then one
# line per skipped test.
run() {
  local name=$1 output status=0 version tests line result=passed
  local -a lines
  shift
  echo "matrix: $name: running"
  SECONDS=0
  output=$("$@") || status=$?
  mapfile -t lines <<<"$output"
  if [ "$status" = 2 ]; then
    add_not_run "$name" "not run: ${lines[0]}" "${CI:-}"
    return
  fi
  IFS=$'\t' read -r version tests <<<"${lines[0]}"
  if [ "$status" != 0 ] || [[ $tests = none || $tests = 0 ]]; then
    result="FAILED, see build/matrix/$name.log"
    failed=$((failed + 1))
  else
    passed=$((passed + 1))
  fi
  rows+=("$name|$version|$tests|$SECONDS s|$result")
  for line in "${lines[@]:1}"; do notes+=("$name: $line"); done
}

# Adds the row of an unavailable runtime; `true` makes it a failure.
add_not_run() {
  local name=$1 result=$2 is_failure=$3
  [[ " ${parts[*]} " != *" $name "* ]] || is_failure=true
  if [ "$is_failure" = true ]; then failed=$((failed + 1)); else skipped=$((skipped + 1)); fi
  rows+=("$name||||$result")
}

for name in "${names[@]}"; do
  case $name in
    python*)
      if [ -n "${interpreters[$name]:-}" ]; then
        run "$name" scripts/test/matrix-python.sh "${interpreters[$name]}"
      else
        add_not_run "$name" "not run: this machine has no CPython ${name#python}" false
      fi
      ;;
    *) run "$name" scripts/test/matrix-js.sh "$name" ;;
  esac
done

echo
printf '%s\n' "runtime|version|tests|time|result" "${rows[@]}" | awk -F '|' '
  { for (at = 1; at <= NF; at++) { cell[NR, at] = $at; if (length($at) > width[at]) width[at] = length($at) } }
  END {
    for (row = 1; row <= NR; row++) {
      for (at = 1; at < NF; at++) printf "%-" width[at] "s  ", cell[row, at]
      print cell[row, NF]
    }
  }'
if [ "${#notes[@]}" != 0 ]; then
  echo
  echo "Skipped:"
  printf '  %s\n' "${notes[@]}"
fi
echo
echo "matrix: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
