"""Injects ``context.json`` into the session named on the command line, then prints the check
report of a context that is too large for the platform. Run by ``make demo``."""

import json
import sys
from pathlib import Path

from cognigy_context import Client, check

session_id = sys.argv[1]
context = json.loads(Path(__file__).with_name("context.json").read_text("utf-8"))

with Client() as client:
    stored = client.inject_context(session_id, "demo-user", context)
print(f"injected: the context has {len(stored)} top-level keys")

too_large = {
    "customer": context["customer"],
    "order_history": "o" * 25_000,
    "transcript": "t" * 35_000,
    "summary": "s" * 10_000,
}
print(check(too_large, "platform"))
