"""Whatever dialect is drawn: the sandbox speaks it, the list shows what it should, and the truth stays told."""

import asyncio
import tempfile
from pathlib import Path

import httpx
from hypothesis import given, settings

from sandbox.app import running_app
from sandbox.dialects.dialect import Dialect
from sandbox.dialects.reading import read_dialect
from sandbox.settings import SandboxSettings
from sandbox.world.world import build_fleet_world
from tests.contract.sandbox.calls import BACKUPS, create, settled
from tests.contract.sandbox.drawn import dialects


@settings(max_examples=25)
@given(dialects())
def test_any_dialect_is_spoken_and_the_truth_is_told(dialect: Dialect) -> None:
    with tempfile.TemporaryDirectory() as folder:
        build_fleet_world(Path(folder), servers=1, applications_per_server=1, tiny=True)
        asyncio.run(_speak(Path(folder), dialect))


async def _speak(folder: Path, dialect: Dialect) -> None:
    plain = SandboxSettings(folder, backup_seconds=0.0, clock_factor=0.0, requests_per_minute=None, dialect=dialect)
    async with (
        running_app(plain) as app,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="https://x.test", headers={"Authorization": plain.token}
        ) as client,
    ):
        assert (await create(client)).json()["message"] == dialect.instant_accepted
        await client.post("/_sandbox/clock", json={"advance_seconds": dialect.shows_after})
        [truth] = await settled(client)
        shown = (await client.get(BACKUPS)).json()
        spoken = (await client.get("/_sandbox/dialect")).json()["dialect"]
    [row] = shown if dialect.plain_lists else shown["data"]
    assert str(row["id"]) == str(truth["id"])
    assert row["status"] == dialect.completed_status
    assert (truth["status"], truth["backup_configuration"]["name"]) == ("Completed", "nightly")
    assert read_dialect([spoken]) == dialect
