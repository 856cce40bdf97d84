#!/usr/bin/env bash
# Measures the events per second of the webhook service and of a hand-written one: one worker each, with Redis and
# the sandbox over loopback. Writes build/bench/service.md and service.json.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
wheel=$(ls "${DIST:-$root/dist}"/cognigy_context-*.whl 2>/dev/null) || {
  echo "bench-service: no wheel in dist: run scripts/build/wheel.sh first" >&2
  exit 1
}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "bench-service: installing $(basename "$wheel")[service] and httpx into a fresh environment" >&2
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "${wheel}[service]" \
  -r "$root/tests/service/requirements.txt"

cd "$folder"
"$root/scripts/setup/redis.sh" "$folder/venv/bin/python" "$root/tests/service/bench/load.py" "$root/build/bench"
