"""The command ``cognigy-context``, which is also ``python -m cognigy_context``."""

import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command. ``sandbox`` needs no extra, ``serve`` needs ``cognigy-context[service]``,
    all else ``cognigy-context[cli]``.

    Args:
        arguments: The command line without the program's name; ``sys.argv`` when None.

    Returns:
        int: The exit code, one of :class:`cognigy_context.cli.exits.Exit`.
    """
    from .cli.exits import Exit

    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given[:1] == ["sandbox"]:
            from .cli import sandbox

            return sandbox.main(given[1:])
        if given[:1] == ["serve"]:
            from .service.__main__ import main as serve

            return serve(given[1:], "cognigy-context serve")
        try:
            from .cli import app
        except ModuleNotFoundError as missing:
            if missing.name not in ("typer", "rich"):
                raise
            print(
                "cognigy-context: this command needs an extra: "
                'pip install "cognigy-context[cli]"',
                file=sys.stderr,
            )
            return Exit.USAGE
        return app.run(given)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough. What is left must not be written at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FINDINGS


if __name__ == "__main__":
    sys.exit(main())
