#!/usr/bin/env bash
# Runs clippy and rustdoc on everything; denies warnings.
#
#   scripts/lint/rust.sh          everything
#   scripts/lint/rust.sh quick    clippy on libraries and programs only
set -euo pipefail

cd "$(dirname "$0")/../.."
features=cognigy-context/http,cognigy-context/schema
# The fuzz targets are not a part of --tests.
targets=(--lib --bins --examples --tests --test fuzz_targets --benches)
if [ "${1:-}" = quick ]; then
  targets=(--lib --bins)
fi
# Same environment as the test builds, so that cargo compiles nothing twice.
export PYO3_BUILD_EXTENSION_MODULE=1
cargo clippy --quiet --workspace "${targets[@]}" --features "$features" -- -D warnings
if [ "${1:-}" != quick ]; then
  RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps -p cognigy-context -p cognigy-context-sandbox \
    --features "$features"
fi
