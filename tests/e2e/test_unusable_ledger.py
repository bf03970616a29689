"""A ledger that cannot be written: exit 1 with one clear line, before the first create."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, servers, world
from tests.e2e.processes import Ended, FleetBackup, Options

SECRET = "the-password-of-the-database"


def assert_refused(ended: Ended, where: str) -> None:
    assert ended.exit_code == 1, ended.stderr
    said = [line for line in ended.stderr.splitlines() if line.startswith("fleet-backup:")]
    assert len(said) == 1, ended.stderr
    assert "ledger" in said[0]
    assert where in said[0]


@contextlib.contextmanager
def held(ledger: Path) -> Iterator[None]:
    """A stranger that keeps the database for itself."""
    connection = sqlite3.connect(ledger, isolation_level=None)
    connection.execute("CREATE TABLE theirs (x)")
    connection.execute("BEGIN EXCLUSIVE")
    yield
    connection.close()


def test_a_ledger_that_cannot_be_used_stops_the_run_before_the_first_create(
    fleet_backup: FleetBackup, start_stranger: StartStranger, tmp_path: Path
) -> None:
    fleet = servers(1, 3)
    stranger = start_stranger(world(fleet))
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    (tmp_path / "corrupt.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    (tmp_path / "text.sqlite").write_text("dear diary, " * 500, encoding="utf-8")
    unusable = {
        f"sqlite:///{tmp_path}/file/ledger.sqlite": str(tmp_path),
        f"sqlite:///{tmp_path}/corrupt.sqlite": "corrupt.sqlite",
        f"sqlite:///{tmp_path}/text.sqlite": "text.sqlite",
        f"sqlite:///{tmp_path}/held.sqlite": "held.sqlite",
        f"postgresql://ledger:{SECRET}@127.0.0.1:1/ledger": "127.0.0.1:1",
        "mysql://127.0.0.1/ledger": "FLEET_BACKUP_LEDGER_URL",
        "nonsense": "FLEET_BACKUP_LEDGER_URL",
    }
    with held(tmp_path / "held.sqlite"):
        running = [
            fleet_backup.start(
                "run", "FLEET", fleet=fleet_file(fleet), stranger=stranger, environment={"FLEET_BACKUP_LEDGER_URL": url}
            )
            for url in unusable
        ]
        every = [run.end() for run in running]

    for ended, where in zip(every, unusable.values(), strict=True):
        if where == "FLEET_BACKUP_LEDGER_URL":
            assert ended.exit_code in (1, 2), "a setting that cannot be"
            assert where in ended.stderr
        else:
            assert_refused(ended, where)
        assert SECRET not in ended.stderr + ended.stdout
    assert stranger.creates() == 0


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write everywhere")
@pytest.mark.parametrize("read_only", ["folder", "file"])
def test_a_ledger_that_is_read_only_stops_the_run_before_the_first_create(
    fleet_backup: FleetBackup, start_stranger: StartStranger, tmp_path: Path, read_only: str
) -> None:
    fleet = servers(1, 3)
    stranger = start_stranger(world(fleet))
    folder = tmp_path / "ledgers"
    folder.mkdir()
    url = {"FLEET_BACKUP_LEDGER_URL": f"sqlite:///{folder}/ledger.sqlite"}
    options: Options = {"fleet": fleet_file(fleet), "stranger": stranger, "environment": url}
    if read_only == "file":
        assert fleet_backup.run("run", "FLEET", "--run-key", "first", **options).exit_code == 0
        (folder / "ledger.sqlite").chmod(0o400)
    before = stranger.creates()
    folder.chmod(0o500)

    ended = as_anybody(fleet_backup, tmp_path).run("run", "FLEET", "--run-key", "second", **options)

    folder.chmod(0o700)
    assert_refused(ended, "ledger.sqlite")
    assert stranger.creates() == before


def as_anybody(fleet_backup: FleetBackup, folder: Path) -> FleetBackup:
    """The same program without root's right to write everywhere."""
    if os.geteuid() != 0:
        return fleet_backup
    program = folder / "fleet-backup"
    rights = "-dac_override,-dac_read_search,-fowner"
    program.write_text(f'#!/bin/sh\nexec setpriv --bounding-set={rights} "{fleet_backup.program}" "$@"\n')
    program.chmod(0o700)
    return replace(fleet_backup, program=program, forks=None)
