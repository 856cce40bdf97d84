#!/usr/bin/env bash
# Tests the wheel in dist as a user gets it: installed into a fresh virtual environment, away from
# the source tree. Arguments go to pytest; with `-n 0` all runs in one process. TEST_SEED, an integer,
# gives other random choices than those of each run.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
say() { echo "test-python: $*"; }

wheel=$(ls "$root"/dist/cognigy_context-*.whl 2>/dev/null) || {
  echo "test-python: no wheel in dist: run scripts/wheel.sh first" >&2
  exit 1
}

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

say "installing $(basename "$wheel") and the test tools into a fresh environment"
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$wheel[cli,service]" \
  -r "$root/tests/python/requirements.txt"

say "running tests/python"
# The order of sets is a random choice too.
export PYTHONHASHSEED=$((${TEST_SEED:-0} & 0xffffffff))
# From elsewhere, so that the package that is found is the one that was installed.
cd "$place"
# A file stays in one process: pyright, which installs itself, must not do so twice at once.
CORPUS=$root/tests/corpus "$place/venv/bin/python" -m pytest "$root/tests/python" \
  --rootdir "$root/tests/python" -p no:cacheprovider -n "${TEST_WORKERS:-auto}" --dist loadfile "$@"
