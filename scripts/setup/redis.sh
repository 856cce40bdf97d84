#!/usr/bin/env bash
# Finds redis-server, or installs the Debian package.
#
#   scripts/setup/redis.sh                  prints the path of the program
#   scripts/setup/redis.sh some-command …   runs a command with an empty Redis on a free port; sets REDIS_URL
set -euo pipefail

say() { echo "redis: $*" >&2; }

find_server() {
  local name
  for name in "${REDIS_SERVER:-}" redis-server valkey-server; do
    [ -n "$name" ] && command -v "$name" && return 0
  done
  return 1
}

server=$(find_server) || { "$(dirname "$0")/apt-install.sh" redis-server && server=$(find_server); } || {
  say "redis-server is missing: install the package redis-server (or valkey-server), or set REDIS_SERVER to its path"
  exit 1
}

if [ $# = 0 ]; then
  echo "$server"
  exit 0
fi

folder=$(mktemp -d)
redis=
cleanup() {
  [ -z "$redis" ] || { kill "$redis" 2>/dev/null; wait "$redis" 2>/dev/null; } || true
  rm -rf "$folder"
}
trap cleanup EXIT

# Picks a port below the ephemeral range; tries another one when it is in use.
for _ in $(seq 20); do
  port=$((20000 + RANDOM % 10000))
  "$server" --port "$port" --bind 127.0.0.1 --dir "$folder" --save "" --appendonly no \
    >"$folder/log" 2>&1 &
  redis=$!
  # Redis either becomes ready or exits, for example when the port is in use.
  while kill -0 "$redis" 2>/dev/null; do
    grep -q "Ready to accept connections" "$folder/log" && break 2
    sleep 0.02
  done
  wait "$redis" 2>/dev/null || true
  redis=
done
[ -n "$redis" ] || { cat "$folder/log" >&2; say "$server did not start"; exit 1; }

REDIS_URL=redis://127.0.0.1:$port/0 "$@"
