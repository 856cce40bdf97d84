#!/usr/bin/env bash
# Installs the locked npm packages of every folder that has a lockfile.
set -euo pipefail

cd "$(dirname "$0")/../.."
# Starts with the folder that builds need; ends with the one that compiles a native module.
for folder in bindings-wasm tools/inspector examples/extension tests/browser tests/inspector tests/bundlers tests/isolate; do
  scripts/setup/node-deps.sh "$folder"
done
