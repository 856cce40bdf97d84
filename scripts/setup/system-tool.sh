#!/usr/bin/env bash
# Finds programs that the tests need, or installs their Debian packages.
#
#   scripts/setup/system-tool.sh chromium redis valgrind
set -euo pipefail

cd "$(dirname "$0")"
has_chromium() {
  local program
  for program in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$program" >/dev/null && return
  done
  return 1
}

for tool in "$@"; do
  case $tool in
    chromium)
      has_chromium || ./apt-install.sh chromium || {
        echo "Chromium is missing on PATH: install chromium or Google Chrome" >&2
        exit 1
      }
      ;;
    redis) ./redis.sh >/dev/null ;;
    # Without valgrind scripts/bench/instruction-counts.sh skips its test and reports it.
    valgrind) command -v valgrind >/dev/null || ./apt-install.sh valgrind || true ;;
    *) echo "system-tool: unknown tool: $tool. Use chromium, redis or valgrind." >&2 && exit 2 ;;
  esac
done
