"""Paths that begin with `~`: no shell expands it in `.env` or `--option=~/file`."""

import re
from pathlib import Path
from typing import Final

_SQLITE: Final = re.compile(r"(sqlite(?:\+\w+)?:///)(~[^?]*)(.*)", re.DOTALL)


class HomeError(ValueError):
    """A home directory that cannot be found; the message names it."""


def at_home(path: Path) -> Path:
    """Replace `~` by the user's home directory, and `~name` by that of another user.

    Raises:
        HomeError: it cannot be found.
    """
    try:
        return path.expanduser()
    except RuntimeError:
        raise HomeError(f"{path.parts[0]}: no such home directory; write the full path") from None


def ledger_at_home(url: str) -> str:
    """Do the same in the URL of a SQLite file; any other URL is returned unchanged.

    Raises:
        HomeError: it cannot be found.
    """
    found = _SQLITE.fullmatch(url)
    return f"{found[1]}{at_home(Path(found[2]))}{found[3]}" if found else url
