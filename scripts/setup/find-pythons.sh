#!/usr/bin/env bash
# Prints the CPython interpreters 3.10 and newer of this machine: one path per line, one per minor version, oldest
# first. Prefers interpreters that can create virtual environments, then the newest patch release.
#
# Searches PATH, pyenv's versions and the system folders. Ignores shims that fail, PyPy, and builds without the
# GIL, which the wheel does not support.
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

# Prints the minor version, whether it can create virtual environments, the patch version and the path. Resolves a
# virtual environment to its base interpreter.
describe() {
  "$1" -I -c '
import importlib.util, os, sys, sysconfig
if sys.implementation.name != "cpython" or sys.version_info < (3, 10) or sysconfig.get_config_var("Py_GIL_DISABLED"):
    sys.exit()
can_create_venv = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
path = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
print(sys.version_info.minor, int(can_create_venv), sys.version_info.micro, path)
' 2>/dev/null </dev/null || true
}

candidates | awk '!seen[$0]++' | while read -r program; do describe "$program"; done |
  sort -k 1,1n -k 2,2nr -k 3,3nr | awk '!seen[$1]++ { print substr($0, length($1 " " $2 " " $3 " ") + 1) }'
