"""The command ``cognigy-context``, which is also ``python -m cognigy_context``."""

import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    ``sandbox`` requires no extra, ``serve`` requires ``cognigy-context[service]``, and all other
    commands require ``cognigy-context[cli]``.

    Args:
        arguments: The command line without the program name. Default: ``sys.argv[1:]``.

    Returns:
        int: The exit code, one of :class:`cognigy_context.cli.exit_codes.ExitCode`.
    """
    from .cli.exit_codes import ExitCode

    command_line = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if command_line[:1] == ["sandbox"]:
            from .cli import sandbox

            return sandbox.main(command_line[1:])
        if command_line[:1] == ["serve"]:
            from .cli import serve

            return serve.main(command_line[1:])
        try:
            from .cli import app
        except ModuleNotFoundError as missing:
            if missing.name not in ("typer", "rich"):
                raise
            print(
                "cognigy-context: this command requires an extra. Install it with "
                'pip install "cognigy-context[cli]"',
                file=sys.stderr,
            )
            return ExitCode.USAGE
        return app.run(command_line)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader closed the pipe. Without this, Python would fail again when it
        # flushes the output at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.FINDINGS


if __name__ == "__main__":
    sys.exit(main())
