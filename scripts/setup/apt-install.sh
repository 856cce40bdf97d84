#!/usr/bin/env bash
# Installs packages of the system's, quietly; fails where that cannot be done without asking.
#
#   scripts/setup/apt-install.sh valgrind
set -euo pipefail

: "${1:?which package?}"
cd "$(dirname "$0")/../.."
. scripts/setup/lock.sh
as_root=()
command -v apt-get >/dev/null || exit 1
if [ "$(id -u)" != 0 ]; then
  sudo -n true 2>/dev/null || exit 1
  as_root=(sudo -n)
fi
take_lock system-package
echo "$*: installing from the system's packages (once)" >&2
# RUNLEVEL keeps a package from starting a server of the system's.
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 bash -c '
  # Another installation that is under way is waited for.
  get() { apt-get -qq -y -o DPkg::Lock::Timeout=600 "$@"; }
  get install --no-install-recommends "$@" ||
    { get update && get install --no-install-recommends "$@"; }
' install "$@" >/dev/null 2>&1
