#!/usr/bin/env bash
# The demo: one context, three languages, one sandbox. `make demo` builds what it needs.
set -euo pipefail

cd "$(dirname "$0")/.."
if [ -z "${COGNIGY_BASE_URL:-}" ]; then
  scripts/installed.sh
  exec scripts/with-sandbox.sh "$0"
fi

python=build/installed/venv/bin/python
# Node resolves packages from where the script is, so the script runs from where the package is.
cp examples/demo/demo.mjs examples/demo/context.json build/installed/node/

run() {
  case $1 in
    rust) target/debug/examples/demo from-rust ;;
    python) "$python" examples/demo/demo.py from-python ;;
    node) node build/installed/node/demo.mjs from-node ;;
  esac
}

echo
echo "A sandbox tenant answers at $COGNIGY_BASE_URL"
reports=()
for language in rust python node; do
  echo
  echo "== $language: inject the context into the session from-$language"
  output=$(run "$language")
  head -n 1 <<<"$output"
  reports+=("$(tail -n +2 <<<"$output")")
  echo "read back from the tenant:"
  "$python" - "$COGNIGY_BASE_URL" "from-$language" <<'PYTHON'
import json, sys, urllib.request
from pathlib import Path

base, session = sys.argv[1:]
with urllib.request.urlopen(f"{base}/_sandbox/sessions/{session}") as answer:
    context = json.load(answer)["context"]
print(json.dumps(context, indent=2, ensure_ascii=False))
sent = json.loads(Path("examples/demo/context.json").read_text("utf-8"))
sys.exit(0 if context == sent else "what came back is not what was sent")
PYTHON
done

echo
echo "== a context of 70 kB, which the platform would have cut without a word"
echo "${reports[0]}"
for report in "${reports[@]}"; do
  [ "$report" = "${reports[0]}" ] || { echo "the languages disagree: $report" >&2; exit 1; }
done
echo
echo "Rust, Python and Node say the same, word for word."
