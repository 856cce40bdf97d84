#!/usr/bin/env bash
# Runs a command with a sandbox; sets COGNIGY_BASE_URL and COGNIGY_API_KEY for it.
#
#   scripts/test/with-sandbox.sh some-command its arguments
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
program=$root/build/dev/cognigy-context-sandbox
[ -x "$program" ] || { echo "the sandbox is not built: run \`make sandbox\`" >&2; exit 1; }

log=$(mktemp)
"$program" --port 0 --create-sessions >"$log" 2>&1 &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null; wait "$sandbox" 2>/dev/null || true; rm -f "$log"' EXIT

# The sandbox either prints its address or exits with an error.
until COGNIGY_BASE_URL=$(grep -m 1 -oE 'http://[0-9.]+:[0-9]+' "$log"); do
  kill -0 "$sandbox" 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 0.05
done
export COGNIGY_BASE_URL COGNIGY_API_KEY=sandbox-key
"$@"
