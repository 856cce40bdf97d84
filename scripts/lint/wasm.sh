#!/usr/bin/env bash
# Runs clippy on the WebAssembly binding, once per feature set that is built.
set -euo pipefail

cd "$(dirname "$0")/../.."
target=wasm32-unknown-unknown
if [ -z "$(ls "$(rustc --print target-libdir --target $target)"/libstd-*.rlib 2>/dev/null)" ]; then
  echo "skipped: clippy for $target: the toolchain has no standard library for it (run \`rustup target add $target\`)"
  exit 0
fi
lint() {
  cargo clippy --quiet --no-deps "$@" --target $target --target-dir target/wasm-lint -- -D warnings
}
for features in client rules small documents; do
  lint -p cognigy-context-wasm --no-default-features --features "$features"
done
lint -p cognigy-context-inflate
