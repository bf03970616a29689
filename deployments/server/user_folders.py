"""Folders of the user's own, where Prefect would write into one that belongs to somebody else."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import prefect

_UI_SETTINGS: Final = ("PREFECT_SERVER_UI_STATIC_DIRECTORY", "PREFECT_UI_STATIC_DIRECTORY")
PACKAGE: Final = prefect.__ui_static_subpath__.parent
"""Where Prefect's server unpacks its UI: into its own package."""


def ui_settings(home: Path, environment: Mapping[str, str], package: Path = PACKAGE) -> dict[str, str]:
    """What makes a Prefect server unpack its UI where it can: without one, every page is a 404.

    Args:
        home: a folder of the user's.
        environment: what is set already; a folder named there is used.
        package: where it unpacks it by default.

    Returns:
        No setting if the package can be written, as in an environment of the user's own.
    """
    if any(environment.get(name) for name in _UI_SETTINGS) or os.access(package, os.W_OK):
        return {}
    folder = home / "ui"
    folder.mkdir(parents=True, exist_ok=True)
    return {_UI_SETTINGS[0]: str(folder)}


@contextmanager
def temporary_files_in(folder: Path) -> Iterator[None]:
    """Keep what Prefect's runner creates in this context out of `/tmp`.

    There it makes `runner_storage` with a fixed name: the second user of a machine may not write into the first one's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = tempfile.tempdir
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
