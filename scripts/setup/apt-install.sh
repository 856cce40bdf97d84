#!/usr/bin/env bash
# Installs Debian packages without prompting. Fails when that is not possible (no apt-get, no root, no sudo).
#
#   scripts/setup/apt-install.sh valgrind
set -euo pipefail

: "${1:?missing argument: a Debian package}"
cd "$(dirname "$0")/../.."
. scripts/setup/lock.sh
as_root=()
command -v apt-get >/dev/null || exit 1
if [ "$(id -u)" != 0 ]; then
  sudo -n true 2>/dev/null || exit 1
  as_root=(sudo -n)
fi
take_lock apt-install
echo "$*: installing the Debian package (once)" >&2
# RUNLEVEL keeps a package from starting a service.
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 bash -c '
  # Waits for another installation in progress.
  get() { apt-get -qq -y -o DPkg::Lock::Timeout=600 "$@"; }
  get install --no-install-recommends "$@" ||
    { get update && get install --no-install-recommends "$@"; }
' install "$@" >/dev/null 2>&1
