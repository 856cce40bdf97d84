#!/usr/bin/env bash
# Builds the tool that writes the JavaScript glue (tools/wasm-bindgen), where it is not built yet, and
# prints its path.
#
#   scripts/build/wasm-bindgen.sh
#   scripts/build/wasm-bindgen.sh built    after another run of cargo has built it: remembers of what
set -euo pipefail

cd "$(dirname "$0")/../.."
program=$PWD/target/debug/cognigy-context-wasm-bindgen
# Whether there is nothing to do is asked without cargo, which waits where another cargo builds.
stamp=$(cat Cargo.lock tools/wasm-bindgen/{Cargo.toml,src/*} | sha256sum | cut -d ' ' -f 1)
if [ "${1:-}" = built ]; then
  echo "$stamp" >"$program.stamp"
elif [ ! -x "$program" ] || [ "$(cat "$program.stamp" 2>/dev/null)" != "$stamp" ]; then
  echo "wasm: building the tool that writes the JavaScript glue" >&2
  cargo build --quiet --package cognigy-context-wasm-bindgen --target-dir target
  echo "$stamp" >"$program.stamp"
fi
echo "$program"
