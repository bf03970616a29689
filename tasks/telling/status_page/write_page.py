"""Writes the status page into a folder, whole or not at all: the new files beside the old ones, then the index."""

import asyncio
import re
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from fleet.ledger.database.engine import LedgerError
from fleet.ledger.days.reading import DayReader, day_reader
from fleet.serveravatar.text import one_line
from fleet.status.headline import headline
from fleet.status.page import GENERATOR, STRIP, Page
from tasks.telling.replace_file import replace_file

READABLE: Final = 0o644
_ENTERED: Final = 0o755
"""A web server may be another user, whatever the umask of the run."""
_DATA: Final = re.compile(r"data-\d{8}T\d{12}")
_IN_USE_SECONDS: Final = 3600.0
"""How long the files of an older page stay: somebody looks at it, or another run is still writing its own."""
_BEGINNING: Final = 2000


class PageError(Exception):
    """The page cannot be written there, or there is nothing to show; one line, with what to do."""


async def write_page(folder: Path, ledger_url: str, now: datetime, fleet: str | None = None, days: int = STRIP) -> str:
    """Write the page of what the ledger knows.

    Args:
        folder: where; it is made if it is missing.
        ledger_url: of the ledger.
        now: the time.
        fleet: only this fleet; None for all.
        days: how many days of history.

    Returns:
        The page's first line.

    Raises:
        PageError: the folder has a page of somebody else, or there is nothing to show.
        LedgerError: the ledger cannot be read.
        OSError: the folder cannot be written.
    """
    index = folder / "index.html"
    if _is_foreign(index):
        raise PageError(f"{index} is not a status page; choose another folder")
    async with day_reader(ledger_url) as reader:
        states = await reader.targets(fleet)
        if not states:
            which = "of any fleet" if fleet is None else f"of fleet {fleet}"
            raise PageError(f"nothing to show: no run or audit {which} is in the ledger")
        page = await asyncio.to_thread(Page.of, states, now, days)
        data = folder / page.folder
        await asyncio.to_thread(_make, data)
        try:
            await _write_parts(page, reader, data)
            text = await asyncio.to_thread(page.index)
            await asyncio.to_thread(replace_file, index, text, READABLE)
        except BaseException:
            shutil.rmtree(data, ignore_errors=True)
            raise
    await asyncio.to_thread(_remove_older, folder, page.folder)
    return headline(page.rows, now.timestamp()).sentence


async def write_page_or_warn(folder: Path, ledger_url: str, warn: Callable[[str], None]) -> None:
    """Write the page of all fleets to FLEET_BACKUP_PAGE_FOLDER; a failure is a warning in one line."""
    try:
        await write_page(folder, ledger_url, datetime.now(UTC))
    except (PageError, LedgerError, OSError) as error:
        warn(one_line(f"FLEET_BACKUP_PAGE_FOLDER: the status page was not written: {error}"))


async def _write_parts(page: Page, reader: DayReader, data: Path) -> None:
    for number, rows in enumerate(page.parts()):
        days = await reader.days([row.state.key for row in rows], page.first)
        name, text = await asyncio.to_thread(page.history, number, rows, days)
        await asyncio.to_thread(_write, data / name, text)
    name, text = page.sizes()
    await asyncio.to_thread(_write, data / name, text)


def _make(data: Path) -> None:
    """Make the folder of the page's other files, and the page's own if it is missing."""
    is_new = not data.parent.exists()
    data.parent.mkdir(parents=True, exist_ok=True)
    if is_new:
        data.parent.chmod(_ENTERED)
    data.mkdir()
    data.chmod(_ENTERED)


def _write(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    file.chmod(READABLE)


def _is_foreign(index: Path) -> bool:
    try:
        with index.open(encoding="utf-8", errors="replace") as file:
            return GENERATOR not in file.read(_BEGINNING)
    except FileNotFoundError:
        return False


def _remove_older(folder: Path, newest: str) -> None:
    """Remove the files of older pages that nobody can be looking at any more."""
    before = time.time() - _IN_USE_SECONDS
    for each in folder.iterdir():
        if _DATA.fullmatch(each.name) and each.name != newest and each.stat().st_mtime < before:
            shutil.rmtree(each, ignore_errors=True)
