#!/usr/bin/env bash
# Checks that the code in README.md equals examples/quickstart, and runs it, the demo and all other examples.
set -euo pipefail

cd "$(dirname "$0")/../.."
if [ -z "${COGNIGY_BASE_URL:-}" ]; then
  scripts/setup/install-local.sh
  echo "test: the code in README.md equals examples/quickstart"
  python3 - <<'PYTHON'
import re, sys
from pathlib import Path

readme = Path("README.md").read_text("utf-8")
blocks = dict(re.findall(r"^```(\w+)\n(.*?)^```$", readme, re.M | re.S))
for language, ending in {"rust": "rs", "python": "py", "js": "mjs"}.items():
    example = Path(f"examples/quickstart/quickstart.{ending}").read_text("utf-8")
    if blocks.get(language) != example:
        sys.exit(f"README.md: its {language} block differs from examples/quickstart/quickstart.{ending}")
PYTHON
  exec scripts/test/with-sandbox.sh "$0"
fi

passed=0
expect() {
  [ "$2" = "$3" ] || { echo "quickstart in $1 printed: $2" >&2; exit 1; }
  passed=$((passed + 1))
}

echo "test: examples/quickstart in three languages"
cp examples/quickstart/quickstart.mjs build/installed/node/
expect Rust "$(target/debug/examples/quickstart)" $'62 platform bytes\n{"tier":"gold","open_orders":2}'
expect Python "$(build/installed/venv/bin/python examples/quickstart/quickstart.py)" \
  $'62 platform bytes\n{\'tier\': \'gold\', \'open_orders\': 2}'
expect Node "$(node build/installed/node/quickstart.mjs)" \
  $'62 platform bytes\n{ tier: \'gold\', open_orders: 2 }'

echo "test: one example per workflow, in three languages"
node=build/installed/node
for folder in variables injection documents state webhook; do
  rm -rf "${node:?}/$folder"
  cp -r "examples/$folder" "$node/"
  for run in "target/debug/examples/$folder" \
    "build/installed/venv/bin/python examples/$folder/$folder.py" "node $node/$folder/$folder.mjs"; do
    # Word splitting separates the command and its arguments.
    # shellcheck disable=SC2086
    output=$($run) || { echo "failed: $run" >&2; exit 1; }
    [ -n "$output" ] || { echo "printed nothing: $run" >&2; exit 1; }
    passed=$((passed + 1))
  done
done

echo "test: the demo"
DEMO_PYTHON=build/installed/venv/bin/python DEMO_NODE=build/installed/node scripts/demo.sh >/dev/null
echo "$((passed + 1)) passed, 0 failed"
