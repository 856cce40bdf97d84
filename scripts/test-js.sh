#!/usr/bin/env bash
# Tests the packed npm package as its users have it: in Node (`import`, `require`, its types), in
# headless Chromium, bundled by Vite and webpack, and the Code-node script in a bare V8
# isolate.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
say() { echo "test: $*"; }

scripts/npm.sh
scripts/extension.sh
if [ ! -x target/debug/cognigy-context-sandbox ]; then
  say "building the sandbox"
  cargo build --quiet -p cognigy-context-sandbox
fi

browser_there() {
  local program
  for program in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$program" >/dev/null && return
  done
  return 1
}
if ! browser_there; then
  if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    echo "test: no Chromium here: install chromium (or Google Chrome) so that it is on PATH" >&2
    exit 1
  fi
  say "installing chromium with apt-get"
  apt-get update -qq && apt-get install -y -qq -o DPkg::Lock::Timeout=600 --no-install-recommends chromium >/dev/null || {
    echo "test: apt-get could not install chromium" >&2
    exit 1
  }
fi
scripts/node-deps.sh tests/browser
scripts/node-deps.sh tests/hosts
# Compiled while the other tests run.
scripts/node-deps.sh tests/isolate &
isolate=$!

# What passes is summed up in a line; what fails is shown whole. No test is about how long something
# takes, so as many files run at a time as keep the cores busy: some of them wait for a while.
concurrency=$(($(getconf _NPROCESSORS_ONLN) + 1))
run() {
  local what=$1 log
  shift
  log=$(mktemp)
  say "JavaScript, $what"
  if ! node --test --test-concurrency="$concurrency" --test-reporter=spec "$@" >"$log" 2>&1; then
    cat "$log"
    rm -f "$log"
    echo "test: JavaScript, $what: failed" >&2
    exit 1
  fi
  say "JavaScript, $what: $(sed -n 's/^ℹ tests //p' "$log") tests"
  rm -f "$log"
}
# The longest files come first.
run "the package in Node, in Chromium, bundled, and in workers at the edge" \
  tests/hosts/*.test.mjs tests/browser/*.test.mjs tests/node/*.test.mjs
wait "$isolate" || {
  echo "test: the packages of tests/isolate could not be installed" >&2
  exit 1
}
run "the Code-node script in a bare V8 isolate" tests/isolate/*.test.mjs

if cargo clippy --version >/dev/null 2>&1 &&
  [ -n "$(ls "$(rustc --print target-libdir --target wasm32-unknown-unknown)"/libstd-*.rlib 2>/dev/null)" ]; then
  say "clippy on the WebAssembly side"
  for features in client rules small documents inflate; do
    cargo clippy --quiet --no-deps -p cognigy-context-wasm --no-default-features --features "$features" \
      --target wasm32-unknown-unknown --target-dir target/wasm -- -D warnings
  done
fi
