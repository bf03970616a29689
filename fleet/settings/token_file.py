"""Reads an API token from a file, as editors, shells and panels write it: UTF-8, or UTF-16 with a byte order mark."""

import codecs
import stat
from pathlib import Path
from typing import Final

LARGEST: Final = 8 * 1024
"""Bytes; a token has a few hundred, a JWT a few thousand."""
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class TokenFileError(ValueError):
    """A file without a usable token; the text says why, and shows nothing of the content."""


def read_token_file(path: Path) -> str:
    """Read a token; only regular files are opened: a pipe may never end, and a device may have side effects.

    Returns:
        The text of the file, without a byte order mark.

    Raises:
        TokenFileError: it cannot be read, is not a regular file, is too large, or is not text.
    """
    kind, content = _read(path)
    if not stat.S_ISREG(kind):
        raise TokenFileError("is a folder" if stat.S_ISDIR(kind) else "is not a regular file but a pipe or a device")
    if len(content) > LARGEST:
        raise TokenFileError(f"is larger than {LARGEST // 1024} KB: not an API token")
    try:
        return content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError:
        raise TokenFileError("is not text: it must be UTF-8, or UTF-16 with a byte order mark") from None


def _read(path: Path) -> tuple[int, bytes]:
    """The mode of a file, and the content of a regular one, up to the limit."""
    try:
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind):
            return kind, b""
        with path.open("rb") as file:
            return kind, file.read(LARGEST + 1)
    except OSError as error:
        raise TokenFileError(f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise TokenFileError("cannot be read: not a file path") from None
