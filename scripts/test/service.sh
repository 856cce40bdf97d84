#!/usr/bin/env bash
# Tests the service of the wheel in dist as a user gets it: installed with its extra into a fresh
# virtual environment, against a real Redis and the sandbox. Arguments go to pytest; with `-n 0` all
# runs in one process. TEST_SEED, an integer, gives other random choices than those of each run.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
say() { echo "test-service: $*"; }

server=$("$root/scripts/setup/redis.sh")
environment=$("$root/scripts/setup/python-env.sh" service service "$root/tests/service/requirements.txt")

say "running tests/service against $server"
# The order of sets is a random choice too.
export PYTHONHASHSEED=$((${TEST_SEED:-0} & 0xffffffff))
# From elsewhere, so that the package that is found is the one that was installed.
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
# A file stays in one process, which has the services that its tests share.
REDIS_SERVER=$server "$environment" -m pytest "$root/tests/service" \
  --rootdir "$root/tests/service" -p no:cacheprovider -q -rfEs -n "${TEST_THREADS:-auto}" --dist loadfile "$@"
