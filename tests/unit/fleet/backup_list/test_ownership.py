"""Which rows are a run's own: claimed before anything is concluded, and learned from on the way."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from fleet.backup_list.ownership import PATIENCE, NoClaims, Ownership
from fleet.dialect.dialect import UNKNOWN, Dialect, Names
from fleet.dialect.learner import Learner
from fleet.inventory.target import Target
from fleet.proof.recognition import Recognition
from fleet.proof.sought import Mark, Sought
from fleet.serveravatar.models import Backup
from tests.unit.fleet.builders import backup, instant, plan, target

MARK = Mark(100, 40, exact=True)
SENT, NOW = 1_000_000.0, 1_000_030.0
INSTANT, PLANNED = target(instant()), target(plan())
SHOWN, HIDDEN = Dialect(names=Names.SHOWN), Dialect(names=Names.HIDDEN)


def key(number: int) -> str:
    return f"{number:08x}{number:08x}"


def row(number: int, name: str | None = None, **changes: Any) -> Backup:
    stamp = "1970-01-12 19:16:40"  # 1,019,800 s: five and a half hours ahead of when it was sent.
    ours = {"application_id": 4246, "database_id": 4223, "backup_config_id": 41, "created_at": stamp}
    return backup(number, name, **{**ours, **changes})


def of(number: int = 1, wanted: Target = INSTANT, **changes: Any) -> Sought:
    return Sought(key(number), wanted, **{"since": MARK, "sent_at": SENT, **changes})


class Book:
    """Claims of all runs: who claims a row first has it."""

    def __init__(self, **owners: str) -> None:
        self.owners = {int(number.removeprefix("row_")): name for number, name in owners.items()}
        self.asked: list[dict[int, str]] = []

    async def claim(self, organization: int, wanted: Mapping[int, str]) -> dict[int, str]:
        assert organization == 5
        self.asked.append(dict(wanted))
        for number, name in wanted.items():
            self.owners.setdefault(number, name)
        return {number: self.owners[number] for number in wanted}


def ownership(known: Dialect = UNKNOWN, book: Book | None = None, *known_plans: int) -> Ownership:
    return Ownership(5, Learner(known), book or Book(), frozenset(known_plans), lambda: NOW)


def settled(own: Ownership, sought: Iterable[Sought], *rows: Backup) -> Recognition:
    recognition = own.recognition(list(sought))
    for each in rows:
        recognition.take(each)
    asyncio.run(own.settle(recognition))
    return recognition


def ids(recognition: Recognition) -> dict[str, list[int]]:
    return {name: [each.id for each in rows] for name, rows in recognition.found.items()}


# Claims.


def test_what_is_placed_is_claimed_and_what_is_named_need_not_be() -> None:
    book = Book()
    recognition = settled(ownership(book=book), [of(1), of(2)], row(101))
    assert book.asked == [{101: key(1)}]
    assert ids(recognition) == {key(1): [101]}
    named = Book()
    assert ids(settled(ownership(book=named), [of(1)], row(101, f"fb-{key(1)}"))) == {key(1): [101]}
    assert named.asked == []


def test_a_row_that_another_run_has_claimed_is_left_to_it_and_the_next_is_taken() -> None:
    book = Book(row_101="another")
    recognition = settled(ownership(book=book), [of(1)], row(101), row(102), row(103))
    assert book.asked == [{101: key(1)}, {102: key(1)}]
    assert ids(recognition) == {key(1): [102]}


def test_two_runs_never_share_a_row() -> None:
    book = Book()
    one, other = ownership(book=book), ownership(book=book)
    assert ids(settled(one, [of(1)], row(101))) == {key(1): [101]}
    assert ids(settled(other, [of(2)], row(101))) == {}
    assert ids(settled(other, [of(2)], row(101), row(102))) == {key(2): [102]}


def test_what_was_claimed_is_known_to_the_next_reading_without_asking_again() -> None:
    book = Book()
    own = ownership(book=book)
    settled(own, [of(1)], row(101))
    assert ids(settled(own, [of(1), of(2)], row(101))) == {key(1): [101]}
    assert len(book.asked) == 1


def test_who_only_looks_claims_nothing_for_others() -> None:
    assert asyncio.run(NoClaims().claim(5, {101: key(1)})) == {101: key(1)}


def test_rows_of_plans_that_the_ledger_knows_are_not_asked_for() -> None:
    book = Book()
    assert ids(settled(ownership(UNKNOWN, book, 41), [of(1)], row(101))) == {}
    assert book.asked == []


# Names.


def test_the_first_name_that_shows_says_that_all_show_so_nothing_else_stands_in() -> None:
    own = ownership()
    recognition = settled(own, [of(1), of(2, accepted=False)], row(101, f"fb-{key(1)}"), row(102))
    assert ids(recognition) == {key(1): [101]}
    assert own.learner.dialect.names is Names.SHOWN
    assert own.learner.dialect.key_digits == 16


def test_what_is_left_of_a_key_is_learned() -> None:
    own = ownership()
    settled(own, [of(1)], row(101, f"fb-{key(1)[:12]}"))
    assert own.learner.dialect.key_digits == 12


def test_an_accepted_backup_that_shows_without_its_name_says_that_names_are_hidden() -> None:
    own = ownership()
    settled(own, [of(1)], row(101))
    assert own.learner.dialect.names is Names.HIDDEN


@pytest.mark.parametrize("changes", [{"accepted": False}, {"attempts": 2}, {"sent_at": None}])
def test_a_row_that_may_be_anybodys_says_nothing(changes: dict[str, Any]) -> None:
    own = ownership()
    settled(own, [of(1, **changes)], row(101))
    dialect = own.learner.dialect
    assert (dialect.names, dialect.offsets, dialect.shown_within, dialect.shows_after) == (Names.UNKNOWN, [], [], 0.0)


def test_a_list_that_no_longer_shows_names_is_placed_by_and_that_is_learned() -> None:
    own = ownership(SHOWN)
    assert ids(settled(own, [of(1)], row(101))) == {key(1): [101]}
    assert own.learner.dialect.names is Names.HIDDEN


def test_while_names_show_one_that_shows_none_is_nobodys() -> None:
    own = ownership(SHOWN)
    settled(own, [of(1)], row(101, f"fb-{key(1)}"))
    assert ids(settled(own, [of(2)], row(102))) == {}
    assert own.learner.dialect.names is Names.SHOWN


def test_a_doubtful_one_does_not_contradict_names() -> None:
    own = ownership(SHOWN)
    assert ids(settled(own, [of(1, accepted=False)], row(101))) == {}
    assert own.learner.dialect.names is Names.SHOWN


# Time.


def test_the_zone_is_learned_from_what_was_sent_once_and_accepted() -> None:
    own = ownership()
    assert own.grounds.offset is None
    for number in range(3):
        settled(own, [of(number)], row(101 + number, f"fb-{key(number)}"))
    assert own.learner.dialect.offsets == [19800] * 3
    assert own.grounds.offset == timedelta(hours=5.5)
    assert own.learner.offset_is_fresh


def test_each_is_learned_from_once_however_often_it_is_seen() -> None:
    own = ownership()
    for _ in range(3):
        settled(own, [of(1)], row(101, f"fb-{key(1)}"))
    assert len(own.learner.dialect.offsets) == 1
    assert own.learner.dialect.shown_within == [30.0]


def test_how_long_the_list_takes_is_learned_from_what_an_earlier_look_has_not_shown() -> None:
    own = ownership()
    settled(own, [of(1)], row(101, f"fb-{key(1)}"))
    assert own.learner.dialect.shows_after == 0.0, "an earlier look might have shown it"
    own.not_shown([key(1), key(2)], Recognition([]))
    settled(own, [of(1), of(2)], row(101, f"fb-{key(1)}"), row(102, f"fb-{key(2)}"))
    assert own.learner.dialect.shows_after == 30.0


def test_how_long_first_backups_take_is_learned_from_plans_that_start_at_once() -> None:
    own = ownership()
    settled(own, [of(1, PLANNED)], row(101))
    assert own.learner.dialect.first_backup_after == 30.0
    later = target(plan(start_backup_from_now=None, start_backup="2030-01-01 03:00"))
    own = ownership()
    settled(own, [of(1, later)], row(101))
    assert own.learner.dialect.first_backup_after is None
    own = ownership()
    settled(own, [of(1, PLANNED, accepted=False)], row(101))
    assert own.learner.dialect.first_backup_after is None, "it may be somebody else's"


def test_the_newest_that_shows_says_how_far_the_list_goes() -> None:
    own = ownership()
    sent = [of(1, sent_at=SENT), of(2, sent_at=SENT + 5), of(3, sent_at=SENT + 9)]
    for each in sent:
        own.note_sent(each)
    recognition = settled(own, sent, row(101, f"fb-{key(1)}"), row(102, f"fb-{key(2)}"))
    assert own.shown_up_to(recognition) == SENT + 5
    assert own.shown_up_to(settled(own, sent)) == 0.0


def test_while_nobody_knows_whether_names_show_an_accepted_one_is_given_time_to_show_its_own() -> None:
    """And nobody else takes its row meanwhile: a plan in doubt of the same site would pass for made."""
    book = Book()
    own = ownership(book=book)
    fresh, in_doubt = of(1, sent_at=NOW - PATIENCE + 1), of(2, PLANNED, accepted=False)
    recognition = settled(own, [fresh, in_doubt], row(101))
    assert ids(recognition) == {}
    assert book.asked == []
    assert [each.id for each in recognition.candidates_of(in_doubt.key)] == [101], "it is not proven absent, either"
    assert ids(settled(own, [fresh, in_doubt], row(101), row(102, backup_config_id=42))) == {key(2): [102]}
    ripe = of(1, sent_at=NOW - PATIENCE)
    assert ids(settled(ownership(), [ripe, in_doubt], row(101))) == {key(1): [101]}
    assert ids(settled(ownership(HIDDEN), [fresh, in_doubt], row(101))) == {key(1): [101]}
