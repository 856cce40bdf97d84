#!/usr/bin/env bash
# Tests the wheel in dist as a user gets it: installed into a fresh virtual environment, away from
# the source tree. Arguments go to pytest.
#
#   scripts/test-python.sh          everything
#   scripts/test-python.sh quick    units and the corpus, on the development build
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
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
  CORPUS=$root/tests/corpus exec "$venv/bin/python" -m pytest --rootdir . -p no:cacheprovider -q -rs "$@" \
    test_{corpus,errors,hostile,kinds,properties,values,walk,workflows}.py
fi

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
# From elsewhere, so that the package that is found is the one that was installed.
cd "$place"
CORPUS=$root/tests/corpus "$place/venv/bin/python" -m pytest "$root/tests/python" \
  --rootdir "$root/tests/python" -p no:cacheprovider "$@"
