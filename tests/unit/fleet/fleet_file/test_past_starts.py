"""A start time in the past is a mistake, unless the ledger knows that the plan was sent: it may exist by now."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.fleet_file.mistakes import FleetFileError
from fleet.fleet_file.resolution import resolve
from fleet.inventory.request import START_FORMAT
from fleet.ledger.entry_rows import Subject
from fleet.ledger.store import Ledger
from fleet.observed.observed import Listed
from fleet.report.outcome import Outcome
from fleet.selection.loading import load_inventory
from fleet.selection.rules import Host, targets_of
from fleet.serveravatar.models import Application, Server
from tests.create_bodies import PLAN
from tests.unit.fleet.builders import plan, target
from tests.unit.fleet.ledger.ledgers import entry

pytestmark = pytest.mark.anyio
NOW = datetime(2030, 7, 13, 17, 49, tzinfo=UTC)
LATER = {**PLAN, "start_backup_from_now": False, "start_backup": "2030-07-13 03:00"}
FILE = {"organization": 5, "servers": [{"id": 15, "defaults": LATER, "backups": [{}, {"application_id": 4247}]}]}
KEYS = [
    target(plan(application_id=number, start_backup_from_now=False, start_backup="2030-07-13 03:00")).key("")
    for number in (4246, 4247)
]
PAST = "servers[0].defaults.start_backup: must be in the future (it is now 2030-07-13 17:49 UTC)"


@pytest.fixture
def anyio_backend() -> str:
    """A ledger's threads need real time."""
    return "asyncio"


def mistakes_of(sent_plans: list[str]) -> list[str]:
    try:
        resolve(FILE, NOW, "fleet.yaml", sent_plans)
    except FleetFileError as error:
        return [str(mistake).split(" (given")[0] for mistake in error.mistakes]
    return []


def test_a_start_in_the_past_is_a_mistake_as_long_as_one_plan_that_has_it_was_not_sent() -> None:
    assert mistakes_of([]) == [PAST]
    assert mistakes_of(KEYS[:1]) == [PAST]
    assert mistakes_of(KEYS) == []


@given(minutes=st.integers(-10_000, 10_000), was_sent=st.booleans())
def test_a_start_is_taken_exactly_where_it_is_in_the_future_or_the_plan_was_sent(minutes: int, was_sent: bool) -> None:
    start = f"{NOW + timedelta(minutes=minutes):{START_FORMAT}}"
    file = {"organization": 5, "servers": [{"id": 15, "backups": [{**LATER, "start_backup": start}]}]}
    try:
        (found,) = resolve(file, NOW, "fleet.yaml", KEYS[:1] if was_sent else []).targets
        assert found.request.start_backup == start
    except FleetFileError:
        assert not was_sent
        assert minutes <= 0
    else:
        assert was_sent or minutes > 0


def test_other_mistakes_of_a_plan_that_was_sent_are_told_with_its_start() -> None:
    file = {"organization": 5, "servers": [{"id": 15, "backups": [{**LATER, "schedule": "Every Now"}]}]}
    with pytest.raises(FleetFileError) as caught:
        resolve(file, NOW, "fleet.yaml", KEYS)
    assert {mistake.location[-1] for mistake in caught.value.mistakes} == {"schedule", "start_backup"}


@pytest.mark.parametrize(
    ("changes", "is_mistake"),
    [
        ({"outcome": Outcome.CREATED, "attempts": 1}, False),
        ({"outcome": Outcome.IN_DOUBT, "attempts": 1, "doubtful": True}, False),  # Its first backup may tell by now.
        ({"outcome": Outcome.REJECTED, "attempts": 1}, True),
        ({}, True),  # Claimed and never sent.
    ],
)
async def test_the_ledger_says_which_plans_were_sent(tmp_path: Path, changes: dict[str, Any], is_mistake: bool) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    wanted = [(replace(entry(automatic=True), key=key, **changes), Subject(5, 15, "web", 1, "shop")) for key in KEYS]
    async with Ledger(url) as ledger:
        await ledger.claim(wanted)
    assert await is_refused(tmp_path, url) is is_mistake


async def test_a_ledger_that_is_not_there_is_empty_and_is_not_made(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    assert await is_refused(tmp_path, f"sqlite:///{folder}/ledger.sqlite")
    assert not folder.exists()


async def is_refused(folder: Path, url: str) -> bool:
    fleet_file = folder / "fleet.yaml"
    fleet_file.write_text(json.dumps(FILE), "utf-8")
    try:
        await load_inventory(fleet_file, [], NOW, None, url)
    except FleetFileError as error:
        return "must be in the future" in str(error)
    return False


INHERITED = {name: value for name, value in LATER.items() if name not in {"application_id", "database_id"}}
RULE = {"organization": 5, "select": [{"defaults": INHERITED}]}


def found_by_the_rule(sent_plans: list[str]) -> dict[int, str]:
    """What is in the way of the plan of each application that the rule finds."""
    (rule,) = resolve(RULE, NOW, "fleet.yaml", sent_plans).rules
    applications = {15: {number: Application(id=number, server_id=15) for number in (4246, 4247)}}
    (targets,), _ = targets_of([Host(rule, Server(id=15))], {5: Listed(applications=applications)}, [])
    return {each.request.application_id: each.problem for each in targets}


def test_of_what_a_rule_finds_the_plans_that_were_sent_stay_and_no_other_can_be_made() -> None:
    with pytest.raises(FleetFileError, match=r"select\[0\]\.defaults\.start_backup: must be in the future"):
        found_by_the_rule([])
    sent = target(plan(database_id=None, start_backup_from_now=False, start_backup="2030-07-13 03:00")).key("")
    passed = "start_backup 2030-07-13 03:00 has passed; give a new one"
    assert found_by_the_rule([sent]) == {4246: "", 4247: passed}
