"""Which rows of the list are what was sent for: by name, or by being in the right place and nobody else's."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.proof.matching import Grounds, matches
from fleet.proof.placement import placement_note, proposed_claims
from fleet.proof.proof import Evidence
from fleet.proof.recognition import Recognition
from fleet.proof.sought import NOTHING_KNOWN, Mark, Sought, mark_of
from fleet.serveravatar.models import Backup
from tests.unit.fleet.builders import instant, plan, target
from tests.unit.fleet.proof.recognised import (
    INSTANT,
    KEY,
    MARK,
    OTHER,
    PLANNED,
    SENT,
    SHOWN,
    ids,
    is_recognised,
    of,
    row,
    settled,
)

# Named.


@pytest.mark.parametrize(
    ("number", "name", "is_it"),
    [
        (101, f"nightly fb-{KEY}", True),
        (101, f"fb-{KEY}", True),
        (101, f"FB_{KEY.upper()}", True),
        (101, f"fb-{KEY[:8]}", True),
        (101, f"fb-{KEY[:7]}", False),
        (101, f"nightly fb-{OTHER}", False),
        (101, f"nightly fb-{KEY} by hand", True),
        (101, f"nightlyfb-{KEY}", True),
        (101, "nightly", False),
        (101, None, False),
        (100, f"nightly fb-{KEY}", False),  # It was there before: a broken one, of which another is made.
    ],
)
@pytest.mark.parametrize("grounds", [SHOWN, Grounds()])
def test_an_instant_backup_is_recognised_by_what_is_left_of_the_key_in_its_name(
    number: int, name: str | None, is_it: bool, grounds: Grounds
) -> None:
    recognition = Recognition([of()], grounds)
    assert recognition.take(row(number, name)) == ([KEY] if is_it else [])
    assert recognition.evidence_of(KEY) is (Evidence.NAMED if is_it else None)
    assert ids(recognition.found) == ({KEY: [number]} if is_it else {})


def test_a_named_one_is_recognised_though_nothing_was_known_before() -> None:
    assert is_recognised(row(1, f"fb-{KEY}"), since=NOTHING_KNOWN)


ELSEWHERE: list[dict[str, Any]] = [{"cloud_storage_provider_id": 11}, {"application_id": 4247}, {"database_id": 4224}]


@pytest.mark.parametrize("place", ELSEWHERE)
def test_a_whole_key_is_ours_wherever_the_row_lies_and_half_a_key_only_where_it_should(place: dict[str, Any]) -> None:
    """So that it is judged as misplaced, and not made again; but half a key may be another's."""
    assert is_recognised(row(101, f"fb-{KEY}", **place))
    assert not is_recognised(row(101, f"fb-{KEY[:12]}", **place))
    assert is_recognised(row(101, f"fb-{KEY[:12]}"))


def test_a_prefix_that_two_share_proves_nothing_until_the_rest_is_shown() -> None:
    twin = KEY[:15] + "0"
    recognition = Recognition([of(), of(twin)], SHOWN)
    assert recognition.take(row(101, f"fb-{KEY[:12]}")) == []
    assert recognition.take(row(102, f"fb-{twin}")) == [twin]
    assert settled(recognition, []).found.keys() == {twin}


def test_a_key_says_nothing_of_a_plan() -> None:
    assert not is_recognised(row(101, f"fb-{KEY}"), PLANNED)


def test_a_row_with_the_key_of_another_is_nobodys_stand_in() -> None:
    recognition = settled(Recognition([of()]), [row(101, f"fb-{OTHER}")])
    assert recognition.candidates_of(KEY) == []


def test_every_row_of_a_key_is_kept_each_as_it_was_seen_last() -> None:
    recognition = Recognition([of()])
    for number, status in ((102, "In Progress"), (101, "Failed"), (102, "Completed")):
        recognition.take(row(number, f"fb-{KEY}", status=status))
    assert [(each.id, each.status) for each in recognition.rows_of(KEY)] == [(102, "Completed"), (101, "Failed")]
    assert recognition.twins_of(KEY) == (101, 102)


# Placed.


@pytest.mark.parametrize(
    ("number", "since", "is_it"),
    [
        (101, MARK, True),
        (100, MARK, False),
        (99, MARK, False),
        (101, replace(MARK, exact=False), False),
        (101, NOTHING_KNOWN, False),
        (1, mark_of([], exact=True), True),
    ],
)
def test_without_a_name_only_what_is_newer_than_an_exact_mark_is_placed(number: int, since: Mark, is_it: bool) -> None:
    recognition = settled(Recognition([of(since=since)]), [row(number)])
    assert ids(recognition.found) == ({KEY: [number]} if is_it else {})
    assert recognition.evidence_of(KEY) is (Evidence.PLACED if is_it else None)
    assert bool(recognition.candidates_of(KEY)) is (number > since.backup), "it is said, and nothing is resent"


def test_where_names_are_shown_no_row_without_ours_stands_in() -> None:
    recognition = settled(Recognition([of()], SHOWN), [row(101), row(102, "by hand")])
    assert recognition.found == {}
    assert recognition.candidates_of(KEY) == []


def test_a_backup_that_was_never_sent_for_is_never_adopted() -> None:
    recognition = settled(Recognition([of(attempts=0, sent_at=None)]), [row(101)])
    assert recognition.candidates_of(KEY) == []
    assert recognition.found == {}


def test_a_claimed_row_stays_known_when_it_goes_on_to_show_otherwise() -> None:
    recognition = settled(Recognition([of()]), [row(101, status="In Progress", application_size=None)])
    assert recognition.take(row(101, database_size=None)) == [KEY]


def test_a_row_that_shows_a_key_after_all_is_no_longer_anybody_elses() -> None:
    recognition = settled(Recognition([of(KEY), of(OTHER, sent_at=SENT.timestamp() + 1)]), [row(101)])
    assert ids(recognition.found) == {KEY: [101]}
    assert ids(settled(recognition, [row(101, f"fb-{OTHER}")]).found) == {OTHER: [101]}
    assert recognition.candidates_of(KEY) == []
    assert ids(settled(recognition, [row(102)]).found) == {OTHER: [101], KEY: [102]}


def test_rows_of_known_plans_are_theirs() -> None:
    grounds = Grounds(known_plans=frozenset({41}))
    recognition = settled(Recognition([of()], grounds), [row(101), row(102, backup_config_id=42)])
    assert ids(recognition.found) == {KEY: [102]}
    assert [each.id for each in recognition.candidates_of(KEY)] == [102]


def test_a_plan_that_made_rows_before_the_mark_made_the_ones_after_it_too() -> None:
    rows = [row(101), row(102, backup_config_id=42), row(100)]
    for wanted in (INSTANT, PLANNED):
        recognition = settled(Recognition([of(wanted=wanted, since=replace(MARK, plan=40))]), rows)
        assert ids(recognition.found) == {KEY: [102]}


# Plans.


@pytest.mark.parametrize(
    ("backup", "is_it"),
    [
        (row(101), True),
        (row(101, database_id=None), True),
        (row(101, cloud_storage_provider_id=None), True),
        (row(101, backup_config_id=40), False),  # An older plan.
        (row(101, backup_config_id=None), False),
        (row(100), False),  # It was there before.
        (row(101, application_id=4247), False),
        (row(101, application_id=None), False),
        (row(101, database_id=4224), False),
        (row(101, cloud_storage_provider_id=11), False),
        (row(101, "by hand"), False),
        (row(101, f"fb-{KEY}"), False),
        (row(101, f"fb-{OTHER}"), False),
    ],
)
def test_a_plan_is_recognised_by_a_backup_of_a_plan_that_is_new(backup: Backup, is_it: bool) -> None:
    assert is_recognised(backup, PLANNED, names_shown=True) is is_it
    # Where nobody knows whether names are shown, a text may be the API's own.
    assert is_recognised(backup, PLANNED) is (is_it or backup.names == ("by hand",))


def test_a_plan_without_a_database_takes_any() -> None:
    wanted = target(plan(type="filesystem", database_id=None))
    assert is_recognised(row(101, database_size=None), wanted)
    assert is_recognised(row(101, database_size=None, database_id=9), wanted)


@pytest.mark.parametrize("number", [1, 101, 10**12])
def test_where_the_list_could_not_be_read_before_no_plan_passes_for_a_new_one(number: int) -> None:
    assert not is_recognised(row(number, backup_config_id=number), PLANNED, NOTHING_KNOWN)


def test_a_list_that_was_empty_is_known_to_be() -> None:
    assert is_recognised(row(1, backup_config_id=1), PLANNED, mark_of([], exact=True))


def test_all_that_a_plan_makes_is_its_own_and_no_second_plan_is() -> None:
    rows = [row(101), row(102), row(103, backup_config_id=42), row(104)]
    recognition = settled(Recognition([of(wanted=PLANNED)]), rows)
    assert ids(recognition.found) == {KEY: [101, 102, 104]}
    assert recognition.twins_of(KEY) == (101, 103), "a second plan makes such backups, too"
    assert placement_note(recognition, KEY) == ""
    alone = settled(Recognition([of(wanted=PLANNED)]), [row(101), row(102)])
    assert alone.twins_of(KEY) == ()


def test_a_row_of_the_plan_that_another_has_claimed_is_not_its_own() -> None:
    recognition = settled(Recognition([of(wanted=PLANNED)]), [row(101)])
    recognition.claim({102: OTHER})
    assert recognition.take(row(102)) == []
    assert ids(recognition.found) == {KEY: [101]}


def contradicts(rows: Iterable[Backup], each: Sought, grounds: Grounds = SHOWN) -> bool:
    return settled(Recognition([each], grounds), rows).contradicts_names


def test_an_accepted_backup_without_its_name_contradicts_that_names_are_shown() -> None:
    assert contradicts([row(101)], of())
    assert contradicts([row(101, "by hand")], of()), "a text that is not ours is no name of ours"
    assert not contradicts([row(101)], of(), Grounds())
    assert not contradicts([row(101)], of(accepted=False)), "it may not have been made"
    assert not contradicts([row(101), row(102, f"fb-{KEY}")], of())
    assert not contradicts([], of())
    assert not contradicts([row(100)], of())
    assert not contradicts([row(101, application_id=4247)], of())
    assert not contradicts([row(101)], of(wanted=PLANNED)), "a plan's backup has no name"
    assert not contradicts([row(101)], of(), replace(SHOWN, known_plans=frozenset({41})))
    assert not contradicts([row(101), row(99)], of()), "an older plan has made it"


# Whatever happens.

KEYS = [f"{number:016x}" for number in range(1, 7)]
WANTED = [INSTANT, PLANNED, target(instant(type="filesystem")), target(instant(application_id=1))]
SOUGHT = st.builds(
    of,
    st.just(KEY),
    st.sampled_from(WANTED),
    st.builds(Mark, st.sampled_from([98, 100, 103]), st.sampled_from([40, 41]), st.sampled_from([True, True, False])),
    sent_at=st.sampled_from([None, SENT.timestamp(), SENT.timestamp() + 60]),
    accepted=st.booleans(),
    attempts=st.sampled_from([0, 1, 1, 2]),
)
SEVERAL = st.lists(SOUGHT, min_size=1, max_size=6).map(
    lambda some: [replace(each, key=key) for each, key in zip(some, KEYS, strict=False)]
)
ROW = st.builds(
    row,
    st.integers(95, 110),
    st.sampled_from([None, None, None, "by hand", *(f"fb-{key}" for key in KEYS), f"fb-{KEYS[0][:15]}"]),
    backup_config_id=st.sampled_from([None, 40, 41, 42, 43, 44]),
    application_id=st.sampled_from([4246, 4246, 1, None]),
    database_size=st.sampled_from([0.61, None]),
    created_at=st.sampled_from(["2026-11-28 03:00:01", "2026-11-27 03:00:00", None]),
)
ROWS = st.lists(ROW, max_size=12, unique_by=lambda each: each.id)
GROUNDS = st.builds(
    Grounds, st.booleans(), st.sets(st.sampled_from([41, 42])).map(frozenset), st.sampled_from([None, timedelta()])
)


@given(SEVERAL, SEVERAL, ROWS, GROUNDS)
def test_whatever_the_list_shows_no_two_targets_of_any_runs_share_a_row(
    ours: list[Sought], theirs: list[Sought], rows: list[Backup], grounds: Grounds
) -> None:
    theirs = [replace(each, key=f"{number:08x}{number:08x}") for number, each in enumerate(theirs, 1000)]
    claims: dict[int, str] = {}
    runs = [settled(Recognition(some, grounds), rows, claims) for some in (ours, theirs, ours)]
    for run, again in ((runs[0], runs[2]), (runs[1], runs[1])):
        assert proposed_claims(run) == {}, "each has its row, or there is none"
        placed = [number for key, some in ids(run.found).items() if key not in run.named for number in some]
        assert len(placed) == len(set(placed))
        assert ids(again.found) == ids(run.found), "a run that looks again concludes the same"
    of_ours, of_theirs = ({each.id for some in run.found.values() for each in some} for run in runs[:2])
    assert not of_ours & of_theirs


@given(SEVERAL, ROWS, GROUNDS)
def test_whatever_the_list_shows_only_what_may_be_it_stands_in_for_it(
    sought: list[Sought], rows: list[Backup], grounds: Grounds
) -> None:
    recognition = settled(Recognition(sought, grounds), rows)
    oldest = min(each.since.backup for each in sought)
    old_plans = {each.backup_config_id for each in rows if each.id <= oldest} - {None}
    for each in sought:
        for found in recognition.rows_of(each.key):
            assert found.id > each.since.backup
            if each.key in recognition.named:
                continue
            assert each.since.exact
            assert each.attempts > 0
            assert matches(found, each)
            assert found.backup_config_id not in old_plans | grounds.known_plans or each.target is PLANNED
            assert not grounds.names_shown or each.target.request.automatic_backup
    instants = [each.key for each in sought if not each.target.request.automatic_backup]
    assert all(len(recognition.rows_of(key)) <= 1 for key in instants if key not in recognition.named)
    unplaced = [each for each in sought if not recognition.rows_of(each.key) and each.accepted]
    for each in unplaced:  # What was accepted goes without only where what was accepted, too, has taken all.
        for candidate in recognition.candidates_of(each.key) if each.since.exact else ():
            owner = next(key for key in KEYS if candidate in recognition.rows_of(key))
            assert recognition.sought(owner).accepted


@given(SEVERAL, ROWS, GROUNDS, st.randoms(use_true_random=False))
def test_the_order_of_the_list_is_of_no_account(
    sought: list[Sought], rows: list[Backup], grounds: Grounds, dice: Any
) -> None:
    one = settled(Recognition(sought, grounds), rows)
    other = settled(Recognition(sought, grounds), dice.sample(rows, len(rows)))
    assert {key: set(some) for key, some in ids(one.found).items()} == {
        key: set(some) for key, some in ids(other.found).items()
    }
    assert one.contradicts_names == other.contradicts_names


def test_what_counts_as_an_old_plan_depends_on_when_each_was_sent() -> None:
    """A look for what an earlier run has sent makes no plan new that had made backups before this run."""
    earlier = of(OTHER, target(instant(application_id=1)), since=Mark(10, 0, exact=True))
    rows = [row(101), row(60)]
    assert settled(Recognition([of(), earlier]), rows).candidates_of(KEY) == []
    assert ids(settled(Recognition([of(since=Mark(50, 0, exact=True)), earlier]), rows).found) == {KEY: [60]}
