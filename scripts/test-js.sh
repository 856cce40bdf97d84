#!/usr/bin/env bash
# Tests the packed npm package as its users have it, in one kind of host or in all:
#
#   scripts/test-js.sh node       Node (`import`, `require`, its types), and the Extension
#   scripts/test-js.sh browser    headless Chromium
#   scripts/test-js.sh hosts      bundled by Vite, webpack and esbuild; workers at the edge
#   scripts/test-js.sh isolate    the Code-node script in a bare V8 isolate
#   scripts/test-js.sh quick      the corpus and the workflows in Node, on the development build
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
part=${1:-all}

run() { scripts/node-test.sh "JavaScript, $1" "${@:2}"; }

if [ "$part" = quick ]; then
  scripts/development.sh npm
  PACKAGE=$root/build/dev/node run "the development build in Node" \
    tests/node/{corpus,workflows,documents}.test.mjs
  exit
fi

scripts/npm.sh
if [ ! -x build/dev/cognigy-context-sandbox ]; then
  echo "test: building the sandbox"
  scripts/development.sh native
fi
case $part in
  node | all)
    scripts/extension.sh
    run "the package in Node" tests/node/*.test.mjs
    ;;&
  browser | all)
    scripts/system-packages.sh chromium
    scripts/node-deps.sh tests/browser
    run "the package in Chromium" tests/browser/*.test.mjs
    ;;&
  hosts | all)
    scripts/system-packages.sh chromium
    scripts/node-deps.sh tests/browser
    scripts/node-deps.sh tests/hosts
    run "bundlers and workers at the edge" tests/hosts/*.test.mjs
    ;;&
  isolate | all)
    scripts/node-deps.sh tests/isolate
    run "the Code-node script in a bare V8 isolate" tests/isolate/*.test.mjs
    ;;&
  node | browser | hosts | isolate | all) ;;
  *)
    echo "usage: scripts/test-js.sh [node|browser|hosts|isolate|quick]" >&2
    exit 2
    ;;
esac
