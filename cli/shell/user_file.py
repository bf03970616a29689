"""Files of the user's that `--install` writes."""

import os
from pathlib import Path
from typing import Final

from cli.errors import OutputError
from fleet.fleet_file.home import at_home

_READABLE: Final = 0o644


def user_folder(variable: str, default: str) -> Path:
    """A folder of the XDG base directory specification: the variable's, or the default below the home.

    Raises:
        HomeError: the user has no home.
    """
    chosen = os.environ.get(variable, "")
    return Path(chosen) if Path(chosen).is_absolute() else at_home(Path(default))


def write(file: Path, text: str) -> None:
    """Write a file and the folders that it needs.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(_READABLE)
    except OSError as error:
        raise OutputError(f"--install: {file}: cannot be written: {error.strerror}") from None


def append_once(file: Path, block: str) -> bool:
    """Append a block of lines to a file, unless it has them.

    Returns:
        Whether it was appended.

    Raises:
        OutputError: it cannot be read or written.
    """
    try:
        there = file.read_text("utf-8", errors="surrogateescape") if file.exists() else ""
        if block in there:
            return False
        with file.open("a", encoding="utf-8") as opened:
            opened.write(block if not there or there.endswith("\n") else f"\n{block}")
    except OSError as error:
        raise OutputError(f"--install: {file}: cannot be changed: {error.strerror}") from None
    return True
