"""Generates the typed surface of the package from one source, docstrings included.

- `_core.pyi` is `core.pyi`, the types, with the docstrings of the built module: those of the Rust
  doc comments.
- `_async_client.py` is `async_client.py.in` with a coroutine for each method of `Client`.

Fails when a signature of `core.pyi` differs from the built module's, or a public item has no
docstring. Run by `make stubs`, and by a test that compares the result with the committed files.

    python bindings-python/stubs/generate.py           # writes the files
    python bindings-python/stubs/generate.py --check   # fails when the files differ
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from async_client import async_client
from core_stub import core_stub
from source import StubError

PACKAGE = Path(__file__).resolve().parent.parent / "python" / "cognigy_context"

GENERATED: dict[str, Callable[[Any], str]] = {
    "_core.pyi": core_stub,
    "_async_client.py": async_client,
}


def main(arguments: list[str]) -> int:
    from cognigy_context import _core

    differing = []
    for name, generate in GENERATED.items():
        path = PACKAGE / name
        try:
            text = generate(_core)
        except StubError as error:
            print(f"stubs: {error}", file=sys.stderr)
            return 1
        if path.read_text("utf-8") != text:
            differing.append(name)
            if "--check" not in arguments:
                path.write_text(text, "utf-8")
    if differing and "--check" in arguments:
        print(
            f"stubs: {', '.join(differing)} differ. Run `make stubs`.", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
