#!/usr/bin/env bash
# Tests the wheel in dist: installs it into a fresh virtual environment and runs the tests outside the source tree.
# Passes its arguments to pytest; `-n 0` runs everything in one process. TEST_SEED (an integer) changes the random
# choices; TEST_THREADS sets the number of test processes.
#
#   scripts/test/python.sh          everything
#   scripts/test/python.sh quick    unit tests and the corpus, on the development build
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
say() { echo "test-python: $*"; }

if [ "${1:-}" = quick ]; then
  shift
  venv=$root/build/dev/python
  stamp=$(sha256sum "$root/tests/python/requirements.txt")
  if [ "$(cat "$venv/tests-stamp" 2>/dev/null)" != "$stamp" ]; then
    say "installing the test tools into the development environment (once)"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$root/tests/python/requirements.txt"
    echo "$stamp" >"$venv/tests-stamp"
  fi
  cd "$root/tests/python"
  CORPUS=$root/tests/corpus exec "$venv/bin/python" -m pytest --rootdir . -p no:cacheprovider -q -rfEs "$@" \
    test_{corpus,errors,hostile,policies_and_reports,properties,value_types,walk,workflows}.py
fi

environment=$("$root/scripts/setup/python-env.sh" python cli,service "$root/tests/python/requirements.txt")

say "running tests/python"
# Set order is a random choice, too.
export PYTHONHASHSEED=$((${TEST_SEED:-0} & 0xffffffff))
# Runs outside the source tree, so that Python imports the installed package.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# One process runs all tests of a file, because two processes must not install pyright at the same time.
CORPUS=$root/tests/corpus "$environment" -m pytest "$root/tests/python" \
  --rootdir "$root/tests/python" -p no:cacheprovider -q -rfEs -n "${TEST_THREADS:-auto}" --dist loadfile "$@"
