#!/usr/bin/env bash
# Builds the generator of the JavaScript glue (tools/wasm-bindgen) unless it is up to date, and prints its path.
#
#   scripts/build/wasm-bindgen.sh
#   scripts/build/wasm-bindgen.sh built    records that another cargo run has built it from the current sources
set -euo pipefail

cd "$(dirname "$0")/../.."
program=$PWD/target/debug/cognigy-context-wasm-bindgen
# Compares a stamp instead of asking cargo, which would wait for another cargo process.
stamp=$(cat Cargo.lock tools/wasm-bindgen/{Cargo.toml,src/*} | sha256sum | cut -d ' ' -f 1)
if [ "${1:-}" = built ]; then
  echo "$stamp" >"$program.stamp"
elif [ ! -x "$program" ] || [ "$(cat "$program.stamp" 2>/dev/null)" != "$stamp" ]; then
  echo "wasm: building the generator of the JavaScript glue" >&2
  cargo build --quiet --package cognigy-context-wasm-bindgen --target-dir target
  echo "$stamp" >"$program.stamp"
fi
echo "$program"
