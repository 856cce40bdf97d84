#!/usr/bin/env bash
# Tests the packed npm package in one kind of host, or in all:
#
#   scripts/test/js.sh node       Node (`import`, `require`, types) and the Extension
#   scripts/test/js.sh browser    headless Chromium
#   scripts/test/js.sh bundlers   pages from Vite, webpack and esbuild; edge workers
#   scripts/test/js.sh isolate    the Code-node script in a bare V8 isolate
#   scripts/test/js.sh quick      the corpus and the workflows in Node, on the development build
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
part=${1:-all}

run() { scripts/test/run-node-tests.sh "JavaScript, $1" "${@:2}"; }

if [ "$part" = quick ]; then
  scripts/build/development.sh npm
  PACKAGE=$root/build/dev/node run "the development build in Node" \
    tests/node/{corpus,variables,workflows,documents}.test.mjs
  exit
fi

scripts/build/npm.sh
if [ ! -x build/dev/cognigy-context-sandbox ]; then
  echo "test: building the sandbox"
  scripts/build/development.sh native
fi
case $part in
  node | all)
    scripts/build/extension.sh
    run "the package in Node" tests/node/*.test.mjs
    ;;&
  browser | all)
    scripts/setup/system-tool.sh chromium
    scripts/setup/node-deps.sh tests/browser
    run "the package in Chromium" tests/browser/*.test.mjs
    ;;&
  bundlers | all)
    scripts/setup/system-tool.sh chromium
    scripts/setup/node-deps.sh tests/browser
    scripts/setup/node-deps.sh tests/bundlers
    run "bundlers and edge workers" tests/bundlers/*.test.mjs
    ;;&
  isolate | all)
    scripts/setup/node-deps.sh tests/isolate
    run "the Code-node script in a bare V8 isolate" tests/isolate/*.test.mjs
    ;;&
  node | browser | bundlers | isolate | all) ;;
  *)
    echo "usage: scripts/test/js.sh [node|browser|bundlers|isolate|quick]" >&2
    exit 2
    ;;
esac
