#!/usr/bin/env bash
# Tests the service of the wheel in dist as a user gets it: installed with its extra into a fresh
# virtual environment, against a real Redis and the sandbox. Arguments go to pytest; with `-n 0` all
# runs in one process. TEST_SEED, an integer, gives other random choices than those of each run.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}
say() { echo "test-service: $*"; }

wheel=$(ls "${DIST:-$root/dist}"/cognigy_context-*.whl 2>/dev/null) || {
  echo "test-service: no wheel in dist: run scripts/wheel.sh first" >&2
  exit 1
}
server=$("$root/scripts/redis.sh")

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

say "installing $(basename "$wheel")[service] and the test tools into a fresh environment"
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$wheel[service]" \
  -r "$root/tests/service/requirements.txt"

say "running tests/service against $server"
# The order of sets is a random choice too.
export PYTHONHASHSEED=$((${TEST_SEED:-0} & 0xffffffff))
# From elsewhere, so that the package that is found is the one that was installed.
cd "$place"
# A file stays in one process, which has the services that its tests share.
REDIS_SERVER=$server "$place/venv/bin/python" -m pytest "$root/tests/service" \
  --rootdir "$root/tests/service" -p no:cacheprovider -n "${TEST_WORKERS:-auto}" --dist loadfile "$@"
