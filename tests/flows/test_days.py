"""What runs and audits leave in the ledger for the status page, on a real Prefect server."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.ledger.database.schema import runs
from fleet.ledger.days.reading import TargetState, day_reader
from fleet.report.progress import listening
from fleet.settings import settings as environment
from flows.fleet_audit import fleet_audit
from flows.fleet_backup import fleet_backup
from tests.flows.conftest import Api, Ear
from tests.unit.fleet.ledger.ledgers import connected

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]


async def states() -> list[TargetState]:
    async with day_reader(environment.load().ledger_url()) as reader:
        return sorted(await reader.targets(), key=lambda state: state.application)


async def test_a_run_and_an_audit_note_each_target_and_write_the_page_and_a_dry_run_does_not(
    api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sandbox = api({"kind": "fail", "application": 4246}, servers=1, applications=2)
    monkeypatch.setenv("FLEET_BACKUP_PAGE_FOLDER", str(tmp_path / "page"))
    index = tmp_path / "page" / "index.html"
    with listening(ear):
        await fleet_backup(sandbox.fleet, dry_run=True, return_state=True)
        assert await states() == []
        assert not index.exists()
        await fleet_backup(sandbox.fleet, return_state=True)
    broken, fine = await states()
    assert [each.outcome for each in (broken, fine)] == ["unverified", "verified"]
    assert (broken.good_at, fine.max_age, fine.fleet) == (None, 26 * 3600, sandbox.fleet.stem)
    assert broken.outcome_reason
    assert fine.good_at
    async with connected(environment.load().ledger_url()) as connection:
        assert (await connection.scalars(runs.select().with_only_columns(runs.c.noted))).all() == [True]
    assert "1 of 2 sites has a good backup younger than 26 h" in index.read_text("utf-8")
    await fleet_audit(sandbox.fleet, return_state=True)
    assert '"grade":"ej"' in index.read_text("utf-8"), "unproven, fine"
    again, seen = await states()
    assert (again.status, seen.status) == ("unproven", "fine")
    assert seen.good_mb
    assert seen.good_at == pytest.approx(fine.good_at, abs=60), "the run and the panel mean the same backup"
