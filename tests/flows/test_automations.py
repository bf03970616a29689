"""The shipped automations on a real Prefect server: there once, as shipped, and nobody else's are touched."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.blocks.system import Secret
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.events import emit_event
from prefect.events.actions import DoNothing, SendNotification
from prefect.events.schemas.automations import Automation, AutomationCore, EventTrigger, Posture
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Failed

from deployments.automations_report import AutomationsReport
from deployments.install_automations import TAG, AutomationsError, install, remove, shipped
from deployments.server.check import PrefectServerError
from fleet.monitoring.events import Ending, of_bad_runs, of_fleet
from flows.all_fleets import all_fleets
from flows.fleet_backup import fleet_backup
from tasks.telling.final_state import INCOMPLETE
from tests.documents import valid
from tests.monitor import Monitor

pytestmark = pytest.mark.anyio
NAMES = [
    "fleet-backup: not all fleets are backed up",
    "fleet-backup: audit found something",
    "fleet-backup: several bad runs in a row",
    "fleet-backup: no run in time",
    "fleet-backup: run failed",
    "fleet-backup: run does not begin",
    "fleet-backup: run with warnings",
    "fleet-backup: targets without a backup",
    "fleet-backup: targets well again",
]
ALL = len(NAMES)
HOURS_CHANGED = ["updated" if name == "fleet-backup: no run in time" else "unchanged" for name in NAMES]


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    asyncio.run(remove(dry_run=False))


OF_A_DEPLOYMENT = "fleet-backup: run silent"
"""Made by `deploy`, and not by `automations install`."""


async def there() -> list[Automation]:
    async with get_client() as client:
        found = await client.read_automations()
    return [each for each in found if each.name != OF_A_DEPLOYMENT]


async def done(notify: str | None = None, hours: float | None = None, *, dry_run: bool = False) -> list[str]:
    return [change.done for change in await install(notify, hours, dry_run=dry_run)]


async def test_what_would_change_is_told_to_programs_too() -> None:
    changes = await install(None, None, dry_run=True)
    report = valid("automations", AutomationsReport(dry_run=True, automations=changes).model_dump_json())
    assert [(each["name"], each["done"]) for each in report["automations"]] == [(name, "created") for name in NAMES]


async def test_they_are_installed_once_and_kept_as_shipped() -> None:
    assert await done(dry_run=True) == ["created"] * ALL
    assert await there() == []
    assert await done() == ["created"] * ALL
    first = {automation.name: automation.id for automation in await there()}
    assert sorted(first) == sorted(NAMES)
    assert await done() == ["unchanged"] * ALL
    assert await done(hours=50) == HOURS_CHANGED
    assert {automation.name: automation.id for automation in await there()} == first
    triggers = {automation.name: automation.trigger for automation in await there()}
    no_run = triggers["fleet-backup: no run in time"]
    assert isinstance(no_run, EventTrigger)
    assert no_run.within.total_seconds() == 50 * 3600
    assert [change.done for change in await remove(dry_run=False)] == ["removed"] * ALL
    assert await there() == []


async def test_what_is_not_ours_stays_and_what_is_twice_or_no_longer_shipped_goes() -> None:
    ours = shipped(None, None)
    theirs = ours[0].model_copy(update={"tags": []})  # Of the same name, by somebody else.
    retired = ours[0].model_copy(update={"name": "fleet-backup: of an older version"})
    async with get_client() as client:
        kept = await client.create_automation(theirs)
        for each in (retired, ours[0], ours[0]):
            await client.create_automation(each)
        try:
            assert await done() == ["unchanged", *["created"] * (ALL - 1), "removed", "removed"]
            await remove(dry_run=False)
            assert [automation.id for automation in await there()] == [kept]
        finally:
            await client.delete_automation(kept)


async def test_one_that_a_person_has_paused_stays_paused() -> None:
    await done()
    paused = next(automation for automation in await there() if automation.name == NAMES[1])
    async with get_client() as client:
        await client.pause_automation(paused.id)
    assert await done(hours=50) == HOURS_CHANGED
    assert [automation.enabled for automation in await there() if automation.id == paused.id] == [False]


async def test_a_block_to_notify_must_be_there_and_able_to() -> None:
    await Secret(value="x").asave("no-bell", overwrite=True)
    for block, problem in {
        "ops": "must name a block as in `prefect block ls`",
        "slack-webhook/nobody": "no such block",
        "secret/no-bell": "cannot send notifications",
    }.items():
        with pytest.raises(AutomationsError, match=f"--notify {block}: .*{problem}"):
            await done(block)
    assert await there() == []


async def test_without_a_server_it_is_said_what_is_needed() -> None:
    with (
        temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}),
        pytest.raises(PrefectServerError, match="does not respond"),
    ):
        await done()


async def test_the_notified_block_hears_of_bad_runs(monitor: Monitor) -> None:
    """An event of the flow's goes through the server's triggers and templates to the people."""
    url = f"{monitor.url}/bell"
    body = {"subject": "{{subject}}", "body": "{{body}}"}
    await CustomWebhookNotificationBlock(name="bell", url=url, json_data=body).asave("bell", overwrite=True)
    await done("custom-webhook/bell")
    actions = {automation.name: automation.actions for automation in await there()}
    assert all(isinstance(actions[name][0], SendNotification) for name in NAMES)
    async with get_client() as client:
        flow_run = await client.create_flow_run(fleet_backup, parameters={"fleet_file": "shops.yaml"}, name="the night")
    related = [{"prefect.resource.id": f"prefect.flow-run.{flow_run.id}", "prefect.resource.role": "flow-run"}]
    repeated = of_bad_runs("shops", [Ending.FAILED] * 3, "1 rejected (web-0002: no room)")
    assert repeated
    await asyncio.sleep(1)  # The triggers read the automations anew.
    for event in (of_fleet("shops", Ending.WITH_WARNINGS, "1 rejected (web-0002: no room)", None), repeated):
        emit_event(event.name, resource=event.resource, related=related, payload=event.payload)
    EventsWorker.drain_all(timeout=10)
    for _ in range(600):
        if len(monitor.told) == 2:
            break
        await asyncio.sleep(0.1)
    heard = " ".join(body.decode() for _, _, body in monitor.told)
    assert "fleet-backup: run with warnings" in heard
    assert "fleet-backup: several bad runs in a row" in heard
    assert "shops: 1 rejected (web-0002: no room)" in heard
    assert "the night" in heard


async def test_of_fleets_that_are_backed_up_together_only_the_one_verdict_is_told(monitor: Monitor) -> None:
    url = f"{monitor.url}/bell"
    body = {"subject": "{{subject}}", "body": "{{body}}"}
    await CustomWebhookNotificationBlock(name="bell", url=url, json_data=body).asave("bell", overwrite=True)
    await done("custom-webhook/bell")
    await asyncio.sleep(1)  # The triggers read the automations anew.
    async with get_client() as client:
        of_one = {"fleet_file": "acme.yaml", "fleet": "acme"}
        quiet = await client.create_flow_run(fleet_backup, parameters=of_one, name="back up acme · all-fleets")
        alone = await client.create_flow_run(fleet_backup, parameters=of_one, name="back up acme · nightly")
        both = await client.create_flow_run(all_fleets, parameters={"fleets": ["acme"]}, name="back up all fleets")
        ends: list[tuple[UUID, State[Any]]] = [
            (quiet.id, Failed(message="quiet")),
            (alone.id, Failed(message="alone")),
            (both.id, Failed(name=INCOMPLETE, message="0 of 1 fleets done; acme: no token")),
        ]
        for run_id, state in ends:
            await client.set_flow_run_state(run_id, state, force=True)
    resource = of_fleet("acme", Ending.WITH_WARNINGS, "quiet", None).resource | {"fleet-backup.together": "yes"}
    emit_event("fleet-backup.fleet.with-warnings", resource=resource, payload={"verdict": "quiet"})
    EventsWorker.drain_all(timeout=10)
    for _ in range(600):
        if len(monitor.told) >= 2:
            break
        await asyncio.sleep(0.1)
    heard = sorted(body.decode() for _, _, body in monitor.told)
    assert len(heard) == 2
    assert "fleet-backup: not all fleets are backed up" in heard[0]
    assert "0 of 1 fleets done; acme: no token" in heard[0]
    assert "fleet-backup: run failed" in heard[1]
    assert "alone" in heard[1]


def test_without_a_block_they_do_what_every_server_can() -> None:
    kinds = {automation.name: type(automation.actions[0]) for automation in shipped(None, None)}
    assert set(kinds.values()) == {DoNothing}


@pytest.mark.parametrize("automation", shipped(None, None), ids=lambda automation: automation.name)
def test_each_says_what_it_watches(automation: AutomationCore) -> None:
    assert automation.tags == [TAG]
    assert len(automation.description) > 50
    assert isinstance(automation.trigger, EventTrigger)
    assert automation.trigger.for_each == {"prefect.resource.id"}
    if automation.trigger.posture == Posture.Proactive:
        assert automation.trigger.after
