#!/usr/bin/env bash
# Builds the source distribution, dist/cognigy_context-*.tar.gz, and checks it and the wheel: `twine check`
# for both (metadata, README), then an installation of the source distribution into a fresh environment.
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

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
say "twine check"
python3 -m venv "$folder/twine"
"$folder/twine/bin/python" -m pip install --quiet --disable-pip-version-check 'twine>=6,<8'
"$folder/twine/bin/python" -m twine check --strict "$sdist" dist/cognigy_context-*.whl

say "installing it into a fresh environment (some minutes)"
python3 -m venv "$folder/venv"
# Without the build settings of this checkout, so that only the packed files are used.
(cd "$folder" && env -u CARGO_TARGET_DIR -u RUSTFLAGS "$folder/venv/bin/python" -m pip install \
  --quiet --disable-pip-version-check --no-cache-dir "$root/$sdist")
(cd "$folder" && "$folder/venv/bin/python" - <<'PY')
import cognigy_context
from cognigy_context.testing import Sandbox

with Sandbox() as sandbox, cognigy_context.Client(
    sandbox.url, api_key=sandbox.api_key
) as client:
    assert client.inject_context("s", "u", {"a": 1}) == {"a": 1}
PY
say "installed and tested"
