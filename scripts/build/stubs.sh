#!/usr/bin/env bash
# Generates the Python stub and `AsyncClient` from bindings-python/stubs and the docstrings of the development build.
set -euo pipefail

cd "$(dirname "$0")/../.."
scripts/setup/require-tools.sh cargo python3
scripts/build/development.sh native
build/dev/python/bin/python bindings-python/stubs/generate.py
scripts/lint/ruff.sh format
