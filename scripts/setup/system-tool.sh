#!/usr/bin/env bash
# Finds programs that the tests need, or installs their Debian packages.
#
#   scripts/setup/system-tool.sh chromium redis valgrind
set -euo pipefail

cd "$(dirname "$0")"
browser_there() {
  local program
  for program in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$program" >/dev/null && return
  done
  return 1
}

for package in "$@"; do
  case $package in
    chromium)
      browser_there || ./apt-install.sh chromium || {
        echo "Chromium is missing: install chromium (or Google Chrome) so that it is on PATH" >&2
        exit 1
      }
      ;;
    redis) ./redis.sh >/dev/null ;;
    # Without valgrind the instruction counts are skipped, and that step reports it.
    valgrind) command -v valgrind >/dev/null || ./apt-install.sh valgrind || true ;;
    *) echo "system-tool: no such package: $package" >&2 && exit 2 ;;
  esac
done
