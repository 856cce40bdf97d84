#!/usr/bin/env bash
# The Rust tests of the core, the sandbox and the decompressor of the Code-node script.
#
#   scripts/test/rust.sh          units, properties, corpus, the client against the sandbox, doctests
#   scripts/test/rust.sh quick    units and corpus
#
# With cargo-nextest where it is there: it runs the tests of all programs beside each other.
set -euo pipefail

cd "$(dirname "$0")/../.."
# The tests draw the same random cases every time, unless a seed is given.
export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-20261121}
features=cognigy-context/http,cognigy-context/schema

run() {
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --cargo-quiet --no-fail-fast --status-level fail --final-status-level fail "$@"
  else
    cargo test --quiet --no-fail-fast "$@"
  fi
}

if [ "${1:-}" = quick ]; then
  run -p cognigy-context --features "$features" --lib --test corpus
  exit
fi
# Without features the core is tested in WebAssembly, with the whole corpus.
run -p cognigy-context --features "$features" --lib --tests
cargo test --quiet --doc -p cognigy-context --features "$features"
# By itself: beside the core its HTTP client would be built with TLS and without a provider for it.
run -p cognigy-context-sandbox --lib --bins --tests
run -p cognigy-context-inflate --lib
