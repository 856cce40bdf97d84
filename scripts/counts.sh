#!/usr/bin/env bash
# Counts the instructions of the core's hot paths (tests/counts), which do not depend on the time or on
# what else the machine does.
#
#   scripts/counts.sh check    fails when a path takes more than is kept in tests/counts/kept.json
#   scripts/counts.sh renew    keeps what they take now
set -euo pipefail

cd "$(dirname "$0")/.."
task=${1:?check or renew?}
scripts/need.sh cargo python3

scripts/system-packages.sh valgrind
if ! command -v valgrind >/dev/null; then
  echo "skipped: instruction counts: valgrind is not here and could not be installed (Debian: valgrind)"
  [ "$task" = check ] && exit 0
  exit 1
fi
echo "counts: building the core's hot paths"
cargo build --quiet --locked --profile counts -p cognigy-context-counts
python3 scripts/counts.py "$task" "${CARGO_TARGET_DIR:-target}/counts/cognigy-context-counts" tests/counts/kept.json
