#!/usr/bin/env bash
# Builds the source distribution, dist/cognigy_context-*.tar.gz, and checks it and the wheel as a user would get
# them: `twine check` for both (metadata, README rendering), then an installation of the source distribution into
# a fresh environment, with only a compiler and the registries.
#
# Takes some minutes because it compiles everything again, so `make test` does not run it.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
scripts/setup/require-tools.sh cargo python3
scripts/build/wheel.sh
say() { echo "sdist: $*"; }

say "packing"
rm -f dist/cognigy_context-*.tar.gz
build/venv/bin/maturin sdist --out dist --manifest-path bindings-python/Cargo.toml 2>build/sdist.log ||
  { cat build/sdist.log >&2; exit 1; }
sdist=$(ls dist/cognigy_context-*.tar.gz)
say "$sdist: $(wc -c <"$sdist") bytes"

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
say "twine check"
python3 -m venv "$place/twine"
"$place/twine/bin/python" -m pip install --quiet --disable-pip-version-check 'twine>=6,<8'
"$place/twine/bin/python" -m twine check --strict "$sdist" dist/cognigy_context-*.whl

say "installing it into a fresh environment (some minutes)"
python3 -m venv "$place/venv"
# Ignores the build settings of this checkout: compiles what was packed.
(cd "$place" && env -u CARGO_TARGET_DIR -u RUSTFLAGS "$place/venv/bin/python" -m pip install \
  --quiet --disable-pip-version-check --no-cache-dir "$root/$sdist")
(cd "$place" && "$place/venv/bin/python" - <<'PY')
import cognigy_context
from cognigy_context.testing import Sandbox

with Sandbox() as sandbox, cognigy_context.Client(
    sandbox.url, api_key=sandbox.api_key
) as client:
    assert client.inject_context("s", "u", {"a": 1}) == {"a": 1}
PY
say "it installs and works"
