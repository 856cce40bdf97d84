#!/usr/bin/env bash
# The demo: injects one context from three languages into one sandbox. Builds what it needs, for development.
#
#   DEMO_PYTHON=… DEMO_NODE=… scripts/demo.sh    uses this Python and this folder with the npm package instead of
#                                                the development builds
set -euo pipefail

cd "$(dirname "$0")/.."
say() { echo "demo: $*"; }

build() {
  scripts/setup/require-tools.sh cargo python3 node npm
  local log=build/demo start=$SECONDS deps
  mkdir -p "$log"
  if [ ! -d build/dev/node ]; then
    say "building a sandbox tenant and the three packages for development (about 3 min on two cores, later"
    say "seconds) into target, build and bindings-wasm/node_modules."
  fi
  # Downloads while the processor compiles.
  scripts/setup/node-deps.sh bindings-wasm >"$log/npm.log" 2>&1 &
  deps=$!
  say "1/2 Rust and Python: the sandbox, the example and the Python package (usually 2 min)"
  scripts/build/development.sh native
  wait "$deps" || { cat "$log/npm.log" >&2; exit 1; }
  say "2/2 JavaScript: the npm package (usually 1.5 min)"
  scripts/build/development.sh npm >"$log/wasm.log" || { cat "$log/wasm.log" >&2; exit 1; }
  say "built in $((SECONDS - start)) s"
}

if [ -z "${COGNIGY_BASE_URL:-}" ]; then
  if [ -z "${DEMO_PYTHON:-}" ]; then
    build
    export DEMO_PYTHON=build/dev/python/bin/python DEMO_NODE=build/dev/node
  fi
  exec scripts/test/with-sandbox.sh "$0"
fi

# Node resolves packages from the script's folder, so the script is copied into the package's folder.
cp examples/demo/demo.mjs examples/demo/context.json "$DEMO_NODE/"

run() {
  case $1 in
    rust) target/debug/examples/demo from-rust ;;
    python) "$DEMO_PYTHON" examples/demo/demo.py from-python ;;
    node) node "$DEMO_NODE/demo.mjs" from-node ;;
  esac
}

echo
echo "The sandbox tenant runs at $COGNIGY_BASE_URL"
reports=()
for language in rust python node; do
  echo
  echo "== $language: inject the context into the session from-$language"
  output=$(run "$language")
  head -n 1 <<<"$output"
  reports+=("$(tail -n +2 <<<"$output")")
  echo "read back from the tenant:"
  "$DEMO_PYTHON" - "$COGNIGY_BASE_URL" "from-$language" <<'PYTHON'
import json, sys, urllib.request
from pathlib import Path

base, session = sys.argv[1:]
with urllib.request.urlopen(f"{base}/_sandbox/sessions/{session}") as response:
    context = json.load(response)["context"]
print(json.dumps(context, indent=2, ensure_ascii=False))
sent = json.loads(Path("examples/demo/context.json").read_text("utf-8"))
sys.exit(0 if context == sent else "the tenant returned another context than the one that was sent")
PYTHON
done

echo
echo "== a context of 70 kB: the platform would silently replace data in it"
echo "${reports[0]}"
for report in "${reports[@]}"; do
  [ "$report" = "${reports[0]}" ] || { echo "another language reports something else: $report" >&2; exit 1; }
done
cat <<'EOT'

Rust, Python and Node report the same, word for word.

Next steps:
  # check your own context
  build/dev/python/bin/python -c 'from cognigy_context import check; print(check({"id": 2**60}))'
  # run a sandbox tenant
  build/dev/cognigy-context-sandbox --create-sessions
  # send to it with the quickstart of the README
  COGNIGY_BASE_URL=http://127.0.0.1:8900 COGNIGY_API_KEY=sandbox-key \
    build/dev/python/bin/python examples/quickstart/quickstart.py
EOT
