#!/usr/bin/env bash
# Installs a JavaScript runtime from the npm registry into build/matrix/NAME and prints the path of its program.
# Keeps an installed runtime; `rm -r build/matrix` makes it install the newest release again.
#
#   scripts/setup/js-runtime.sh node22      the newest release of Node 22
#   scripts/setup/js-runtime.sh deno
#   scripts/setup/js-runtime.sh bun
set -euo pipefail

cd "$(dirname "$0")/../.."
name=${1:?missing argument: node22, deno or bun}
case $name in
  node[0-9]*) package=node version=${name#node} ;;
  deno) package=deno version=2 ;;
  bun) package=bun version=1 ;;
  *) echo "unknown JavaScript runtime: $name" >&2; exit 1 ;;
esac
home=build/matrix/$name
program=$PWD/$home/node_modules/.bin/$package

if ! "$program" --version >/dev/null 2>&1; then
  command -v npm >/dev/null || { echo "npm is missing: install Node 18 or newer, with npm" >&2; exit 1; }
  rm -rf "$home"
  mkdir -p "$home"
  # The install script of each package installs the program for this platform.
  echo "{ \"private\": true, \"allowScripts\": { \"$package\": true } }" >"$home/package.json"
  npm install --prefix "$home" --no-fund --no-audit --loglevel=error "$package@$version" >"$home/log" 2>&1 </dev/null || {
    cat "$home/log" >&2
    echo "npm cannot install $package@$version, see $home/log" >&2
    exit 1
  }
  "$program" --version >/dev/null 2>&1 || { echo "$package@$version is installed but does not start" >&2; exit 1; }
fi
echo "$program"
