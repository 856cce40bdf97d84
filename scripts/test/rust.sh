#!/usr/bin/env bash
# Tests the Rust crates: the core, the sandbox and the decompressor of the Code-node script.
#
#   scripts/test/rust.sh          units, properties, corpus, the client against the sandbox, doctests
#   scripts/test/rust.sh quick    units and corpus
#
# Uses cargo-nextest if it is installed, because it runs the tests of several programs in parallel.
set -euo pipefail

cd "$(dirname "$0")/../.."
# Each run uses the same random cases, unless PROPTEST_RNG_SEED is set.
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
# The tests of the npm package run the core without these features, with all corpus cases.
run -p cognigy-context --features "$features" --lib --tests
cargo test --quiet --doc -p cognigy-context --features "$features"
# A separate run: together with the core, the HTTP client would be built with TLS but without a TLS provider.
run -p cognigy-context-sandbox --lib --bins --tests
run -p cognigy-context-inflate --lib
