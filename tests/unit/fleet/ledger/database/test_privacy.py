"""Who can read a ledger: new ones are private, and about an older one a person is warned, where they look."""

import logging
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.ledger.store import Ledger
from fleet.report.progress import Narrator, Silence, listening
from fleet.report.warning import warn_once

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """A ledger's threads need real time."""
    return "asyncio"


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that every user can reach; pytest's own are one user's alone."""
    folder = Path(tempfile.mkdtemp(prefix="fleet-backup-privacy-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def as_in_a_new_process() -> None:
    warn_once.cache_clear()


async def opened(folder: Path) -> None:
    async with Ledger(f"sqlite:///{folder / 'ledger.sqlite'}"):
        pass


async def test_a_new_ledger_and_what_sqlite_puts_beside_it_is_private(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Ledger(f"sqlite:///{folder / 'ledger.sqlite'}"):
        assert open_to_others(folder) == []
    assert caplog.messages == []


def open_to_others(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir() if file.stat().st_mode & 0o077]


def change_mode(path: Path, mode: int) -> None:
    path.touch()
    path.chmod(mode)


@pytest.mark.parametrize(
    ("file", "mode", "of_folder", "warned"),
    [
        ("ledger.sqlite", 0o644, 0o755, True),
        ("ledger.sqlite.2026-11-28", 0o644, 0o755, True),
        ("ledger.sqlite", 0o640, 0o755, False),
        ("ledger.sqlite", 0o644, 0o700, False),
        ("another.sqlite", 0o644, 0o755, False),
    ],
)
async def test_an_older_one_or_a_copy_that_everybody_can_read_is_reported_once(
    folder: Path, caplog: pytest.LogCaptureFixture, file: str, mode: int, of_folder: int, warned: bool
) -> None:
    await opened(folder)
    change_mode(folder / file, mode)
    change_mode(folder, of_folder)
    await opened(folder)
    await opened(folder)
    place = folder / "ledger.sqlite"
    words = f"fleet-backup: the ledger, or a copy: every user of this machine can read it; run chmod 600 {place}*"
    assert caplog.messages == ([words] if warned else [])
    assert (folder / file).stat().st_mode & 0o777 == mode


async def test_a_run_shows_it_on_its_terminal_and_in_its_log(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    await opened(folder)
    change_mode(folder / "ledger.sqlite", 0o644)
    written: list[str] = []
    with listening(Narrator(Silence(), written.append)):
        await opened(folder)
    (line,) = written
    assert line.startswith("warning: the ledger, or a copy: every user of this machine can read it")
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
