"""The command ``inspect``: serves the Inspector."""

import os
import webbrowser
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated

import typer

from .exit_codes import ExitCode
from .files import UsageError
from .output import print_problem
from .parameters import option

EXAMPLES = ("inspect", "inspect --port 8901 --no-browser")

# A wheel that was built without the Inspector does not contain this folder.
PAGE = Path(__file__).parent.parent / "inspector"

# The operating system may map these suffixes to types that a browser rejects.
_CONTENT_TYPES = {".js": "text/javascript", ".wasm": "application/wasm"}


class _Handler(SimpleHTTPRequestHandler):
    def guess_type(self, path: "str | os.PathLike[str]") -> str:
        return _CONTENT_TYPES.get(Path(path).suffix) or super().guess_type(path)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing."""


def inspect(
    port: Annotated[
        int,
        option(
            metavar="PORT",
            help="Port on this machine; 0 selects a free one (default: 0).",
        ),
    ] = 0,
    browser: Annotated[
        bool,
        option(
            help="Open the page in the browser (default: --browser).",
        ),
    ] = True,
) -> None:
    """Serve the Inspector of contexts, variables and limits until Ctrl-C.

    Serves the page to this machine only. Data in the page stays in the browser
    unless you send it to a tenant.
    """
    if not (PAGE / "index.html").is_file():
        print_problem("this wheel contains no Inspector. Build it with `make wheel`.")
        raise typer.Exit(ExitCode.USAGE)
    handler = partial(_Handler, directory=str(PAGE))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"cannot listen on 127.0.0.1:{port}: {error}. Pass another --port."
        ) from None
    with server:
        address = f"http://127.0.0.1:{server.server_port}/"
        print(f"The Inspector runs at {address} (Ctrl-C stops it)", flush=True)
        if browser:
            webbrowser.open(address)
        server.serve_forever()
