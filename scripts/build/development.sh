#!/usr/bin/env bash
# Builds what developers try and test all day, unoptimised and in one target folder, in two parts:
#
#   scripts/build/development.sh native   target/debug: the Rust examples; build/dev/cognigy-context-sandbox;
#                                   build/dev/python: a Python environment that has the package
#   scripts/build/development.sh npm      build/dev/node: a folder whose scripts find the npm package; it has
#                                   the entry for Node only
#
# What is released is built by scripts/build/wheel.sh and scripts/build/npm.sh.
set -euo pipefail

cd "$(dirname "$0")/../.."
home=build/dev
mkdir -p "$home"

# One run of cargo for all of it: with each package by itself, what they share would be built with other
# features, and again.
build_native() {
  PYO3_BUILD_EXTENSION_MODULE=1 cargo build --quiet \
    -p cognigy-context-python -p cognigy-context-sandbox -p cognigy-context-examples \
    -p cognigy-context-wasm-bindgen --lib --bins --examples --target-dir target
  scripts/build/wasm-bindgen.sh built >/dev/null
  # A copy, which stays in one piece when cargo writes its own anew while something runs it.
  if ! cmp -s target/debug/cognigy-context-sandbox "$home/cognigy-context-sandbox"; then
    cp target/debug/cognigy-context-sandbox "$home/sandbox.new"
    mv "$home/sandbox.new" "$home/cognigy-context-sandbox"
  fi
}

make_python() {
  local venv=$home/python library package=$PWD/$home/package
  local version
  version=$(python3 --version)
  if [ "$(cat "$venv/made-by" 2>/dev/null)" != "$version" ]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    echo "$version" >"$venv/made-by"
  fi
  rm -rf "$package"
  mkdir -p "$package"
  # Links, so that a change of a Python file needs no build.
  mkdir "$package/cognigy_context"
  ln -s "$PWD"/bindings-python/python/cognigy_context/* "$package/cognigy_context/"
  for library in target/debug/{lib_core.so,lib_core.dylib}; do
    [ ! -f "$library" ] || ln -sf "$PWD/$library" "$package/cognigy_context/_core.abi3.so"
  done
  echo "$package" >"$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/cognigy-context.pth"
}

make_npm() {
  scripts/setup/node-deps.sh bindings-wasm
  scripts/build/wasm.sh development
  local package=$home/node/node_modules/cognigy-context stamp
  stamp=$({ cat target/wasm-dev/stamp; find scripts/build/development.sh bindings-wasm/{ts,build.mjs,package.json,tsconfig.json} -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum; } | sha256sum)
  [ "$(cat "$package/stamp" 2>/dev/null)" != "$stamp" ] || return 0
  mkdir -p "$package"
  echo '{"private": true, "type": "module"}' >"$home/node/package.json"
  # What the tests import.
  echo 'export * from "cognigy-context";' >"$home/node/main.mjs"
  (cd bindings-wasm && node build.mjs --development "../$package")
  echo "$stamp" >"$package/stamp"
}

case ${1:-} in
  native)
    build_native
    make_python
    ;;
  npm) make_npm ;;
  *)
    echo "usage: scripts/build/development.sh native|npm" >&2
    exit 2
    ;;
esac
