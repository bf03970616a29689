"""An API token from a file, as editors, shells and panels write it: UTF-8, or UTF-16 with its mark."""

import codecs
import stat
from pathlib import Path
from typing import Final

LARGEST: Final = 8 * 1024
"""Bytes; a token has a few hundred, a JWT a few thousand."""
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class TokenFileError(ValueError):
    """A file that holds no token; the text says why, and shows nothing of it."""


def read_token_file(path: Path) -> str:
    """Read a token; what is no ordinary file is not opened: a pipe may never end, and a device may do something.

    Returns:
        The text of the file, without a byte order mark.

    Raises:
        TokenFileError: it cannot be read, is no ordinary file, too large, or no text.
    """
    kind, content = _read(path)
    if not stat.S_ISREG(kind):
        raise TokenFileError("is a folder" if stat.S_ISDIR(kind) else "is no ordinary file, but a pipe or a device")
    if len(content) > LARGEST:
        raise TokenFileError(f"is larger than {LARGEST // 1024} KB: this is no API token")
    try:
        return content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError:
        raise TokenFileError("is no text: it must be UTF-8, or UTF-16 with a byte order mark") from None


def _read(path: Path) -> tuple[int, bytes]:
    """The kind of a file, and what an ordinary one holds, as far as it may be."""
    try:
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind):
            return kind, b""
        with path.open("rb") as file:
            return kind, file.read(LARGEST + 1)
    except OSError as error:
        raise TokenFileError(f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise TokenFileError("cannot be read: this is no path of a file") from None
