#!/usr/bin/env bash
# Runs a command with a sandbox beside it: COGNIGY_BASE_URL and COGNIGY_API_KEY are set for it.
#
#   scripts/with-sandbox.sh some-command its arguments
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
program=$root/build/dev/cognigy-context-sandbox
[ -x "$program" ] || { echo "the sandbox is not built: run \`make sandbox\`" >&2; exit 1; }

log=$(mktemp)
"$program" --port 0 --create-sessions >"$log" 2>&1 &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null; wait "$sandbox" 2>/dev/null || true; rm -f "$log"' EXIT

for _ in $(seq 100); do
  COGNIGY_BASE_URL=$(grep -oE 'http://[0-9.]+:[0-9]+' "$log" | head -n 1 || true)
  [ -n "$COGNIGY_BASE_URL" ] && break
  kill -0 "$sandbox" 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 0.05
done
[ -n "$COGNIGY_BASE_URL" ] || { echo "the sandbox did not start within 5 s" >&2; cat "$log" >&2; exit 1; }
export COGNIGY_BASE_URL COGNIGY_API_KEY=sandbox-key
"$@"
