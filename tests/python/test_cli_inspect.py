"""The command ``inspect``, which serves the Inspector in the wheel."""

import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from cognigy_context.__main__ import main


def test_inspect_serves_the_page_and_its_scripts() -> None:
    command = [sys.executable, "-m", "cognigy_context", "inspect", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/", line)
            assert found, line
            with urllib.request.urlopen(found[0]) as response:
                page = response.read().decode()
            assert "Content-Security-Policy" in page
            scripts = re.findall(r'(?:src|href)="(?:\./)?([^"]+\.js)"', page)
            assert scripts
            with urllib.request.urlopen(found[0] + scripts[0]) as response:
                assert response.headers["Content-Type"] == "text/javascript"
        finally:
            process.kill()


def test_inspect_exits_2_when_it_cannot_listen(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        used_port = other.getsockname()[1]
        for port in (used_port, 70000):
            assert main(["inspect", "--no-browser", "--port", str(port)]) == 2
            assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err
