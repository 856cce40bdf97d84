#!/usr/bin/env bash
# Tests the inspector as it is built, in headless Chromium and against a sandbox. Screenshots of every
# view are in build/inspector.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

scripts/inspector.sh
scripts/node-deps.sh tests/inspector
scripts/system-packages.sh chromium
if [ ! -x build/dev/cognigy-context-sandbox ]; then
  echo "test: building the sandbox"
  scripts/development.sh native
fi

scripts/node-test.sh "the inspector in Chromium" tests/inspector/*.test.mjs
