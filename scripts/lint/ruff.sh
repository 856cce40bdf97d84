#!/usr/bin/env bash
# Runs ruff over the project's Python, from an environment of its own.
#
#   scripts/lint/ruff.sh format --check
set -euo pipefail

cd "$(dirname "$0")/../.."
version=0.17.5
tool=build/ruff/bin/ruff
if [ "$("$tool" --version 2>/dev/null)" != "ruff $version" ]; then
  scripts/setup/require-tools.sh python3
  echo "ruff: installing $version"
  python3 -m venv build/ruff
  build/ruff/bin/pip install --quiet "ruff==$version"
fi
# The oldest Python that the wheel supports, for the folders that no pyproject.toml covers.
exec "$tool" "$@" --quiet --target-version py310 bindings-python tests/python tests/service examples scripts
