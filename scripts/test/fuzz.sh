#!/usr/bin/env bash
# Runs the fuzz targets of core/fuzz.
#
#   scripts/test/fuzz.sh quick       the seeds and 2,000 mutated inputs of each target, without libFuzzer (1 min)
#   scripts/test/fuzz.sh [TARGET…]   libFuzzer, guided by coverage: each target (default: all) for MINUTES (default 30)
#
# JOBS targets run at a time (default: one per processor). SANITIZER is `address` (default) or `none`, which builds
# and runs faster. Findings are in core/fuzz/artifacts, inputs with new coverage in core/fuzz/corpus.
set -euo pipefail

cd "$(dirname "$0")/../.."
scripts/setup/require-tools.sh cargo python3
# cargo builds the same test program as scripts/test/rust.sh, with the same features.
features=cognigy-context/http,cognigy-context/schema

if [ "${1:-}" = quick ]; then
  # Each run uses the same inputs, unless PROPTEST_RNG_SEED is set.
  export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-20261121}
  exec cargo test --quiet -p cognigy-context --features "$features" --test fuzz_targets
fi

if ! cargo fuzz --version >/dev/null 2>&1; then
  echo "fuzz: installing cargo-fuzz"
  cargo install --quiet --locked cargo-fuzz
fi
echo "fuzz: writing the seeds"
cargo test --quiet -p cognigy-context --features "$features" --test fuzz_targets -- --ignored write_seeds >/dev/null

# Instrumentation is unstable in Rust; this variable allows it with the stable toolchain.
export RUSTC_BOOTSTRAP=1
export CARGO_TARGET_DIR=$PWD/target/fuzz
host=$(rustc -vV | sed -n 's/^host: //p')
echo "fuzz: building the targets"
cargo fuzz build --fuzz-dir core/fuzz --target "$host" --sanitizer "${SANITIZER:-address}"
exec python3 scripts/test/fuzz_run.py --programs "$CARGO_TARGET_DIR/$host/release" \
  --minutes "${MINUTES:-30}" --jobs "${JOBS:-0}" "$@"
