#!/usr/bin/env bash
# Installs the locked npm packages of every folder that has some.
set -euo pipefail

cd "$(dirname "$0")/../.."
# First what the build needs, last what is compiled.
for folder in bindings-wasm tools/inspector examples/extension tests/browser tests/inspector tests/bundlers tests/isolate; do
  scripts/setup/node-deps.sh "$folder"
done
