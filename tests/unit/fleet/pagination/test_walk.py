"""A list that moves while it is read: nothing slips through unseen, and a still one costs no more than it must."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.pagination.traversal import KEPT_CHANGING, UnprovenError
from fleet.pagination.walk import Walk
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Page
from tests.unit.fleet.moving import BACKUPS, Dialect, Moves, MovingApi, Row

Movement = Sequence[Callable[[list[Row]], list[Row]]]
NOTHING = Moves()


def rows(*ids: int) -> list[Row]:
    return [{"id": number} for number in ids]


def walked(
    listed: list[Row], dialect: Dialect, movement: Movement = (), *, down_to: int = 0
) -> tuple[Walk[Backup], MovingApi]:
    """Walk a list until a row with so low an id was seen."""
    api, walk = MovingApi({BACKUPS: listed}, dialect, movement), Walk[Backup]()
    while (number := walk.next_page) is not None:
        assert len(api.pages) < 200, "it does not end"
        page = api.page(number)
        walk.take(page, read_backups(page.rows))
        if walk.is_going_down and min(walk.seen, default=2**63) <= down_to:
            walk.enough()
    return walk, api


def gone(*ids: int) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [row for row in rows if row["id"] not in ids]


def begun(*ids: int) -> Callable[[list[Row]], list[Row]]:
    return lambda listed: [*listed, *rows(*ids)]


def both(*moves: Callable[[list[Row]], list[Row]]) -> Callable[[list[Row]], list[Row]]:
    def moved(listed: list[Row]) -> list[Row]:
        for each in moves:
            listed = each(listed)
        return listed

    return moved


NEWEST, OLDEST, SHUFFLED = Dialect(), Dialect("oldest"), Dialect("shuffled")
NO_TOTALS = Dialect(totals=False)
TEN = rows(*range(1, 11))


@pytest.mark.parametrize(
    ("dialect", "movement", "pages"),
    [
        (NEWEST, [], [1, 2, 3, 4]),
        # One of the first page is deleted: 7 has moved up to it.
        (NEWEST, [gone(9)], [1, 2, 1, 2, 3, 1]),
        # One further down is deleted: the list is shorter, and nobody knows where.
        (NEWEST, [gone(2)], [1, 2, 1, 2, 3, 1]),
        # What is new has moved rows down, so that deletions are seen to have missed nothing.
        (NEWEST, [begun(11)], [1, 2, 3, 4, 1]),
        (NEWEST, [both(begun(11, 12), gone(9, 2))], [1, 2, 3, 4, 1]),
        # As many as were deleted are new: no place below has changed.
        (NEWEST, [both(begun(11), gone(9))], [1, 2, 3, 4]),
        (NEWEST, [gone(10, 9, 8, 7)], [1, 2, 1, 2, 1]),
        (OLDEST, [], [1, 4, 3, 2, 1]),
        (OLDEST, [NOTHING, gone(2)], [1, 4, 3, 2, 1, 3]),
        (OLDEST, [NOTHING, both(gone(2), begun(11))], [1, 4, 3, 2, 1, 4, 3, 4]),
        (OLDEST, [gone(1)], [1, 4, 3, 2, 1, 3]),
        (SHUFFLED, [], [1, 2, 3, 4]),
        (SHUFFLED, [NOTHING, gone(2)], [1, 2, 3, 1, 2, 3]),
        (NO_TOTALS, [], [1, 2, 3, 4, 1]),
        (NO_TOTALS, [gone(9)], [1, 2, 1, 2, 3, 1]),
        (NO_TOTALS, [begun(11)], [1, 2, 3, 4, 1]),
        (Dialect(totals=False, lasts=False), [gone(9)], [1, 2, 3, 1, 1, 2, 3, 1]),
    ],
)
def test_which_pages_are_read(dialect: Dialect, movement: Movement, pages: list[int]) -> None:
    walk, api = walked(TEN, dialect, movement)
    assert api.pages == pages
    assert walk.seen.keys() >= {row["id"] for row in api.moments[-1]} & {row["id"] for row in TEN}


@pytest.mark.parametrize("order", ["newest", "shuffled"])
def test_a_list_that_gets_shorter_with_every_page_is_not_believed(order: str) -> None:
    lots = rows(*range(1, 101))
    with pytest.raises(UnprovenError, match=KEPT_CHANGING):
        walked(lots, Dialect(order), [lambda rows: sorted(rows, key=lambda row: row["id"])[:-2]] * 90)


def test_a_list_that_shows_less_than_it_says_it_has_is_not_believed() -> None:
    api, walk = MovingApi({BACKUPS: TEN}, NEWEST, []), Walk[Backup]()
    for number in (1, 2, 3):
        page = api.page(number)
        walk.take(page, read_backups(page.rows))
    empty = replace(api.page(4), rows=[])
    with pytest.raises(UnprovenError, match="the list shows 9 entries and says it has 10"):
        walk.take(empty, [])


def test_rows_without_an_id_are_counted() -> None:
    walk, _ = walked([*TEN], NEWEST)
    assert walk.is_whole
    api, nameless = MovingApi({BACKUPS: TEN}, NEWEST, []), Walk[Backup]()
    while (number := nameless.next_page) is not None:
        page = api.page(number)
        page.rows[-1] = "not a row"
        nameless.take(page, read_backups(page.rows))
    assert (nameless.is_whole, len(nameless.seen)) == (True, 6)


def test_what_cannot_be_proven_is_told() -> None:
    doubts = [walked(TEN, each)[0].doubt for each in (NEWEST, OLDEST, SHUFFLED, NO_TOTALS, Dialect("shuffled", 10))]
    assert doubts == ["", "", "is in no order", "does not show how many entries it has", ""]


sizes = st.integers(2, 5)
dialects = st.one_of(
    st.builds(Dialect, order=st.sampled_from(["newest", "oldest"]), size=sizes, lasts=st.booleans()),
    # Oldest first, no row slips, whether or not anything is told but the last page.
    st.builds(Dialect, order=st.just("oldest"), size=sizes, totals=st.just(False)),
)


@st.composite
def movements(draw: st.DrawFn) -> list[Moves]:
    """Backups begin and are deleted in every way; ids grow."""
    newest, moves = 1000, []
    for added, deleted in draw(
        st.lists(st.tuples(st.integers(0, 3), st.lists(st.integers(0, 30), max_size=3)), max_size=12)
    ):
        moves.append(Moves(rows(*range(newest, newest + added)), deleted))
        newest += added
    return moves


@given(dialects, st.integers(0, 25), movements(), st.integers(0, 20))
def test_what_was_there_all_the_time_is_seen_or_nothing_is_believed(
    dialect: Dialect, count: int, movement: list[Moves], down_to: int
) -> None:
    listed = rows(*range(1, count + 1))
    try:
        walk, api = walked(listed, dialect, movement, down_to=down_to)
    except UnprovenError:
        assert movement, "a list that holds still is believed"
        return
    assert not walk.doubt
    moments = [{row["id"] for row in moment} for moment in api.moments]
    lowest = 0 if walk.is_whole else min(walk.seen)
    always = {number for number in set.intersection(*moments) if number >= lowest}
    assert always <= walk.seen.keys() <= set.union(*moments)
    assert any(walk.seen.keys() >= {number for number in moment if number >= lowest} for moment in moments)


@given(dialects, st.integers(0, 25), st.integers(0, 20), st.booleans(), st.booleans())
def test_a_list_that_holds_still_costs_each_page_once_and_one_more_at_most(
    dialect: Dialect, count: int, down_to: int, totals: bool, shuffled: bool
) -> None:
    dialect.totals, dialect.order = totals, "shuffled" if shuffled else dialect.order
    down_to = 0 if shuffled else down_to
    walk, api = walked(rows(*range(1, count + 1)), dialect, down_to=down_to)
    every = max(1, -(-count // dialect.size))
    assert len(api.pages) <= (3 * every if shuffled else every + 1)  # A little page may fall by chance.
    assert walk.seen.keys() >= set(range(max(1, down_to), count + 1))
    assert walk.pages == len(api.pages)


def test_an_api_that_gives_the_same_page_whatever_is_asked_for_has_no_more() -> None:
    for order in ([3, 2, 1], [1, 2, 3], [2, 3, 1]):
        walk = Walk[Backup]()
        while (number := walk.next_page) is not None:
            answer = Page(list(rows(*order)), number, more=True)
            walk.take(answer, read_backups(answer.rows))
        assert walk.seen.keys() == {1, 2, 3}
