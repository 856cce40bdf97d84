#!/usr/bin/env bash
# Builds the Python wheel: dist/cognigy_context-*.whl.
#
#   scripts/build/wheel.sh           the wheel, with the Inspector if it is built
#   scripts/build/wheel.sh library   only compiles the library, which takes most of the time
#
# Requires Rust and Python 3.10 or newer. Installs maturin into build/venv. Does nothing when the inputs did not
# change. WHEEL_PROFILE selects a cargo profile (default: release; `quick` links faster).
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"

profile=${WHEEL_PROFILE:-release}
python=${PYTHON:-python3}
venv=$root/build/venv
stamp_file=$root/build/wheel.stamp
say() { echo "wheel: $*"; }
fail() {
  echo "wheel: $*" >&2
  exit 1
}

case ${1:-wheel} in
  wheel | library) part=${1:-wheel} ;;
  *) fail "usage: scripts/build/wheel.sh [wheel|library]" ;;
esac

# --- copy the Inspector ----------------------------------------------------------------------

if [ "$part" = wheel ]; then
  page=bindings-python/python/cognigy_context/inspector
  rm -rf "$page"
  [ ! -f tools/inspector/dist/index.html ] || cp -r tools/inspector/dist "$page"
fi

# --- compare the inputs with the last build --------------------------------------------------

inputs() {
  echo "$profile"
  rustc -vV
  find Cargo.toml Cargo.lock scripts/build/wheel.sh core/Cargo.toml core/src tools/sandbox/Cargo.toml \
    tools/sandbox/src bindings-python/Cargo.toml bindings-python/build.rs bindings-python/pyproject.toml \
    bindings-python/README.md bindings-python/src bindings-python/python \
    -type f ! -name '*.pyc' ! -name '*.so' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
}

command -v cargo >/dev/null || fail "cargo is missing: install Rust from https://rustup.rs"
stamp=$(inputs | sha256sum | cut -d ' ' -f 1)
wheel() { ls dist/cognigy_context-*.whl 2>/dev/null; }
if [ "$part" = wheel ] && [ "$(cat "$stamp_file" 2>/dev/null)" = "$stamp" ] && [ -n "$(wheel)" ]; then
  say "up to date: $(wheel)"
  exit 0
fi

# --- tools -----------------------------------------------------------------------------------

command -v "$python" >/dev/null || fail "$python is missing: install Python 3.10 or newer"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
  fail "$("$python" --version) is too old: install Python 3.10 or newer, or set PYTHON to its path"
requirement='maturin>=1.16,<2'
if ! "$venv/bin/python" -c 'import maturin' 2>/dev/null ||
  [ "$(cat "$venv/requirement" 2>/dev/null)" != "$requirement" ]; then
  say "installing maturin into build/venv (once)"
  rm -rf "$venv"
  "$python" -m venv "$venv" >/dev/null ||
    fail "$python cannot create virtual environments: install its venv module (Debian: python3-venv)"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$requirement"
  echo "$requirement" >"$venv/requirement"
fi

# --- build -----------------------------------------------------------------------------------

say "compiling with profile $profile (some minutes the first time)"
if [ "$part" = library ]; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
else
  out=dist
  mkdir -p dist
  rm -f "$stamp_file" dist/cognigy_context-*.whl
fi
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target/python} \
  "$venv/bin/maturin" build --quiet --profile "$profile" --out "$out" \
  --manifest-path bindings-python/Cargo.toml --interpreter "$venv/bin/python"
[ "$part" = wheel ] || exit 0
echo "$stamp" >"$stamp_file"
say "$(wheel): $(wc -c <"$(wheel)") bytes"
