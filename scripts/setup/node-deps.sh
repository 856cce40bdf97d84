#!/usr/bin/env bash
# Installs the locked npm packages of one folder. Does nothing when they are up to date. A second run for the same
# folder waits for the first.
#
#   scripts/setup/node-deps.sh bindings-wasm
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:?missing argument: a folder}
cd "$root"
. scripts/setup/lock.sh

command -v npm >/dev/null || {
  echo "$0: npm is missing; install Node 18 or newer" >&2
  exit 1
}

# `npm ci` removes node_modules first, so two runs at the same time would break each other.
take_lock "node-deps-${folder//\//-}"
cd "$root/$folder"

# Native modules depend on the Node version, so the stamp includes it.
stamp=$({ node --version; cat package.json package-lock.json; } | sha256sum | cut -d ' ' -f 1)
if [ "$(cat node_modules/.installed 2>/dev/null)" = "$stamp" ]; then
  exit 0
fi
# Compiles native modules with the headers of this Node installation, if it has them.
prefix=$(node -p 'require("node:path").resolve(process.execPath, "../..")')
if [ -f "$prefix/include/node/node.h" ]; then
  export npm_config_nodedir=$prefix
fi
echo "npm packages of $folder: installing (compiles native modules once, up to 2 min)"
# Compiles faster, without optimisation and debug information: the modules only run in tests.
CXXFLAGS="-O1 -g0" npm ci --prefer-offline --no-fund --no-audit --loglevel=error >/dev/null
echo "$stamp" >node_modules/.installed
