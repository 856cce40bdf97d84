#!/usr/bin/env bash
# Runs ruff on the project's Python code, from a separate environment.
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
# Ruff reads the oldest supported Python version from a pyproject.toml. Folders without one need the option.
exec "$tool" "$@" --quiet --target-version py310 bindings-python tests/python tests/service examples scripts
