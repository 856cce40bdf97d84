#!/usr/bin/env bash
# Tests the webhook service of the wheel in dist: installs it with its extra into a fresh virtual environment and
# runs the tests against a real Redis and the sandbox. Passes its arguments to pytest; `-n 0` runs everything in one
# process. TEST_SEED (an integer) changes the random choices.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
say() { echo "test-service: $*"; }

server=$("$root/scripts/setup/redis.sh")
environment=$("$root/scripts/setup/python-env.sh" service service "$root/tests/service/requirements.txt")

say "running tests/service against $server"
# Set order is a random choice, too.
export PYTHONHASHSEED=$((${TEST_SEED:-0} & 0xffffffff))
# Runs outside the source tree, so that Python imports the installed package.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# One process runs all tests of a file, because they share services.
REDIS_SERVER=$server "$environment" -m pytest "$root/tests/service" \
  --rootdir "$root/tests/service" -p no:cacheprovider -q -rfEs -n "${TEST_THREADS:-auto}" --dist loadfile "$@"
