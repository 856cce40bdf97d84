"""Reads files, or standard input for ``-``."""

import sys


class UsageError(Exception):
    """The command cannot run as given, for example because a file cannot be read."""


def read(file: str) -> bytes:
    """Reads a file.

    Args:
        file: The path, or ``-`` for standard input.

    Returns:
        bytes: The content.

    Raises:
        UsageError: The file cannot be read.
    """
    try:
        if file == "-":
            return sys.stdin.buffer.read()
        with open(file, "rb") as opened:
            return opened.read()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from None
    except ValueError:
        raise UsageError("the path contains an invalid character") from None


def read_lines(file: str) -> list[str]:
    """Reads the lines of a text file, without line ends.

    Args:
        file: The path, or ``-`` for standard input.

    Returns:
        list[str]: The lines.

    Raises:
        UsageError: The file cannot be read or is not UTF-8.
    """
    try:
        text = read(file).decode()
    except UnicodeDecodeError:
        raise UsageError(f"{file}: not UTF-8") from None
    lines = text.split("\n")
    return [line.removesuffix("\r") for line in (lines if lines[-1] else lines[:-1])]
