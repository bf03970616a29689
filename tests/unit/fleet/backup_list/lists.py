"""Backup lists of a fake API, marked at the beginning of a run."""

from collections.abc import Sequence
from typing import Any

from fleet.backup_list.backup_list import BackupList
from fleet.proof.sought import Sought
from tests.unit.fleet.builders import FakeApi, backup_row, target

PATH = "/organizations/5/backups"

OLD = 100


def key(number: int) -> str:
    return f"{number:016x}"


def named(*numbers: int) -> list[dict[str, Any]]:
    """Backups of this run, each with its number in its key."""
    return [backup_row(number, f"nightly fb-{key(number)}") for number in numbers]


def old(count: int = OLD) -> list[dict[str, Any]]:
    return [backup_row(number, None) for number in range(count, 0, -1)]


async def begun(rows: Sequence[dict[str, Any]], *pages: int) -> tuple[FakeApi, BackupList]:
    """A list that was marked at the beginning of the run, from these pages, and nothing counted since."""
    api = FakeApi({PATH: rows})
    backups = BackupList(api.send, 5)
    await backups.mark()
    assert pages_of(api) == list(pages or (1,))
    api.sent.clear()
    return api, backups


def sought(backups: BackupList, *numbers: int) -> list[Sought]:
    """Instant backups of this run to look for, each by its number."""
    return [Sought(key(number), target(), backups.marked) for number in numbers]


def one(backups: BackupList, number: int) -> Sought:
    return sought(backups, number)[0]


def pages_of(api: FakeApi) -> list[int]:
    return [page for _, page in api.sent]
