"""``cognigy-context inspect``: the page that comes with the wheel."""

import re
import subprocess
import sys
import urllib.error
import urllib.request


def test_the_inspector_is_served_to_this_machine() -> None:
    command = [sys.executable, "-m", "cognigy_context", "inspect", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/", line)
            assert found, line
            with urllib.request.urlopen(found[0]) as answer:
                page = answer.read().decode()
            assert "Content-Security-Policy" in page
            scripts = re.findall(r'(?:src|href)="(?:\./)?([^"]+\.js)"', page)
            assert scripts
            with urllib.request.urlopen(found[0] + scripts[0]) as answer:
                assert answer.headers["Content-Type"] == "text/javascript"
        finally:
            process.kill()
