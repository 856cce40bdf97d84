#!/usr/bin/env bash
# Builds the Inspector, a static page, to tools/inspector/dist. With `serve`, serves it on a loopback port until
# Ctrl-C.
#
#   scripts/build/inspector.sh
#   scripts/build/inspector.sh serve [port]
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
folder=tools/inspector

scripts/build/npm.sh
scripts/setup/node-deps.sh "$folder"

# Uses the packed package, as a user does.
tarball=$(ls dist/cognigy-context-[0-9]*.tgz)
stamp=$({
  cat "$tarball"
  find "$folder"/{src,public,plugins} "$folder"/{index.html,vite.config.ts,tsconfig.json,package-lock.json} tests/corpus \
    -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
} | sha256sum | cut -d ' ' -f 1)
if [ "$(cat "$folder/node_modules/.built" 2>/dev/null)" != "$stamp" ] || [ ! -f "$folder/dist/index.html" ]; then
  echo "inspector: building"
  rm -rf "$folder/node_modules/cognigy-context"
  mkdir -p "$folder/node_modules/cognigy-context"
  tar -xzf "$tarball" --strip-components=1 -C "$folder/node_modules/cognigy-context"
  (
    cd "$folder"
    node node_modules/typescript/bin/tsc --noEmit
    node node_modules/vite/bin/vite.js build --logLevel warn
  )
  echo "$stamp" >"$folder/node_modules/.built"
fi

if [ "${1:-}" = serve ]; then
  exec node "$folder/serve.mjs" "${2:-8911}"
fi
