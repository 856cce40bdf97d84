#!/usr/bin/env bash
# Packs examples/extension to dist/cognigy-context-extension-<version>.tar.gz, as the platform takes it.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"

scripts/build/npm.sh
scripts/setup/node-deps.sh examples/extension

version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' examples/extension/package.json)
archive=dist/cognigy-context-extension-$version.tar.gz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Of the package that was packed, not of the folder it was packed from.
tar -xzf dist/cognigy-context-[0-9]*.tgz -C "$work"
(cd examples/extension && node build.mjs "$work/package")
mkdir -p "$work/extension/build" dist
cp examples/extension/build/module.js "$work/extension/build/"
cp examples/extension/README.md "$work/extension/"
# All is in the bundle, so the platform has nothing to install.
node -e '
  const { devDependencies, allowScripts, private: _, ...rest } = require("./examples/extension/package.json");
  require("node:fs").writeFileSync(process.argv[1], JSON.stringify(rest, null, 2) + "\n");
' "$work/extension/package.json"
# Put in place whole, for whoever reads it at the same time.
tar -czf "$archive.part" -C "$work/extension" .
mv "$archive.part" "$archive"
echo "extension: $archive, $(wc -c <"$archive") bytes"
