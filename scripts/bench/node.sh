#!/usr/bin/env bash
# Runs a benchmark of bindings-wasm/bench on the packed npm package, with its peers, in build/bench/node.
#
#   scripts/bench/node.sh rows.mjs
set -euo pipefail

cd "$(dirname "$0")/../.."
bench=${1:?missing argument: a file of bindings-wasm/bench}
home=build/bench/node
mkdir -p "$home"
tarball=$(ls dist/cognigy-context-*.tgz 2>/dev/null) || {
  echo "bench-node: no package in dist: run \`make npm\` first" >&2
  exit 1
}
stamp=$({ node --version; cat "$tarball" bindings-wasm/bench/package.json; } | sha256sum)
if [ "$(cat "$home/stamp" 2>/dev/null)" != "$stamp" ]; then
  cp bindings-wasm/bench/package.json "$home/"
  rm -rf "$home/node_modules" "$home/package-lock.json"
  npm install --prefix "$home" --no-fund --no-audit --loglevel=error "$PWD/$tarball" >/dev/null
  echo "$stamp" >"$home/stamp"
fi
cp bindings-wasm/bench/*.mjs "$home/"
exec node "$home/$bench"
