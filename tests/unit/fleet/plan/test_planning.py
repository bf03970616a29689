"""What is read to find out what a run would do: the ledger once, the backup list only where that is needed."""

from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import pytest

from fleet.backup_list.backup_list import BackupList
from fleet.creation.intent import Asked, Intent, body_of
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry
from fleet.ledger.store import Ledger
from fleet.plan.planning import MOST_PAGES, Lists, intents_of
from fleet.proof.sought import Mark
from fleet.report.outcome import Outcome
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.wire import Call
from tests.unit.fleet.builders import FakeApi, backup_row, instant, plan, target
from tests.unit.fleet.ledger.ledgers import SHOP

pytestmark = pytest.mark.anyio
PATH = "/organizations/5/backups"
ASKED = Asked("monday", update_plans=True)
FRESH, LOST, SEEN = (target(instant(application_id=number), place=str(number)) for number in (1, 2, 3))
HOURLY = target(plan(application_id=4, schedule="Every Hour"))


@pytest.fixture
def anyio_backend() -> str:
    """A ledger's threads need real time."""
    return "asyncio"


def doubtful(of: Target) -> Entry:
    return Entry(
        of.key("monday"), "monday", of.request.automatic_backup, 1, doubtful=True, before=Mark(300, 70, exact=True)
    )


def existing(of: Target, schedule: str) -> Entry:
    body = {**of.request.body(), "schedule": schedule}
    return replace(doubtful(of), doubtful=False, outcome=Outcome.CREATED, request=body)


async def found_out(
    api: FakeApi, folder: Path, *wanted: Target, entries: tuple[Entry, ...] = (), problem: str | None = None
) -> tuple[list[Intent], Lists]:
    url = f"sqlite:///{folder}/ledger.sqlite"
    if entries:
        async with Ledger(url) as ledger:
            await ledger.claim([(each, SHOP) for each in entries])
    lists = Lists(cache(partial(BackupList, api.send)))
    return await intents_of(wanted, [problem] * len(wanted), ASKED, url, lists), lists


def said(intents: list[Intent]) -> list[str]:
    return [str(intent.action) for intent in intents]


def named(of: Target, number: int) -> dict[str, object]:
    return backup_row(number, f"nightly {body_of(of, 'monday')['name']}")


async def test_without_doubt_nothing_is_read_but_the_ledger(tmp_path: Path) -> None:
    api = FakeApi({PATH: []})
    intents, lists = await found_out(api, tmp_path, FRESH, HOURLY, entries=(existing(HOURLY, "Every Hour"),))
    assert said(intents) == ["create", "nothing"]
    assert api.sent == []
    assert lists.pages == 0


async def test_all_that_is_in_doubt_is_looked_for_in_one_reading(tmp_path: Path) -> None:
    api = FakeApi({PATH: [named(SEEN, 322), *(backup_row(number) for number in range(321, 250, -1))]})
    intents, lists = await found_out(api, tmp_path, FRESH, LOST, SEEN, entries=(doubtful(LOST), doubtful(SEEN)))
    assert said(intents) == ["create", "create", "adopt"]
    assert lists.pages == len(api.sent) == 3, "back to where the list ended before they were sent, and no further"


async def test_a_list_that_cannot_be_read_is_the_reason(tmp_path: Path) -> None:
    api = FakeApi({})
    api.answers[PATH] = ApiError(Call.LIST_BACKUPS, Meaning.IN_DOUBT, "Something went really wrong!", 500)
    (intent,), _ = await found_out(api, tmp_path, LOST, entries=(doubtful(LOST),))
    assert (intent.action, intent.outcome) == ("refuse", Outcome.IN_DOUBT)
    assert "Something went really wrong!" in intent.reason


async def test_the_id_of_a_plan_that_is_to_be_changed_is_looked_for_among_the_newest(tmp_path: Path) -> None:
    its = backup_row(320, backup_config_id=71, application_id=4, database_id=4223, cloud_storage_provider_id=10)
    others = [backup_row(number) for number in range(319, 0, -1)]
    api = FakeApi({PATH: [its, *others]})
    (intent,), _ = await found_out(api, tmp_path, HOURLY, entries=(existing(HOURLY, "Every Day"),))
    assert (intent.action, intent.reason) == ("update", "")
    assert len(api.sent) == MOST_PAGES
    api = FakeApi({PATH: others})
    (intent,), _ = await found_out(api, tmp_path, HOURLY)
    assert (intent.action, intent.reason) == ("update", "if an older backup shows its id")
    api = FakeApi({PATH: others[:5]})
    (intent,), _ = await found_out(api, tmp_path, HOURLY)
    assert intent.action == "nothing"
    assert intent.differences == {"schedule": ("Every Day", "Every Hour")}


async def test_what_cannot_be_backed_up_is_looked_for_nowhere(tmp_path: Path) -> None:
    api = FakeApi({PATH: []})
    intents, _ = await found_out(api, tmp_path, LOST, entries=(doubtful(LOST),), problem="disk 99 % full")
    assert said(intents) == ["refuse"]
    assert api.sent == []
