#!/usr/bin/env bash
# Clippy on everything, and the documentation, with warnings denied.
#
#   scripts/lint/rust.sh          all of it
#   scripts/lint/rust.sh quick    clippy on the libraries and programs
set -euo pipefail

cd "$(dirname "$0")/../.."
features=cognigy-context/http,cognigy-context/schema
targets=(--lib --bins --examples --tests --benches)
if [ "${1:-}" = quick ]; then
  targets=(--lib --bins)
fi
# The build that tests share their environment with, so that nothing is compiled twice.
export PYO3_BUILD_EXTENSION_MODULE=1
cargo clippy --quiet --workspace "${targets[@]}" --features "$features" -- -D warnings
if [ "${1:-}" != quick ]; then
  RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps -p cognigy-context -p cognigy-context-sandbox \
    --features "$features"
fi
