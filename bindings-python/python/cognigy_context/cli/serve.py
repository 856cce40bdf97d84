"""The command ``serve``: runs the webhook service. It requires the extra ``service``."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence

from cognigy_context import ConfigurationError

from .exit_codes import ExitCode
from .help_text import argument_parser

EXAMPLES = (
    "serve --no-auth",
    "serve --workers 4 --redis-url redis://localhost:6379/0",
)

_MISSING_EXTRA = 'this command requires an extra. Install it with pip install "cognigy-context[service]"'


def main(
    arguments: Sequence[str] | None = None,
    program: str = "cognigy-context serve",
) -> int:
    """Runs the webhook service until Ctrl-C or a termination signal.

    Args:
        arguments: The command line without the program name. Default: ``sys.argv[1:]``.
        program: The program name in the help text.

    Returns:
        int: ``ExitCode.OK`` after a stop, or ``ExitCode.USAGE`` when the service cannot start.
    """
    try:
        options = _parser(program).parse_args(arguments)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else ExitCode.USAGE
    if options.no_auth:
        os.environ["COGNIGY_SERVICE_NO_AUTH"] = "1"
    if options.docs:
        os.environ["COGNIGY_SERVICE_DOCS"] = "1"
    if options.redis_url is not None:
        os.environ["COGNIGY_SERVICE_REDIS_URL"] = options.redis_url
    if options.workers > 1 and not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        # The workers share their metrics in files.
        with tempfile.TemporaryDirectory(prefix="cognigy-context-") as folder:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
            return _serve(options)
    return _serve(options)


def _serve(options: argparse.Namespace) -> int:
    try:
        import uvicorn

        from cognigy_context.service.app import create_app
        from cognigy_context.service.settings import Settings
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("cognigy_context"):
            raise
        print(f"cognigy-context: {_MISSING_EXTRA}", file=sys.stderr)
        return ExitCode.USAGE
    try:
        settings = Settings.from_env()
        # Reports errors before the workers start.
        create_app(settings)
        _check_client()
    except ConfigurationError as error:
        print(f"cognigy-context: {error}", file=sys.stderr)
        return ExitCode.USAGE
    if options.workers > 1 and settings.redis_url is None:
        print(
            f"cognigy-context: {options.workers} workers require Redis. "
            "Pass --redis-url, or use one worker.",
            file=sys.stderr,
        )
        return ExitCode.USAGE
    _raise_file_limit(settings.max_connections)
    uvicorn.run(
        "cognigy_context.service.app:create_app",
        factory=True,
        # As text: a new worker would import the class before it responds to its parent.
        http="cognigy_context.service.http_limits:LimitedHttpProtocol",
        # The service has no WebSocket route.
        ws="none",
        host=options.host,
        port=options.port,
        workers=options.workers,
        log_config=_logging(options.log_level),
        # Access log lines would contain session ids; the service logs requests itself.
        access_log=False,
        server_header=False,
        # Seconds; a worker is slow to start on a busy machine.
        timeout_worker_healthcheck=30,
        # Seconds; longer than the time budget of a request.
        timeout_graceful_shutdown=round(settings.budget_seconds) + 5,
    )
    return ExitCode.OK


def _raise_file_limit(connections: int) -> None:
    """Allows as many open files as the connections need, as far as the system permits."""
    try:
        import resource
    except ModuleNotFoundError:
        # Windows has no such limit.
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Besides connections: files, and connections to Redis and the tenant.
    wanted = connections + 512
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):
            # The system permits less than its hard limit, for example in a container or on macOS.
            pass


def _check_client() -> None:
    """Raises ``ConfigurationError`` when the environment variables do not configure a client."""
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
    parser, group = argument_parser(
        program,
        "Run the web-messaging webhook service until Ctrl-C (extra: service).\n\n"
        "COGNIGY_BASE_URL and the credential variables configure the tenant,\n"
        "COGNIGY_SERVICE_... variables the service.",
        EXAMPLES,
        "Exit codes: 0 after a stop; 2 when the service cannot start.",
    )
    group.add_argument(
        "--host",
        metavar="ADDRESS",
        default="127.0.0.1",
        help="Address to listen on (default: %(default)s).",
    )
    group.add_argument(
        "--port",
        metavar="PORT",
        type=int,
        default=8080,
        help="Port to listen on; 0 selects a free one (default: %(default)s).",
    )
    group.add_argument(
        "--workers",
        metavar="COUNT",
        type=int,
        default=1,
        help="Number of worker processes; more than one requires Redis (default: %(default)s).",
    )
    group.add_argument(
        "--redis-url",
        metavar="URL",
        help="Redis server that stores the sessions, for example redis://localhost:6379/0 "
        "(default: COGNIGY_SERVICE_REDIS_URL, or else memory of this process).",
    )
    group.add_argument(
        "--no-auth",
        action="store_true",
        help="Accept requests without a signature or secret.",
    )
    group.add_argument(
        "--docs",
        action="store_true",
        help="Serve a page that displays the API at /docs.",
    )
    group.add_argument(
        "--log-level",
        metavar="LEVEL",
        default="info",
        choices=("debug", "info", "warning", "error"),
        help="Minimum level of log messages: debug, info, warning or error (default: %(default)s).",
    )
    return parser
