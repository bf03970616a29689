"""What is noted of targets and their days: once or twice, in whatever order, on SQLite and on PostgreSQL alike."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from fleet.ledger.days.reading import TargetState
from fleet.ledger.days.seen import SeenTarget
from tests.unit.fleet.ledger.days.days import at, audited, days, ran, seen, states
from tests.unit.fleet.reports import MIDNIGHT

pytestmark = pytest.mark.anyio


async def only(url: str) -> TargetState:
    (state,) = await states(url)
    return state


async def test_a_missing_ledger_has_no_targets(url: str) -> None:
    if url.startswith("sqlite"):
        assert await states(url) == []
        assert await days(url) == []


async def test_a_run_and_an_audit_of_one_day_are_both_there(url: str) -> None:
    await ran(url, 1, seen(good_at=at(1), domain="a.example.org"))
    await audited(url, 7, seen(standing="fine", good_at=at(1.01), good_mb=5.4, database="shop"))
    state = await only(url)
    assert (state.outcome, state.status, state.good_at, state.good_mb) == (
        "verified",
        "fine",
        at(1.01).timestamp(),
        5.4,
    )
    assert (state.fleet, state.server_id, state.application_id, state.max_age) == ("fleet", 15, 4001, 26 * 3600)
    (day,) = await days(url)
    assert day.day == MIDNIGHT.date()
    assert (day.outcome, day.status, day.good_mb) == ("verified", "fine", 5.4)
    assert (day.outcome_at, day.status_at) == (at(1 + 1 / 60).timestamp(), at(7).timestamp())


@pytest.mark.parametrize(
    ("outcomes", "stands"),
    [
        (["rejected", "verified"], "verified"),
        (["verified", "rejected"], "verified"),
        (["verified", "adopted"], "verified"),
        (["created", "adopted", "unmet"], "adopted"),
        (["in_doubt", "created"], "created"),
        (["rejected", "unmet"], "unmet"),
        (["unmet", "rejected"], "rejected"),
    ],
)
async def test_of_a_day_the_best_outcome_stands_and_of_failures_the_last(
    url: str, outcomes: list[str], stands: str
) -> None:
    for hour, outcome in enumerate(outcomes):
        await ran(url, hour, seen(standing=outcome, reason=f"why {outcome}"))
    (day,) = await days(url)
    assert (day.outcome, day.outcome_reason) == (stands, f"why {stands}")
    assert (await only(url)).outcome == outcomes[-1], "of the target itself, the last"


async def test_a_run_that_ends_after_midnight_belongs_to_the_day_on_which_it_began(url: str) -> None:
    await ran(url, 23.995, seen())
    await ran(url, 47.9, seen(standing="rejected"))
    assert [(day.day - MIDNIGHT.date(), day.outcome) for day in await days(url)] == [
        (timedelta(0), "verified"),
        (timedelta(1), "rejected"),
    ]


async def test_it_does_not_matter_when_what_is_noted(url: str) -> None:
    """Two workers, or a run that is noted by the next one: as if all had been noted in the order in which it was."""
    found = []
    for number, order in enumerate(permutations(range(4))):
        target: dict[str, Any] = {"application_id": number}
        steps = (
            lambda target=target: ran(
                url, 1, seen(standing="rejected", reason="full", server="old", **target), scope="part"
            ),
            lambda target=target: ran(url, 2, seen(good_at=at(2), **target), scope="part"),
            lambda target=target: audited(
                url, 3, seen(standing="shrunk", good_at=at(2), good_mb=0.5, **target), whole=False
            ),
            lambda target=target: ran(url, 4, seen(good_at=at(4), server="new", **target), scope="part"),
        )
        for step in order:
            await steps[step]()
        (state,) = [each for each in await states(url) if each.application_id == number]
        (day,) = await days(url, seen(**target))
        shown = (state.server, state.outcome, state.status, state.good_at, state.good_mb)
        found.append((shown, day.outcome, day.outcome_at, day.status, day.good_at, day.good_mb))
    four = at(4 + 1 / 60).timestamp()
    assert set(found) == {
        (("new", "verified", "shrunk", at(4).timestamp(), 0.5), "verified", four, "shrunk", at(4).timestamp(), 0.5)
    }


async def test_an_audit_corrects_what_a_run_before_it_has_claimed_but_not_what_came_after(url: str) -> None:
    await ran(url, 1, seen(good_at=at(1)))
    await audited(url, 3, seen(standing="never", reason="no backup found"))
    assert (await only(url)).good_at is None, "it was deleted in the panel"
    await ran(url, 5, seen(good_at=at(5)))
    await audited(url, 4, seen(standing="never", reason="no backup found"))
    assert (await only(url)).good_at == at(5).timestamp()


@pytest.mark.parametrize("scope", ["all", "instant", "plans", "part", "unknown"])
async def test_what_a_whole_run_no_longer_has_is_no_longer_wanted(url: str, scope: str) -> None:
    instant, plan, unwanted = seen(1), seen(2, automatic=True), seen(3, "uncovered", type="")
    await ran(url, 1, seen(9, fleet="other"))
    await ran(url, 1, instant, plan)
    await audited(url, 2, unwanted, whole=False)
    await ran(url, 3, seen(4), scope=scope)  # type: ignore[arg-type] # a text of the list above
    gone = {"all": {4001, 4002}, "instant": {4001}, "plans": {4002}}.get(scope, set())
    left = {state.application_id for state in await states(url, "fleet")}
    assert left == {4001, 4002, 4003, 4004} - gone
    assert len(await states(url, "other")) == 1
    assert len(await days(url, instant)) == 1, "its past is kept"
    await ran(url, 5, instant, scope="part")
    assert 4001 in {state.application_id for state in await states(url, "fleet")}, "and it may come back"


async def test_what_a_whole_audit_does_not_find_is_gone_but_what_a_later_run_saw_is_not(url: str) -> None:
    await audited(url, 1, seen(1, "uncovered", type=""), seen(2, "fine"))
    await ran(url, 4, seen(3), scope="part")
    await audited(url, 3, seen(2, "fine"))
    assert [state.application_id for state in await states(url)] == [4002, 4003]


HOSTILE = "\x00\ud800</script>\u202e 'x' \n" + "x" * 9000


async def test_any_name_and_reason_can_be_kept(url: str) -> None:
    named: SeenTarget = seen(server=HOSTILE, application=HOSTILE, domain=HOSTILE, database=HOSTILE, reason=HOSTILE)
    await ran(url, 1, named)
    state = await only(url)
    assert state.server == state.application == state.outcome_reason
    assert state.server.startswith("?</script> 'x' x")
    assert len(state.server) == 500


async def test_thousands_are_noted_in_batches(url: str) -> None:
    await ran(url, 1, *(seen(number) for number in range(1201)))
    assert len(await states(url)) == 1201
