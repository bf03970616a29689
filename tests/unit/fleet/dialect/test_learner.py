"""Learning the dialect of an API from what it shows; in whatever order it shows that."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.dialect.dialect import OFTEN, UNKNOWN, Dialect, Names, Order
from fleet.dialect.learner import Learner, learn_from
from fleet.proof.proof import Completion, Proof
from fleet.serveravatar.wire import Page, list_backups, list_organizations
from tests.unit.fleet.builders import backup, backup_row, instant
from tests.unit.fleet.dialect.dialects import DIALECTS
from tests.unit.fleet.dialect.pages import learned, page, rows


def test_the_vendors_example_teaches_what_is_documented() -> None:
    dialect = learned(page(*rows(10)))
    assert (dialect.order, dialect.page_size, dialect.totals) == (Order.NEWEST_FIRST, 10, True)
    assert (dialect.sizes, dialect.flags, dialect.shows_status, dialect.zeros) == (True, True, True, False)
    assert dialect.statuses == {"completed": "complete"}
    assert dialect.forms == {"flag": ["number"], "size": ["number"], "id": ["number"], "stamp": ["Y-m-d H:i:s"]}
    assert dialect.names is Names.UNKNOWN, "whose names these would be is not known"


# Order.


@pytest.mark.parametrize(
    ("numbers", "order"),
    [
        ([], Order.UNKNOWN),
        ([5], Order.UNKNOWN),
        ([9, 8, 7, 6, 5], Order.NEWEST_FIRST),
        ([1, 2, 3, 4, 9], Order.OLDEST_FIRST),
        ([1, 3, 2, 5, 4], Order.OTHER),
        ([3, 3, 2, 1, 0], Order.OTHER),
    ],
)
def test_the_order_is_read_off_the_ids_of_a_page(numbers: Sequence[int], order: Order) -> None:
    assert learned(page(*map(backup_row, numbers))).order is order


def test_pages_in_two_orders_are_in_none_and_what_was_known_is_forgotten_for_what_is_seen() -> None:
    falling, rising = page(*rows(5)), page(*reversed(rows(5)))
    assert learned(falling, rising).order is learned(rising, falling).order is Order.OTHER
    assert learned(rising, known=Dialect(order=Order.NEWEST_FIRST)).order is Order.OLDEST_FIRST
    assert learned(page(), known=Dialect(order=Order.NEWEST_FIRST)).order is Order.NEWEST_FIRST


@pytest.mark.parametrize(
    ("changes", "totals", "size"),
    [
        ({}, True, 10),
        ({"total": None}, False, 10),
        ({"size": None}, True, 7),
        ({"total": None, "size": None}, False, 7),
    ],
)
def test_totals_and_page_size_are_as_pages_tell(changes: dict[str, Any], totals: bool, size: int) -> None:
    dialect = learned(page(**changes), known=Dialect(page_size=7))
    assert (dialect.totals, dialect.page_size) == (totals, size)


# Words.


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Completed", {"completed": "complete"}),
        ("IN_PROGRESS", {"in progress": "pending"}),
        ("Failed!", {"failed": "bad"}),
        ("Zufrieden", {"zufrieden": "unknown"}),
        ("x" * 99, {"x" * 40: "unknown"}),
        ("", {}),
        (None, {}),
        (7, {}),
    ],
)
def test_words_are_kept_with_what_they_speak_of(status: object, expected: dict[str, str]) -> None:
    assert learned(page(backup_row(1, status=status))).statuses == expected


def test_a_hostile_api_does_not_fill_the_ledger_with_words() -> None:
    pages = [
        page(*(backup_row(number + start, status=f"word {number + start}") for number in range(20)))
        for start in (1, 99, 999)
    ]
    assert len(learned(*pages).statuses) == 30


@pytest.mark.parametrize(
    ("completion", "expected"),
    [
        (Completion.COMPLETE, "complete"),
        (Completion.BAD, "unknown"),  # It was deleted, has expired or is empty.
        (Completion.PENDING, "unknown"),
        (Completion.DOUBTFUL, "unknown"),
    ],
)
def test_how_a_word_ended_is_learned_from_what_was_judged(completion: Completion, expected: str) -> None:
    learner = Learner()
    row = backup_row(1, status="Zufrieden")
    learner.take_page(page(row))
    learner.judged(backup(1, status="Zufrieden"), instant(), Proof(completion))
    assert learner.dialect.statuses == {"zufrieden": expected}
    learner.judged(backup(1, status="never listed"), instant(), Proof(completion))
    assert learner.dialect.statuses.keys() == {"zufrieden"}


def test_only_what_was_inferred_and_complete_makes_a_pattern() -> None:
    learner, row = Learner(), backup(1, status="Zufrieden")
    for proof in (
        Proof(Completion.COMPLETE),
        Proof(Completion.PENDING, inferred=True),
        Proof(Completion.BAD),
        Proof(Completion.COMPLETE, inferred=True),
        Proof(Completion.COMPLETE, inferred=True),
    ):
        learner.judged(row, instant(), proof)
    assert learner.dialect.patterns == {"zufrieden|sizes|storage": 2}


# Names.


@pytest.mark.parametrize(
    ("named", "nameless", "names"),
    [(1, 0, Names.SHOWN), (0, 1, Names.HIDDEN), (3, 1, Names.HIDDEN), (4, 1, Names.SHOWN), (6, 2, Names.HIDDEN)],
)
def test_names_are_shown_where_nearly_all_of_ours_show_theirs(named: int, nameless: int, names: Names) -> None:
    """Now and then somebody else's backup is taken for one of ours."""
    learner = Learner()
    for number in range(nameless):
        learner.nameless(f"nameless {number}")
    for number in range(named):
        learner.named(f"named {number}", backup(number + 1, "fb-0123456789ab"))
    assert learner.dialect.names is names
    assert learner.has_seen_a_name is (named > 0)
    assert learner.dialect.key_digits == (12 if named else 16)


def test_one_that_shows_its_name_after_all_is_not_nameless() -> None:
    learner = Learner()
    learner.nameless("a key")
    learner.named("a key", backup(1, "fb-0123456789abcdef"))
    assert learner.dialect.names is Names.SHOWN


# Time.


def test_the_offsets_of_the_newest_rows_are_kept() -> None:
    learner = Learner(Dialect(offsets=[5] * 9))
    assert not learner.offset_is_fresh
    learner.dated(backup(1, created_at=None), 0.0)
    assert not learner.offset_is_fresh
    for seconds in range(OFTEN):
        learner.dated(backup(1, created_at="1970-01-01 01:00:00"), float(seconds))
    assert learner.dialect.offsets == [5] * 6 + [3600, 3599, 3598]
    assert learner.offset_is_fresh


def test_the_shortest_times_until_rows_show_and_the_longest_delay_are_kept() -> None:
    learner = Learner()
    for seconds in (9.0, 1.04, 5.0, 3.0, 7.0, -1.0):
        learner.shown(seconds)
        learner.shown_late(seconds)
        learner.first_backup(seconds)
    dialect = learner.dialect
    assert (dialect.shown_within, dialect.shows_after, dialect.first_backup_after) == ([0.0, 1.0, 3.0], 9.0, 9.0)


def test_headers_and_missed_first_backups_are_kept() -> None:
    learner = Learner()
    learner.answered(None, limit_headers=False)
    assert (learner.dialect.limit_headers, learner.dialect.clock_error) == (False, None)
    learner.answered(1.24, limit_headers=True)
    learner.answered(None, limit_headers=False)
    assert (learner.dialect.limit_headers, learner.dialect.clock_error) == (True, 1.2)
    learner.first_backup_missed()
    learner.first_backup_missed()
    assert learner.dialect.first_backups_missed == 2


# In whatever order.

ROW = st.builds(
    backup_row,
    st.integers(1, 60),
    st.none(),
    status=st.sampled_from(["Completed", "In Progress", "Failed", "Zufrieden", "OK", None]),
    application_size=st.sampled_from([None, 0, 4.82, "4.82 MB"]),
    database_size=st.sampled_from([None, 0, "0.61"]),
    total_application_size=st.sampled_from([None, 505.28]),
    application_available_in_cloudstorage=st.sampled_from([None, 0, 1, True, "yes"]),
    database_available_in_cloudstorage=st.sampled_from([None, 1]),
    created_at=st.sampled_from([None, "2025-02-11 11:12:22", 1739272342]),
)
PAGES = st.lists(st.lists(ROW, max_size=7).map(lambda some: page(*some)), max_size=5)


@given(PAGES, DIALECTS, st.randoms(use_true_random=False))
def test_what_is_learned_does_not_hang_on_the_order_of_pages(pages: list[Page], known: Dialect, dice: Any) -> None:
    assert learned(*dice.sample(pages, len(pages)), known=known) == learned(*pages, known=known)


@given(PAGES, DIALECTS)
def test_a_page_that_is_read_again_teaches_nothing_new(pages: list[Page], known: Dialect) -> None:
    again = learned(*pages, *pages, known=known)
    once = learned(*pages, known=known)
    counted = {"shows_status"}  # Rows without a status are counted, not known by id.
    assert again.model_dump(exclude=counted) == once.model_dump(exclude=counted)


@given(PAGES, DIALECTS)
def test_nothing_that_was_known_is_forgotten_by_seeing_nothing(pages: list[Page], known: Dialect) -> None:
    assert learned(known=known) == known
    dialect = learned(*pages, known=known)
    assert set(known.statuses) <= set(dialect.statuses)
    for kind, forms in known.forms.items():
        assert set(forms) <= set(dialect.forms[kind])
    assert (dialect.names, dialect.offsets, dialect.patterns) == (known.names, known.offsets, known.patterns)
    assert Learner(known).known == known


def test_only_the_list_of_backups_teaches() -> None:
    learner = Learner()
    answer = {"current_page": 1, "data": rows(5), "last_page": 1, "per_page": 10, "total": 5}
    learn_from(learner, list_organizations(1), {"organizations": [{"id": 5}]})
    assert learner.dialect == UNKNOWN
    learn_from(learner, list_backups(5, 1), answer)
    assert learner.dialect.order is Order.NEWEST_FIRST
