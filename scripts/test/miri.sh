#!/usr/bin/env bash
# Runs the unit tests of the crate's unsafe code under Miri, which finds undefined behaviour: the unchecked writer of the
# core, and the decompressor of the Code-node script.
#
# Miri needs a nightly toolchain with the components miri and rust-src; rustup installs what is missing.
set -euo pipefail

cd "$(dirname "$0")/../.."
command -v rustup >/dev/null || {
  echo "miri: rustup is missing, so no nightly toolchain can be selected: install rustup" >&2
  exit 1
}
if ! cargo +nightly miri --version >/dev/null 2>&1; then
  echo "miri: installing Miri with rustup"
  rustup toolchain install nightly --profile minimal --component miri,rust-src >/dev/null
fi

export CARGO_TARGET_DIR=$PWD/target/miri
# The tests read seeds from the environment.
export MIRIFLAGS=-Zmiri-disable-isolation
mkdir -p "$CARGO_TARGET_DIR"
log=$CARGO_TARGET_DIR/test.log

# Runs the tests of the arguments, and fails when there are none: cargo accepts a filter that matches no test.
test_under_miri() {
  cargo +nightly miri test --quiet "$@" | tee "$log"
  grep -q '^test result: ok\. [1-9]' "$log" || {
    echo "miri: no test ran: cargo miri test $*" >&2
    exit 1
  }
}

echo "miri: testing the unchecked writer"
test_under_miri -p cognigy-context --lib unchecked_writer
echo "miri: testing the decompressor"
test_under_miri -p cognigy-context-inflate --lib
