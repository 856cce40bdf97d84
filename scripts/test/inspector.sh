#!/usr/bin/env bash
# Tests the built Inspector in headless Chromium against a sandbox. Writes screenshots of every view to
# build/inspector.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"

scripts/build/inspector.sh
scripts/setup/node-deps.sh tests/inspector
scripts/setup/system-tool.sh chromium
if [ ! -x build/dev/cognigy-context-sandbox ]; then
  echo "test: building the sandbox"
  scripts/build/development.sh native
fi

scripts/test/run-node-tests.sh "the Inspector in Chromium" tests/inspector/*.test.mjs
