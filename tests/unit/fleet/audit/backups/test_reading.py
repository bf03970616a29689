"""The audit of a list that moves while it is read: what it finds is true, or it finds nothing and remembers nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.audit.backups.ages import Clock
from fleet.audit.backups.row_judge import RowJudge
from fleet.audit.backups.target_backups import BackupsByTarget
from fleet.audit.finding import Status
from fleet.audit.judging import find_targets
from fleet.dialect.learner import Learner
from fleet.observed.estate import Estate
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.models import Application, Database, Server
from tests.unit.fleet.audit.audits import (
    BACKUPS,
    FAILED,
    NOW,
    PENDING,
    Notebook,
    audited,
    expecting,
    fake,
    inventory,
    row,
)
from tests.unit.fleet.builders import instant, target
from tests.unit.fleet.moving import Dialect, Moves, MovingApi, Row

NUMBERS = (1, 2, 3)
TARGETS = [target(instant(application_id=n, database_id=4000 + n), place=str(n)) for n in NUMBERS]
HOW: list[dict[str, Any]] = [{}, FAILED, PENDING]
ESTATE = Estate(
    {15: Server(15)},
    {n: Application(n) for n in NUMBERS},
    {4000 + n: Database(4000 + n, server_id=15) for n in NUMBERS},
)


def backup(number: int, application: int, how: int, hours: float) -> Row:
    return row(number, hours, application_id=application, database_id=4000 + application, **HOW[how])


def api_of(listed: Sequence[Row], dialect: Dialect, movement: Sequence[Moves]) -> MovingApi:
    lists: dict[str, Any] = fake(listed, NUMBERS, [4000 + n for n in NUMBERS]).lists
    return MovingApi(lists, dialect, movement)


def truth(moment: Sequence[Row], now: datetime = NOW) -> dict[str, Status]:
    book = BackupsByTarget(TARGETS, Clock(now), RowJudge(Learner(), Clock(now)))
    book.take(read_backups(moment))
    return {it.target.place: it.status for it in find_targets(book.of.values(), ESTATE, Clock(now)) if it.target}


things = st.tuples(st.sampled_from(NUMBERS), st.integers(0, 2))
movements = st.lists(st.tuples(st.lists(things, max_size=2), st.lists(st.integers(0, 30), max_size=2)), max_size=8)


@given(
    st.sampled_from(["newest", "oldest"]),
    st.integers(2, 5),
    st.lists(things, max_size=20),
    st.floats(0.4, 4),
    movements,
)
def test_what_is_found_was_true_of_each_target_at_some_moment_or_nothing_is_found(
    order: str,
    size: int,
    old: list[tuple[int, int]],
    hours: float,
    moving: list[tuple[list[tuple[int, int]], list[int]]],
) -> None:
    listed = [backup(n, *thing, hours=hours * (len(old) - n) + 0.1) for n, thing in enumerate(old)]
    movement, newest = [], 1000
    for began, deleted in moving:
        rows = [backup(newest + n, *thing, hours=0) for n, thing in enumerate(began)]
        movement.append(Moves(rows, deleted))
        newest += len(began)
    api, memory = api_of(listed, Dialect(order, size), movement), Notebook()
    report = audited(api, inventory(*TARGETS), memory)
    truths = [truth(moment) for moment in api.moments]
    if report.exit_code == 6:
        assert any(moves.added or moves.deleted for moves in movement)
        assert (report.targets, memory.kept) == ([], {})
    else:
        for found in report.targets:
            assert found.status in {each[found.place] for each in truths}, found.reason
    api.movement.clear()
    later = audited(api, inventory(*TARGETS), memory, NOW + timedelta(minutes=6))
    settled = truth(api.moments[-1], NOW + timedelta(minutes=6))
    lost = {place: status for place, status in settled.items() if status is not Status.NEVER}
    assert {it.place for it in later.targets if it.status is Status.NEVER} <= settled.keys() - lost.keys()


def slipping(order: str, *, failed: bool) -> MovingApi:
    """30 backups; the only one of application 2 is the first of the second page, and one of the first is deleted."""
    rows = [backup(n, 2 if n == 20 else 1, 1 if failed and n == 20 else 0, 40 - n) for n in range(1, 31)]
    gone = Moves(deleted=[25 if order == "newest" else 2])
    return api_of(rows, Dialect(order, 10), [gone])


@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize(("failed", "status"), [(False, Status.FINE), (True, Status.UNPROVEN)])
def test_a_backup_that_slips_between_two_pages_is_found(order: str, failed: bool, status: Status) -> None:
    api, memory = slipping(order, failed=failed), Notebook()
    for _ in range(2):
        report = audited(api, inventory(*TARGETS[:2]), memory)
        assert {it.place: it.status for it in report.targets if it.place}["2"] is status


def test_a_list_that_will_not_hold_still_is_exit_6_for_its_organization() -> None:
    api, memory = slipping("newest", failed=False), Notebook()
    api.movement = [Moves(deleted=[-1])] * 30
    report = audited(api, inventory(*TARGETS), memory)
    reason = "the backup list kept changing while it was read (list backups)"
    assert (report.exit_code, report.unread) == (6, [f"organization 5 could not be read: {reason}"])
    assert (report.targets, memory.kept) == ([], {})


def test_what_cannot_be_proven_is_a_note() -> None:
    rows = [backup(n, 1, 0, 40 - n) for n in range(1, 31)]
    notes = [audited(api_of(rows, each, []), inventory(*TARGETS)).notes for each in (Dialect(), Dialect(totals=False))]
    assert [len(each) for each in notes] == [0, 1]
    assert notes[1][0].startswith(
        "the backup list of organization 5 does not show how many entries it has: a backup may have been missed"
    )


def test_the_list_is_read_no_further_than_needed_and_then_only_what_is_new() -> None:
    rows = [row(100 - n, 3 + n) for n in range(100)]
    api, memory, wanted = fake(rows), Notebook(), inventory(target())
    pages = [(BACKUPS, number) for number in range(1, 11)]

    def read(*new: dict[str, Any], hours: float = 0) -> list[tuple[str, int]]:
        api.lists[BACKUPS] = [*new, *api.lists[BACKUPS]]
        api.sent.clear()
        audited(api, wanted, memory, NOW + timedelta(hours=hours))
        return [each for each in api.sent if each[0] == BACKUPS]

    assert read() == pages[:1]
    wanted = inventory(target(), target(instant(application_id=1, database_id=None), place="new"))
    assert read() == pages  # Only the whole list can tell that there is no backup of it.
    assert read() == pages[:1]
    others = [row(200 - n, 2, application_id=500 + n, **PENDING) for n in range(15)]
    assert read(*others) == pages[:2]
    assert read(hours=1) == pages[:2]  # These may be complete by now.
    assert read(hours=72) == pages[:2]
    assert read(hours=73) == pages[:1]  # What is unfinished for days is not looked at again.
    assert len(read(hours=24 * 8)) == 12  # Everything anew.


def test_a_remembered_backup_that_was_deleted_is_believed_for_a_week() -> None:
    rows = [row(30 - n, 3 + n, application_id=4246 if n == 25 else 77) for n in range(30)]
    api, memory, wanted = fake(rows), Notebook(), inventory(expecting(max_age="5w"))
    assert audited(api, wanted, memory).exit_code == 0
    del api.lists[BACKUPS][25]
    assert audited(api, wanted, memory, NOW + timedelta(days=6)).exit_code == 0
    assert audited(api, wanted, memory, NOW + timedelta(days=8)).exit_code == 7


def test_a_list_in_another_order_is_read_to_its_end() -> None:
    rows = [row(n, 103 - n, application_id=4246 if n == 100 else 77) for n in range(1, 101)]
    report = audited(fake(rows), inventory(target()))
    assert report.targets[0].newest_good_id == 100
