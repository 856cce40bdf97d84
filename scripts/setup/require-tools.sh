#!/usr/bin/env bash
# Fails with one line that names the first missing tool; prints nothing when all are installed.
#
#   scripts/setup/require-tools.sh cargo python3 node
set -euo pipefail

for program in "$@"; do
  case $program in
    cargo) message="Rust (cargo and rustc) is missing: install it, for example with rustup" ;;
    python3) message="Python is missing: install Python 3.10 or newer with its venv module" ;;
    node) message="Node is missing: install Node 18 or newer, with npm" ;;
    npm) message="npm is missing: install it (it comes with Node; Debian: package npm)" ;;
    *) message="$program is missing" ;;
  esac
  command -v "$program" >/dev/null || { echo "$message" >&2; exit 1; }
  case $program in
    cargo)
      # rustup installs the toolchain on first use. Doing that here avoids several installations at the same time.
      cargo --version >/dev/null && rustc --version >/dev/null || { echo "Rust is installed but does not start: run \`cargo --version\`" >&2; exit 1; }
      ;;
    python3)
      python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        { echo "$(python3 --version) is too old: install Python 3.10 or newer" >&2; exit 1; }
      ;;
    node)
      [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] ||
        { echo "Node $(node --version) is too old: install Node 18 or newer" >&2; exit 1; }
      ;;
  esac
done
