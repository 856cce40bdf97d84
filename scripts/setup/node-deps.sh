#!/usr/bin/env bash
# Installs the locked npm packages of one folder, and does nothing when they are there already. Of two
# runs for one folder the second waits for the first.
#
#   scripts/setup/node-deps.sh bindings-wasm
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:?which folder?}
cd "$root"
. scripts/setup/lock.sh

command -v npm >/dev/null || {
  echo "$0: npm is missing; install Node 18 or newer" >&2
  exit 1
}

# `npm ci` begins by removing node_modules, so two at once would break each other.
take_lock "node-deps-${folder//\//-}"
cd "$root/$folder"

# Native modules belong to one version of Node, so its version is part of what must be unchanged.
wanted=$({ node --version; cat package.json package-lock.json; } | sha256sum | cut -d ' ' -f 1)
if [ "$(cat node_modules/.installed 2>/dev/null)" = "$wanted" ]; then
  exit 0
fi
# Native modules are compiled against the headers that came with Node, where they did.
prefix=$(node -p 'require("node:path").resolve(process.execPath, "../..")')
if [ -f "$prefix/include/node/node.h" ]; then
  export npm_config_nodedir=$prefix
fi
echo "npm packages of $folder: installing (native ones are compiled, once; up to two minutes)"
# Their speed does not matter here, and they are compiled in less time without optimisation and debug
# information.
CXXFLAGS="-O1 -g0" npm ci --prefer-offline --no-fund --no-audit --loglevel=error >/dev/null
echo "$wanted" >node_modules/.installed
