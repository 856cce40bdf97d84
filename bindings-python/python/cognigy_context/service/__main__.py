"""``python -m cognigy_context.service``: serves until it is told to stop."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence

from cognigy_context import ConfigurationError

_MISSING = 'this command needs an extra: pip install "cognigy-context[service]"'


def main(
    arguments: Sequence[str] | None = None,
    program: str = "python -m cognigy_context.service",
) -> int:
    """Serves the web-messaging webhook.

    Args:
        arguments: The command line without the program's name; ``sys.argv`` when None.
        program: The program's name, for its help.

    Returns:
        int: The exit code: 0 when it was told to stop, 2 when it could not start.
    """
    options = _parser(program).parse_args(arguments)
    if options.no_auth:
        os.environ["COGNIGY_SERVICE_NO_AUTH"] = "1"
    if options.redis_url is not None:
        os.environ["COGNIGY_SERVICE_REDIS_URL"] = options.redis_url
    if options.workers > 1 and not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        # Counters of all workers come together in files.
        with tempfile.TemporaryDirectory(prefix="cognigy-context-") as place:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = place
            return _serve(options)
    return _serve(options)


def _serve(options: argparse.Namespace) -> int:
    try:
        import uvicorn

        from .app import create_app
        from .settings import Settings
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("cognigy_context"):
            raise
        print(f"cognigy-context: {_MISSING}", file=sys.stderr)
        return 2
    try:
        settings = Settings.from_env()
        # What is wrong is said before workers are started for it.
        create_app(settings)
        _try_tenant()
    except ConfigurationError as error:
        print(f"cognigy-context: {error}", file=sys.stderr)
        return 2
    if options.workers > 1 and settings.redis_url is None:
        print(
            "cognigy-context: several workers share sessions through Redis: "
            "give --redis-url, or use one worker",
            file=sys.stderr,
        )
        return 2
    uvicorn.run(
        "cognigy_context.service.app:create_app",
        factory=True,
        host=options.host,
        port=options.port,
        workers=options.workers,
        log_config=_logging(options.log_level),
        # Its lines would show session ids; the service writes its own.
        access_log=False,
        server_header=False,
        # Longer than any request may take.
        timeout_graceful_shutdown=round(settings.budget_seconds) + 5,
    )
    return 0


def _try_tenant() -> None:
    """Whether a client can be made of the environment."""
    from cognigy_context import Client

    Client().close()


def _logging(level: str) -> dict[str, object]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
    }


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Serves the web-messaging webhook. The tenant comes from COGNIGY_BASE_URL and "
        "its credentials; all else from COGNIGY_SERVICE_… variables.",
        epilog="Exit codes: 0 it was told to stop, 2 it could not start.",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="the address to listen on (default: %(default)s)",
    )
    parser.add_argument(
        "--port", type=int, default=8080, help="the port (default: %(default)s)"
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=1,
        help="how many processes; several need Redis (default: %(default)s)",
    )
    parser.add_argument(
        "--redis-url",
        metavar="URL",
        help="where sessions are kept, for example redis://localhost:6379/0 "
        "(default: in this process)",
    )
    parser.add_argument(
        "--no-auth",
        action="store_true",
        help="serve anybody, without a signature or a secret",
    )
    parser.add_argument(
        "--log-level",
        default="info",
        choices=("debug", "info", "warning", "error"),
        help="the least that is logged (default: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
