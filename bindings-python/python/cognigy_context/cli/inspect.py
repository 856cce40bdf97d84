"""The command ``inspect``: serves the Inspector."""

import os
import webbrowser
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated

import typer

from .exit_codes import ExitCode
from .output import print_problem

#: The page, where the wheel was built with it.
PAGE = Path(__file__).parent.parent / "inspector"


#: What a browser takes for a module must not depend on the system's tables.
_TYPES = {".js": "text/javascript", ".wasm": "application/wasm"}


class _Handler(SimpleHTTPRequestHandler):
    def guess_type(self, path: "str | os.PathLike[str]") -> str:
        return _TYPES.get(Path(path).suffix) or super().guess_type(path)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing."""


def inspect(
    port: Annotated[
        int, typer.Option(help="Port on this machine; 0 selects a free one.")
    ] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Open the Inspector of contexts, variables and limits until Ctrl-C.

    The page is served to this machine alone, and what is pasted into it stays in the browser.
    """
    if not (PAGE / "index.html").is_file():
        print_problem("this wheel contains no Inspector. Build it with `make wheel`.")
        raise typer.Exit(ExitCode.USAGE)
    handler = partial(_Handler, directory=str(PAGE))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        address = f"http://127.0.0.1:{server.server_port}/"
        print(f"The inspector is at {address} (Ctrl-C ends it)", flush=True)
        if browser:
            webbrowser.open(address)
        server.serve_forever()
