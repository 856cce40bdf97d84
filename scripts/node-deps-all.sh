#!/usr/bin/env bash
# Installs the locked npm packages of every folder that has some.
set -euo pipefail

cd "$(dirname "$0")/.."
# First what the build needs, last what is compiled.
for folder in bindings-wasm examples/inspector examples/extension tests/browser tests/inspector tests/hosts tests/isolate; do
  scripts/node-deps.sh "$folder"
done
