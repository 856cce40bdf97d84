#!/usr/bin/env bash
# Measures the events per second of the service and of a hand-written one: one worker each, Redis and the sandbox
# over loopback. Writes build/bench/service.md and service.json.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
wheel=$(ls "${DIST:-$root/dist}"/cognigy_context-*.whl 2>/dev/null) || {
  echo "bench-service: no wheel in dist: run scripts/build/wheel.sh first" >&2
  exit 1
}

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
echo "bench-service: installing $(basename "$wheel")[service] and httpx into a fresh environment" >&2
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check "${wheel}[service]" \
  -r "$root/tests/service/requirements.txt"

cd "$place"
"$root/scripts/setup/redis.sh" "$place/venv/bin/python" "$root/tests/service/bench/load.py" "$root/build/bench"
