#!/usr/bin/env bash
# Packs examples/extension to dist/cognigy-context-extension-<version>.tar.gz, in the format that the platform
# accepts for upload.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"

scripts/build/npm.sh
scripts/setup/node-deps.sh examples/extension

version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' examples/extension/package.json)
archive=dist/cognigy-context-extension-$version.tar.gz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Uses the packed package, not the folder that it was packed from.
tar -xzf dist/cognigy-context-[0-9]*.tgz -C "$work"
(cd examples/extension && node build.mjs "$work/package")
mkdir -p "$work/extension/build" dist
cp examples/extension/build/module.js "$work/extension/build/"
cp examples/extension/README.md "$work/extension/"
# The bundle contains everything, so the platform installs nothing.
node -e '
  const { devDependencies, allowScripts, private: _, ...rest } = require("./examples/extension/package.json");
  require("node:fs").writeFileSync(process.argv[1], JSON.stringify(rest, null, 2) + "\n");
' "$work/extension/package.json"
# Moves the archive into place, because another step may read the old one.
tar -czf "$archive.part" -C "$work/extension" .
mv "$archive.part" "$archive"
echo "extension: $archive, $(wc -c <"$archive") bytes"
