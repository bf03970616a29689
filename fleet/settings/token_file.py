"""Reads an API token from a file, as editors, shells and panels write it: UTF-8, or UTF-16 with a byte order mark."""

import codecs
import stat
from pathlib import Path
from typing import Final

from fleet.fleet_file.regular_file import IrregularFileError, read_regular
from fleet.report.warning import warn_once

LARGEST: Final = 8 * 1024
"""Bytes; a token has a few hundred, a JWT a few thousand."""
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class TokenFileError(ValueError):
    """A file without a usable token; the text says why, and shows nothing of the content."""


def read_token_file(path: Path, named: str) -> str:
    """Read a token; only regular files are opened.

    Args:
        path: of the file.
        named: what names the file, for people.

    Returns:
        The text of the file, without a byte order mark.

    Raises:
        TokenFileError: it cannot be read, is not a regular file, is too large, or is not text.
    """
    try:
        content = read_regular(path, LARGEST)
        is_open_to_all = bool(path.stat().st_mode & stat.S_IROTH)
    except IrregularFileError as error:
        raise TokenFileError(str(error)) from None
    except OSError as error:
        raise TokenFileError(f"cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise TokenFileError(f"is larger than {LARGEST // 1024} KB: not an API token")
    if is_open_to_all:
        warn_once(f"{named}: every user of this machine can read it; run chmod 600 {path}")
    try:
        return content.decode("utf-16" if content.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError:
        raise TokenFileError("is not text: it must be UTF-8, or UTF-16 with a byte order mark") from None
