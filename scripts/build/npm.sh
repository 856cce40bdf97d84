#!/usr/bin/env bash
# Packs the npm package to dist/cognigy-context-<version>.tgz. Does nothing when the inputs did not change.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"

. scripts/setup/lock.sh
take_lock npm
scripts/build/wasm.sh
scripts/setup/node-deps.sh bindings-wasm

version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' bindings-wasm/package.json)
tarball=dist/cognigy-context-$version.tgz
inputs=(scripts/build/npm.sh LICENSE-MIT LICENSE-APACHE)
for name in ts build.mjs package.json package-lock.json tsconfig.json README.md; do
  inputs+=("bindings-wasm/$name")
done
stamp=$({
  cat target/wasm-pkg/stamp
  find "${inputs[@]}" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
} | sha256sum | cut -d ' ' -f 1)
if [ -f "$tarball" ] && [ "$(cat target/wasm-pkg/npm-stamp 2>/dev/null)" = "$stamp" ]; then
  echo "npm: $tarball is up to date"
  exit 0
fi

echo "npm: building and packing"
(cd bindings-wasm && node build.mjs)
mkdir -p dist
(cd bindings-wasm && npm pack --silent --pack-destination ../dist >/dev/null)
echo "$stamp" >target/wasm-pkg/npm-stamp
echo "npm: $tarball, $(wc -c <"$tarball") bytes"
