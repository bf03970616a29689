"""Paths that begin with `~`: a shell expands it, and neither `.env` nor `--option=~/file` passes through one."""

import re
from pathlib import Path
from typing import Final

_SQLITE: Final = re.compile(r"(sqlite(?:\+\w+)?:///)(~[^?]*)(.*)", re.DOTALL)


class HomeError(ValueError):
    """A home that cannot be found; the text says whose."""


def at_home(path: Path) -> Path:
    """Put the home of the user in place of `~`, and of another user in place of `~name`.

    Raises:
        HomeError: nobody knows where it is.
    """
    try:
        return path.expanduser()
    except RuntimeError:
        raise HomeError(f"{path.parts[0]}: there is no such home; write the whole path") from None


def ledger_at_home(url: str) -> str:
    """Do the same in the URL of a SQLite file; any other URL stays as it is.

    Raises:
        HomeError: nobody knows where it is.
    """
    found = _SQLITE.fullmatch(url)
    return f"{found[1]}{at_home(Path(found[2]))}{found[3]}" if found else url
