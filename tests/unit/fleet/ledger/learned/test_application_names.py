"""Names from the ledger, for what the API does not show."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.ledger.entry_rows import Subject
from fleet.ledger.learned.application_names import named_before
from fleet.ledger.store import Ledger
from fleet.observed.observed import Observed, ObservedOrganization
from fleet.observed.preconditions import missing
from fleet.serveravatar.models import Application, Server
from tests.unit.fleet.builders import instant, target
from tests.unit.fleet.ledger.ledgers import entry

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
DOWN = target()
SEEN = Observed({5: ObservedOrganization(servers={15: Server(id=15, name="web-0001")})})


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/ledger.sqlite"


async def record(url: str, *names: str, server_id: int = 15, organization: int = 5) -> None:
    """Entries of one application, a second apart."""
    async with Ledger(url) as ledger:
        for number, name in enumerate(names):
            ledger.now = lambda number=number: NOON + number  # type: ignore[method-assign, misc] # the clock, by hand
            made = entry(server_id * 100 + organization * 10 + number)
            await ledger.claim([(made, Subject(organization, server_id, "web-0001", 4246, name))])


async def test_what_is_not_shown_now_has_its_newest_name_and_is_not_proven_to_be_there(url: str) -> None:
    await record(url, "shop", "new-shop", "application 4246")
    await record(url, "other", server_id=16)
    await record(url, "elsewhere", organization=6)
    named = await named_before(url, SEEN, [DOWN])
    assert named.application_name(DOWN) == "new-shop"
    looked_at = Observed({5: ObservedOrganization(servers=SEEN.organizations[5].servers, applications={15: {}})})
    named = await named_before(url, looked_at, [DOWN])
    assert named.application_name(DOWN) == "new-shop"
    assert missing(DOWN, named) == "application 4246 is not on server 15"


async def test_what_the_api_shows_is_named_as_it_says(url: str) -> None:
    await record(url, "shop")
    shown = Observed({5: ObservedOrganization(applications={15: {4246: Application(id=4246, name="now")}})})
    assert (await named_before(url, shown, [DOWN])).application_name(DOWN) == "now"
    beside = Observed({5: ObservedOrganization(beside={15: {1: Application(id=1, name="one")}})})
    both = await named_before(url, beside, [DOWN, other := target(instant(application_id=1))])
    assert [both.application_name(each) for each in (DOWN, other)] == ["shop", "one"]


async def test_without_a_ledger_or_with_one_that_cannot_be_read_nothing_is_named_and_nothing_is_made(
    tmp_path: Path,
) -> None:
    (tmp_path / "broken").write_text("no ledger" * 1000, "utf-8")
    for name in ("missing", "broken"):
        assert await named_before(f"sqlite:///{tmp_path}/{name}", SEEN, [DOWN]) == SEEN
    assert not (tmp_path / "missing").exists()
