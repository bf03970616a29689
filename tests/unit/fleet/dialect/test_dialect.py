"""What follows from what is known of an API."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.dialect.dialect import OFTEN, UNKNOWN, Dialect, Names, pattern_text
from fleet.proof.absence import Rules
from fleet.proof.completeness import pattern
from fleet.proof.known_api import KnownApi
from fleet.proof.matching import CHANGE_OF_CLOCKS, CLOCK_TOLERANCE, Grounds
from fleet.proof.parts import Parts
from tests.unit.fleet.builders import backup
from tests.unit.fleet.dialect.dialects import DIALECTS, FULL

NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("offsets", "offset", "zone"),
    [
        ([], None, None),
        ([0, 0], None, None),
        ([0, 0, 0], 0, 0),
        ([19800, 19801, 19803], 19801, 19800),
        ([-28800, -28798, -28801], -28800, -28800),
        ([1, 7201, 7200], None, None),
        ([0, 0, 900], 0, 0),
        ([0, 0, 901], None, None),
        # The newest count: clocks may have changed since the others.
        ([3600] * 6 + [7200, 7201, 7202], 7201, 7200),
        ([3600] * 6 + [7200], None, None),
        # A clock that is wrong is no zone.
        ([3700, 3701, 3702], 3701, 3600),
        ([-120, -119, -121], -120, 0),
    ],
)
def test_the_zone_is_known_once_enough_rows_agree(offsets: list[int], offset: int | None, zone: int | None) -> None:
    dialect = Dialect(offsets=offsets)
    assert dialect.offset == (None if offset is None else timedelta(seconds=offset))
    assert dialect.zone == (None if zone is None else timedelta(seconds=zone))


@given(
    st.integers(-56, 56).map(lambda quarters: 900 * quarters),
    st.lists(st.integers(-400, 400), min_size=OFTEN, max_size=OFTEN),
)
def test_every_zone_is_found_whatever_the_clocks_are_off(zone: int, errors: list[int]) -> None:
    dialect = Dialect(offsets=[zone + error for error in errors])
    assert dialect.zone == timedelta(seconds=zone)


def test_an_api_that_was_never_met_is_taken_for_nothing() -> None:
    api = UNKNOWN.known_api(NOW)
    assert api == KnownApi(None, None, None, now=NOW)
    assert UNKNOWN.rules(Rules(7.0)) == Rules(7.0)
    assert UNKNOWN.grounds() == Grounds()


@pytest.mark.parametrize(("count", "is_enough"), [(1, False), (OFTEN - 1, False), (OFTEN, True), (99, True)])
def test_a_pattern_counts_once_it_was_seen_often(count: int, is_enough: bool) -> None:
    row = backup(1, status="Fertig!", database_size=None)
    known = pattern(row, Parts())
    api = Dialect(patterns={pattern_text(known): count}).known_api(NOW)
    assert api.patterns == (frozenset({known}) if is_enough else frozenset())


@given(st.text(), st.booleans(), st.booleans())
def test_a_pattern_comes_back_from_its_text(status: str, sized: bool, stored: bool) -> None:
    changes: dict[str, Any] = {"status": status}
    changes |= {} if sized else {"application_size": None}
    changes |= {} if stored else {"application_available_in_cloudstorage": None}
    known = pattern(backup(1, **changes), Parts())
    assert Dialect(patterns={pattern_text(known): OFTEN}).known_api(None).patterns == frozenset({known})


@pytest.mark.parametrize(
    ("within", "expected"),
    [([], None), ([0.5, 1.0], None), ([0.5, 1.0, 2.0], 2.0)],
)
def test_how_soon_the_list_shows_rows_counts_once_it_was_seen_often(
    within: list[float], expected: float | None
) -> None:
    assert Dialect(shown_within=within).rules(Rules()).shown_within == expected


def test_the_rules_know_how_slow_the_api_was_seen_to_be_and_keep_what_was_asked_for() -> None:
    asked = Rules(7.0, frozenset({"a key"}))
    assert FULL.rules(asked) == Rules(7.0, frozenset({"a key"}), 8.0, 2.0, 60.0, 2)


def test_placing_knows_the_names_the_plans_and_the_zone() -> None:
    hidden = Dialect(names=Names.HIDDEN, offsets=[0, 0, 0])
    assert hidden.grounds(frozenset({41})) == Grounds(known_plans=frozenset({41}), offset=timedelta())
    assert hidden.grounds().tolerance == CLOCK_TOLERANCE + CHANGE_OF_CLOCKS
    assert hidden.grounds(is_fresh=True).tolerance == CLOCK_TOLERANCE
    assert Dialect(names=Names.SHOWN).grounds().names_shown


@given(DIALECTS)
def test_a_dialect_comes_back_whole_from_what_the_ledger_keeps(dialect: Dialect) -> None:
    kept = json.loads(json.dumps(dialect.model_dump(mode="json", exclude_defaults=True)))
    assert Dialect.model_validate(kept) == dialect


def test_facts_of_a_later_version_are_passed_over() -> None:
    assert Dialect.model_validate({"names": "shown", "colour": "blue"}) == Dialect(names=Names.SHOWN)
