#!/usr/bin/env bash
# Installs the built wheel and npm package into build/installed, as a user would. Does nothing when they are up to
# date.
#
#   build/installed/venv/bin/python, build/installed/node/node_modules/cognigy-context
set -euo pipefail

cd "$(dirname "$0")/../.."
home=build/installed
wheel=$(ls dist/cognigy_context-*.whl)
tarball=$(ls dist/cognigy-context-*.tgz)
mkdir -p "$home/node"

stamp=$(sha256sum "$wheel" | cut -d ' ' -f 1)
if [ "$(cat "$home/wheel-stamp" 2>/dev/null)" != "$stamp" ]; then
  echo "installing $wheel"
  rm -rf "$home/venv"
  python3 -m venv "$home/venv"
  "$home/venv/bin/pip" install --quiet "$wheel"
  echo "$stamp" >"$home/wheel-stamp"
fi

stamp=$(sha256sum "$tarball" | cut -d ' ' -f 1)
if [ "$(cat "$home/npm-stamp" 2>/dev/null)" != "$stamp" ]; then
  echo "installing $tarball"
  echo '{"private": true, "type": "module"}' >"$home/node/package.json"
  rm -rf "$home/node/node_modules" "$home/node/package-lock.json"
  npm install --prefix "$home/node" --no-fund --no-audit --loglevel=error --offline "$PWD/$tarball" >/dev/null
  echo "$stamp" >"$home/npm-stamp"
fi
