#!/usr/bin/env bash
# Builds and tests the crate with the Rust version that Cargo.toml declares (rust-version), in target/msrv, and
# checks that the other workspace members compile with it. Installs the toolchain with rustup if it is missing.
set -euo pipefail

cd "$(dirname "$0")/../.."
fail() {
  echo "msrv: $*" >&2
  exit 1
}

version=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
[ -n "$version" ] || fail "Cargo.toml declares no rust-version"
# rustup needs the full version: 1.89 is 1.89.0.
[[ $version == *.*.* ]] || version+=.0

command -v rustup >/dev/null || fail "rustup is missing, so Rust $version cannot be selected: install rustup"
if ! rustup run "$version" cargo --version >/dev/null 2>&1; then
  echo "msrv: installing Rust $version with rustup"
  rustup toolchain install "$version" --profile minimal >/dev/null 2>&1 || fail "rustup cannot install Rust $version"
fi

export CARGO_TARGET_DIR=$PWD/target/msrv
# Uses the same random cases in every run, as `make test` does.
export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-20261121}

echo "msrv: testing the crate with Rust $version, without features and with all"
rustup run "$version" cargo test --quiet --locked -p cognigy-context --lib --test corpus
rustup run "$version" cargo test --quiet --locked -p cognigy-context --features http,schema
echo "msrv: checking the other members with Rust $version"
rustup run "$version" cargo check --quiet --locked --workspace --all-targets
echo "msrv: Rust $version builds and tests the crate"
