"""`deploy` on a real Prefect server: what it makes, what it leaves alone, and what it notices."""

import contextlib
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectNotFound

from cli.deployments.deploy import report_of
from cli.deployments.states import removals, runs_of
from deployments.choices import Choices, chosen_declarations
from deployments.declaration import Declaration, shipped_file
from deployments.registration.registration import Prepared, prepare, register
from deployments.registration.served import served_runs
from deployments.registration.work_pool import ensure_pool
from deployments.schedule_entry import ScheduleEntry
from tests.documents import valid

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def declared() -> list[Declaration]:
    return chosen_declarations(shipped_file(), Choices(fleet=Path("/srv/fleet.yaml")))


async def deploy(wanted: list[Declaration]) -> Prepared:
    prepared = await prepare(wanted, on_pool=True)
    await register(prepared)
    return prepared


def changes(prepared: Prepared) -> list[str]:
    return [one.change for one in prepared.deployments]


async def test_a_second_deploy_changes_nothing_and_one_that_left_the_file_is_noticed() -> None:
    await ensure_pool("fleet-backup")
    assert await ensure_pool("fleet-backup") == "exists"
    first = await deploy(declared())
    assert changes(first) == ["created"] * 7
    assert changes(await deploy(declared())) == ["unchanged"] * 7

    without_hourly = [one for one in declared() if one.name != "hourly"]
    without_hourly[0].parameters["verify"] = False
    third = await deploy(without_hourly)
    assert changes(third) == ["changed", *["unchanged"] * 5]
    assert third.orphans == ("fleet_backup/hourly",)


async def test_what_deploy_did_is_told_to_programs_too() -> None:
    await ensure_pool("fleet-backup")
    prepared = await deploy([one for one in declared() if one.name in ("nightly", "continue")])
    text = report_of(prepared, {"fleet-backup": "exists"}, None).model_dump_json()
    report = valid("deploy", text)
    assert report["work_pools"] == [{"name": "fleet-backup", "state": "exists"}]
    nightly, silent = report["deployments"]
    schedule = {"schedule": "Every Day at 01:30", "timezone": "UTC", "active": True, "added_in_ui": False}
    assert (nightly["name"], nightly["schedules"]) == ("fleet_backup/nightly", [schedule])
    assert (silent["schedules"], report["warning"]) == ([], "")


async def test_what_is_served_is_shown_as_people_changed_it() -> None:
    await ensure_pool("fleet-backup")
    wanted = [one for one in declared() if one.name in ("nightly", "continue", "one-server")]
    for one in wanted:
        for entry in one.schedules:
            entry.timezone = "Europe/Berlin"
    await deploy(wanted)
    async with get_client() as client:
        nightly = await client.read_deployment_by_name("fleet_backup/nightly")
        await client.create_deployment_schedules(
            nightly.id, [DeploymentScheduleCreate(schedule=CronSchedule(cron="0 12 * * *"), active=False)]
        )
        found = [each for each in await served_runs(2, NOON) if each.deployment in {one.name for one in wanted}]
        await client.delete_deployment(nightly.id)
    shown = {(each.deployment, each.schedule): each for each in found}
    ours = shown["nightly", "Every Day at 01:30"]
    assert [moment.isoformat() for moment in ours.next_runs] == [f"2026-11-{day}T01:30:00+01:00" for day in (24, 25)]
    assert (ours.timezone, ours.active) == ("Europe/Berlin", True)
    assert not shown["nightly", "Every Day at 12:00"].active
    assert shown["continue", None].trigger.startswith("A run has sent no sign of life")
    assert shown["one-server", None].starts == "manual"


@pytest.fixture
def git_repository(tmp_path: Path) -> Path:
    """An operator's own repository with a remote, from which Prefect would take a deployment's version."""
    for command in (
        ["init", "--quiet"],
        ["remote", "add", "origin", "https://example.com/operations.git"],
        ["-c", "user.name=o", "-c", "user.email=o@example.com", "commit", "--quiet", "--allow-empty", "-m", "first"],
    ):
        subprocess.run(["git", *command], check=True, cwd=tmp_path)  # noqa: S607
    return tmp_path


async def test_the_git_repository_that_deploy_is_called_in_is_no_change(
    git_repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ensure_pool("fleet-backup")
    monkeypatch.chdir(git_repository)
    await deploy(declared())
    assert changes(await deploy(declared())) == ["unchanged"] * 7


async def test_a_schedule_that_was_switched_off_in_the_ui_stays_off() -> None:
    await ensure_pool("fleet-backup")
    await deploy(declared())
    async with get_client() as client:
        nightly = await client.read_deployment_by_name("fleet_backup/nightly")
        await client.update_deployment_schedule(nightly.id, nightly.schedules[0].id, active=False)
        changed = declared()
        changed[0].parameters["verify"] = True
        await deploy(changed)
        (schedule,) = (await client.read_deployment_by_name("fleet_backup/nightly")).schedules
    assert not schedule.active


async def nightly_there() -> DeploymentResponse:
    async with get_client() as client:
        return await client.read_deployment_by_name("fleet_backup/nightly")


def with_nightly(*entries: dict[str, object]) -> list[Declaration]:
    wanted = declared()
    wanted[0].schedules = [ScheduleEntry.model_validate(entry) for entry in entries]
    return wanted


EARLY: dict[str, object] = {"slug": "early", "cron": "0 2 * * *"}
LATE: dict[str, object] = {"slug": "late", "every": "Every Day", "at": "05:00", "timezone": "Europe/Berlin"}


@pytest.mark.parametrize("added", [False, True], ids=["ours alone", "beside one that a person added"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([EARLY, LATE], [LATE]),
        ([EARLY], []),
        ([EARLY], [{**EARLY, "slug": "renamed"}]),
        ([EARLY], [LATE]),
        ([EARLY], [{**EARLY, "cron": "0 3 * * *"}]),
        ([EARLY], [{**EARLY, "parameters": {"verify": False}}]),
        ([], [LATE]),
    ],
    ids=["taken out", "the last taken out", "renamed", "replaced", "other time", "other parameters", "the first"],
)
async def test_the_schedules_of_a_deployment_are_those_of_the_file_and_those_that_people_added(
    before: list[dict[str, object]], after: list[dict[str, object]], added: bool
) -> None:
    await ensure_pool("fleet-backup")
    await remove_nightly()
    await deploy(with_nightly(*before))
    if added:
        await add_in_the_ui("7 7 * * *")

    assert changes(await deploy(with_nightly(*after)))[0] == "changed"

    there = (await nightly_there()).schedules
    ours = {each.slug: (each.schedule, each.parameters) for each in there if each.slug}
    wanted = {one.slug: (one.value(), one.parameters) for one in with_nightly(*after)[0].schedules}
    assert ours == wanted
    assert [each.schedule for each in there if not each.slug] == [CronSchedule(cron="7 7 * * *")] * added
    again = await deploy(with_nightly(*after))
    assert changes(again)[0] == "unchanged"
    assert len(again.deployments[0].schedules.added) == added


async def test_what_people_added_in_the_ui_survives_another_change_and_is_reported_with_the_real_states() -> None:
    await ensure_pool("fleet-backup")
    await remove_nightly()
    await deploy(with_nightly(EARLY, LATE))
    await add_in_the_ui("7 7 * * *")
    async with get_client() as client:
        there = await nightly_there()
        (early,) = [each for each in there.schedules if each.slug == "early"]
        await client.update_deployment_schedule(there.id, early.id, active=False)

    changed = with_nightly({**EARLY, "slug": "renamed"})
    changed[0].parameters["verify"] = False
    prepared = await deploy(changed)

    shown = "Every Day at 02:00 (UTC): off, Every Day at 07:07 (UTC), added in the UI"
    assert runs_of(prepared.deployments[0]) == shown
    assert runs_of((await deploy(changed)).deployments[0]) == shown
    assert "fleet_backup/nightly: schedule late removed, Every Day at 05:00 (Europe/Berlin)" in removals(prepared)


async def test_a_deployment_that_was_on_a_pool_is_taken_back_from_its_workers_by_serve() -> None:
    await ensure_pool("fleet-backup")
    await deploy(declared())
    await register(await prepare(declared(), on_pool=False))
    assert (await nightly_there()).work_pool_name is None


async def add_in_the_ui(cron: str) -> None:
    async with get_client() as client:
        await client.create_deployment_schedules(
            (await nightly_there()).id, [DeploymentScheduleCreate(schedule=CronSchedule(cron=cron))]
        )


async def remove_nightly() -> None:
    async with get_client() as client:
        with contextlib.suppress(ObjectNotFound):
            await client.delete_deployment((await nightly_there()).id)
