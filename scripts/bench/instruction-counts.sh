#!/usr/bin/env bash
# Counts the instructions of the core's hot paths (tests/instruction-counts). Unlike times, the counts do not
# depend on the load of the machine.
#
#   scripts/bench/instruction-counts.sh check    compares with tests/instruction-counts/baseline.json; fails on growth
#   scripts/bench/instruction-counts.sh update   writes the baseline
set -euo pipefail

cd "$(dirname "$0")/../.."
task=${1:?missing argument: check or update}
scripts/setup/require-tools.sh cargo python3

scripts/setup/system-tool.sh valgrind
if ! command -v valgrind >/dev/null; then
  echo "skipped: instruction counts: valgrind is missing and could not be installed (Debian: valgrind)"
  [ "$task" = check ] && exit 0
  exit 1
fi
echo "counts: building the program"
cargo build --quiet --locked --profile counts -p cognigy-context-counts
python3 scripts/bench/instruction_counts.py "$task" "${CARGO_TARGET_DIR:-target}/counts/cognigy-context-counts" tests/instruction-counts/baseline.json
