#!/usr/bin/env bash
# Runs the Python suite with the wheel in dist on one interpreter. Prints one line with the version, a tab and the
# number of tests, then one line per file with skipped tests. Exits with 2 and prints the reason when the
# interpreter cannot run the suite.
#
#   scripts/test/matrix-python.sh /usr/bin/python3.12
set -euo pipefail

cd "$(dirname "$0")/../.."
python=${1:?missing argument: a Python interpreter}
version=$("$python" -c 'import platform; print(platform.python_version())')
"$python" -c 'import ensurepip, venv' 2>/dev/null || {
  echo "Python $version cannot create virtual environments: install its venv module"
  exit 2
}

log=build/matrix/python${version%.*}.log
mkdir -p build/matrix
status=0
PYTHON=$python scripts/test/python.sh >"$log" 2>&1 </dev/null || status=1
[ "$status" = 0 ] || cat "$log" >&2
# pytest closes with "812 passed, 3 skipped in 95.12s (0:01:35)".
tests=$(sed -nE 's/^=* ?([0-9]+ [a-z]+(, [0-9]+ [a-z]+)*) in [0-9.]+s.*$/\1/p' "$log" | tail -n 1)
printf '%s\t%s\n' "$version" "${tests:-none}"
# "SKIPPED [2] …/tests/python/test_exit.py:94: needs fork"
sed -nE 's#^SKIPPED \[([0-9]+)\] .*tests/python/([^:]+):[0-9]+: (.*)$#\1 \2: \3#p' "$log" |
  awk '{ count = $1; sub(/^[0-9]+ /, ""); sum[$0] += count } END { for (skip in sum) print skip ", " sum[skip] " tests" }' | sort
exit "$status"
