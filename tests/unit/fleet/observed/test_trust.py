"""Which targets are trusted: those seen good, unchanged, and not due for their server's turn."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.inventory.target import Target
from fleet.observed.trust import LastGood, digest_of, trusted, turn_of
from tests.unit.fleet.builders import instant, plan, target

NOW = 1_800_000_000.0
DAY = 86_400.0
PERIOD = timedelta(days=28)
WANTED = target()
SERVERS = [target(server_id=number, place=str(number)) for number in range(1, 301)]


def known(of: Target, checked_at: float = NOW - 60) -> dict[str, LastGood]:
    return {of.key(""): LastGood(digest_of(of), checked_at)}


def after_its_turn(of: Target = WANTED) -> float:
    return turn_of(of, NOW, PERIOD) + DAY / 2


def is_trusted(wanted: Target, last: dict[str, LastGood], now: float | None = None) -> bool:
    return wanted.place in trusted([wanted], last, now or after_its_turn() + DAY, PERIOD)


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "filesystem"},
        {"database_id": 4224},
        {"provider": "gdrive"},
        {"cloud_storage_provider_id": 11},
        {"application_id": 4247},
        {"database_extension": ".sql"},
    ],
)
def test_what_has_changed_in_the_fleet_file_is_looked_up(changed: dict[str, object]) -> None:
    last = known(WANTED, after_its_turn())
    assert is_trusted(WANTED, last)
    assert not is_trusted(target(instant(**changed)), last)


def test_what_is_new_is_looked_up_and_so_is_every_plan() -> None:
    automatic = target(plan())
    assert not is_trusted(WANTED, {})
    assert not is_trusted(automatic, known(automatic, after_its_turn()))


def test_a_good_backup_of_the_future_proves_nothing() -> None:
    """A clock that was wrong must not silence the checks for years."""
    assert not is_trusted(WANTED, known(WANTED, NOW + 400 * DAY))


def test_nothing_is_trusted_where_the_period_is_none() -> None:
    assert trusted([WANTED], known(WANTED), NOW, timedelta()) == {}


@given(
    first=st.floats(0.0, 28 * DAY),
    gaps=st.lists(st.floats(600.0, 40 * DAY), min_size=1, max_size=60),
    number=st.integers(1, 10_000),
    days=st.integers(1, 60),
)
def test_every_target_is_looked_up_once_in_a_period_and_never_later(
    first: float, gaps: list[float], number: int, days: int
) -> None:
    wanted, period = target(server_id=number), timedelta(days=days)
    now, looked_up = NOW + first, list[float]()
    last: dict[str, LastGood] = {}
    for gap in gaps:
        if wanted.place not in trusted([wanted], last, now, period):
            looked_up.append(now)
        last = known(wanted, now)
        now += gap
    turns = [turn_of(wanted, each, period) for each in looked_up]
    assert len(set(turns)) == len(turns), "once for each turn"
    runs = [NOW + first, *(NOW + first + sum(gaps[: count + 1]) for count in range(len(gaps) - 1))]
    for run in runs:
        newest = max(each for each in looked_up if each <= run)
        assert run - newest < period.total_seconds() + max(gaps)


def test_the_turns_of_a_fleet_are_spread_over_the_nights() -> None:
    nights = [NOW + night * DAY for night in range(29)]
    last = {key: each for of in SERVERS for key, each in known(of, nights[0]).items()}
    due = []
    for night in nights[1:]:
        found = [of for of in SERVERS if of.place not in trusted([of], last, night, PERIOD)]
        last |= {key: each for of in SERVERS for key, each in known(of, night).items()}
        due.append(len(found))
    assert sum(due) == len(SERVERS)
    assert max(due) < 3 * len(SERVERS) / 28


def test_the_digest_is_of_what_is_asked_for_and_not_of_its_place() -> None:
    assert digest_of(replace(WANTED, place="elsewhere", server_name="renamed")) == digest_of(WANTED)
