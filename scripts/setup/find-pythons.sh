#!/usr/bin/env bash
# Prints the CPython interpreters from 3.10 on that this machine has: one path a line, each minor version
# once, the oldest first. Of one version it takes the newest patch, and one that can make virtual
# environments before one that cannot.
#
# Looks in the folders on PATH, in pyenv's versions and in the system's folders. A shim that answers with an
# error does not count, nor does PyPy or a build without the GIL, for which the wheel is not made.
set -euo pipefail

candidates() {
  local folder program
  local -a folders
  IFS=: read -ra folders <<<"$PATH"
  for folder in "${folders[@]}" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin /usr/local/bin /usr/bin; do
    for program in "$folder"/python3 "$folder"/python3.[0-9] "$folder"/python3.[0-9][0-9]; do
      [ ! -x "$program" ] || echo "$program"
    done
  done
}

# Prints minor version, whether it can make virtual environments, patch and path. A virtual environment
# counts as the interpreter that it was made of.
describe() {
  "$1" -I -c '
import importlib.util, os, sys, sysconfig
if sys.implementation.name != "cpython" or sys.version_info < (3, 10) or sysconfig.get_config_var("Py_GIL_DISABLED"):
    sys.exit()
can_make_venv = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
path = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
print(sys.version_info.minor, int(can_make_venv), sys.version_info.micro, path)
' 2>/dev/null </dev/null || true
}

candidates | awk '!seen[$0]++' | while read -r program; do describe "$program"; done |
  sort -k 1,1n -k 2,2nr -k 3,3nr | awk '!seen[$1]++ { print substr($0, length($1 " " $2 " " $3 " ") + 1) }'
