"""What commands read: files, or the standard input for ``-``."""

import sys


class UnreadableError(Exception):
    """A file cannot be read; the message names it and says why."""


def read(file: str) -> bytes:
    """The bytes of a file.

    Args:
        file: Its path, or ``-`` for the standard input.

    Returns:
        bytes: All that is in it.

    Raises:
        UnreadableError: It cannot be read.
    """
    try:
        if file == "-":
            return sys.stdin.buffer.read()
        with open(file, "rb") as opened:
            return opened.read()
    except OSError as error:
        raise UnreadableError(f"{file}: {error.strerror or error}") from None
    except ValueError:
        raise UnreadableError("the path holds a character that no path can") from None


def read_lines(file: str) -> list[str]:
    """The lines of a file as text, without their ends.

    Args:
        file: Its path, or ``-`` for the standard input.

    Returns:
        list[str]: The lines; what follows the last line end is a line if there is anything.

    Raises:
        UnreadableError: It cannot be read, or is not UTF-8.
    """
    try:
        text = read(file).decode()
    except UnicodeDecodeError:
        raise UnreadableError(f"{file}: not UTF-8") from None
    lines = text.split("\n")
    return [line.removesuffix("\r") for line in (lines if lines[-1] else lines[:-1])]
