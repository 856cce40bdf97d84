#!/usr/bin/env bash
# Builds for development: unoptimised, all in one target folder.
#
#   scripts/build/development.sh native   the Rust examples (target/debug), the sandbox
#                                         (build/dev/cognigy-context-sandbox) and a Python environment with
#                                         the package (build/dev/python)
#   scripts/build/development.sh npm      a Node project with the npm package, Node entry only (build/dev/node)
#
# scripts/build/wheel.sh and scripts/build/npm.sh build the release artifacts.
set -euo pipefail

cd "$(dirname "$0")/../.."
home=build/dev
mkdir -p "$home"

# Builds everything in one cargo run: separate runs would compile shared dependencies again with other features.
build_native() {
  PYO3_BUILD_EXTENSION_MODULE=1 cargo build --quiet \
    -p cognigy-context-python -p cognigy-context-sandbox -p cognigy-context-examples \
    -p cognigy-context-wasm-bindgen --lib --bins --examples --target-dir target
  scripts/build/wasm-bindgen.sh built >/dev/null
  # Copies the program: cargo may overwrite its own file while a test runs it.
  if ! cmp -s target/debug/cognigy-context-sandbox "$home/cognigy-context-sandbox"; then
    cp target/debug/cognigy-context-sandbox "$home/sandbox.new"
    mv "$home/sandbox.new" "$home/cognigy-context-sandbox"
  fi
}

create_python_env() {
  local venv=$home/python library package=$PWD/$home/package
  local version
  version=$(python3 --version)
  if [ "$(cat "$venv/python-version" 2>/dev/null)" != "$version" ]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    echo "$version" >"$venv/python-version"
  fi
  rm -rf "$package"
  mkdir -p "$package"
  # Links the Python files, so that editing them needs no build.
  mkdir "$package/cognigy_context"
  ln -s "$PWD"/bindings-python/python/cognigy_context/* "$package/cognigy_context/"
  for library in target/debug/{lib_core.so,lib_core.dylib}; do
    [ ! -f "$library" ] || ln -sf "$PWD/$library" "$package/cognigy_context/_core.abi3.so"
  done
  echo "$package" >"$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/cognigy-context.pth"
}

build_npm() {
  scripts/setup/node-deps.sh bindings-wasm
  scripts/build/wasm.sh development
  local package=$home/node/node_modules/cognigy-context stamp
  stamp=$({ cat target/wasm-dev/stamp; find scripts/build/development.sh bindings-wasm/{ts,build.mjs,package.json,tsconfig.json} -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum; } | sha256sum)
  [ "$(cat "$package/stamp" 2>/dev/null)" != "$stamp" ] || return 0
  mkdir -p "$package"
  echo '{"private": true, "type": "module"}' >"$home/node/package.json"
  # The tests import this file.
  echo 'export * from "cognigy-context";' >"$home/node/main.mjs"
  (cd bindings-wasm && node build.mjs --development "../$package")
  echo "$stamp" >"$package/stamp"
}

case ${1:-} in
  native)
    build_native
    create_python_env
    ;;
  npm) build_npm ;;
  *)
    echo "usage: scripts/build/development.sh native|npm" >&2
    exit 2
    ;;
esac
