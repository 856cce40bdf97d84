#!/usr/bin/env bash
# Installs the wheel in dist with extras and test tools into a virtual environment outside the source tree, as a
# user would, and prints its interpreter. Creates it again when the wheel, the tools or the Python changes.
#
#   scripts/setup/python-env.sh NAME EXTRAS REQUIREMENTS
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
name=${1:?missing NAME} extras=${2:?missing EXTRAS} requirements=${3:?missing REQUIREMENTS}
python=${PYTHON:-python3}
wheel=$(ls "${DIST:-$root/dist}"/cognigy_context-*.whl 2>/dev/null) || {
  echo "$name: no wheel in dist: run scripts/build/wheel.sh first" >&2
  exit 1
}

version=$("$python" -c 'import platform; print(platform.python_version())')
venv=$root/build/test/$name-$version
stamp=$({ echo "$extras $("$python" -c 'import sys; print(sys.executable)')"; cat "$wheel" "$requirements"; } | sha256sum)
if [ "$(cat "$venv/stamp" 2>/dev/null)" != "$stamp" ]; then
  echo "$name: installing $(basename "$wheel")[$extras] and the test tools into a fresh environment" >&2
  rm -rf "$venv"
  mkdir -p "$root/build/test"
  "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "${wheel}[$extras]" -r "$requirements" >&2
  echo "$stamp" >"$venv/stamp"
fi
echo "$venv/bin/python"
