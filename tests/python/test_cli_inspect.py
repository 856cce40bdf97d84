"""The command ``inspect``, which serves the Inspector in the wheel."""

import re
import subprocess
import sys
import urllib.error
import urllib.request


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
