"""Which rows of the list are what was sent for: by name, or by being in the right place and nobody else's."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.inventory.target import Target
from fleet.proof.recognition import CHANGE_OF_CLOCKS, CLOCK_TOLERANCE, Grounds, Recognition, is_like
from fleet.proof.sought import NOTHING_KNOWN, Mark, Sought, mark_of
from fleet.proof.verification import Evidence
from fleet.serveravatar.models import Backup
from tests.unit.fleet.builders import backup, instant, plan, target

KEY, OTHER = "00000000deadbeef", "0000000cafebabe0"
MARK = Mark(100, 40, exact=True)
INSTANT, PLANNED = target(instant()), target(plan())
SENT = datetime(2026, 11, 28, 3, tzinfo=UTC)
OURS: dict[str, Any] = {
    "organization_id": 5,
    "server_id": 15,
    "application_id": 4246,
    "database_id": 4223,
    "cloud_storage_provider_id": 10,
    "created_at": "2026-11-28 03:00:01",
}
SHOWN = Grounds(names_shown=True)


def row(number: int, name: str | None = None, **changes: Any) -> Backup:
    """A row of what the builder's targets ask for; its plan's id is 41 unless told otherwise."""
    return backup(number, name, **{**OURS, "backup_config_id": 41, **changes})


def of(key: str = KEY, wanted: Target = INSTANT, since: Mark = MARK, **changes: Any) -> Sought:
    return replace(Sought(key, wanted, since, SENT.timestamp()), **changes)


def settled(recognition: Recognition, rows: Iterable[Backup], claims: dict[int, str] | None = None) -> Recognition:
    """Take the rows, and claim in what all share, as `own_rows` does: who claims a row first has it."""
    claims = {} if claims is None else claims
    for each in rows:
        recognition.take(each)
    while proposed := recognition.proposals():
        claims |= {number: key for number, key in proposed.items() if number not in claims}
        recognition.claim({number: claims[number] for number in proposed})
    return recognition


def ids(rows: Mapping[str, list[Backup]]) -> dict[str, list[int]]:
    return {key: [each.id for each in some] for key, some in rows.items()}


def is_recognised(backup: Backup, wanted: Target = INSTANT, since: Mark = MARK, **grounds: Any) -> bool:
    found = settled(Recognition([of(wanted=wanted, since=since)], Grounds(**grounds)), [backup]).found
    assert list(found) in ([], [KEY])
    return bool(found)


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
    ("wanted", "changes", "is_it"),
    [
        (instant(), {}, True),
        (instant(), dict.fromkeys(("organization_id", "server_id", "cloud_storage_provider_id", "database_id")), True),
        (instant(), {"organization_id": 6}, False),
        (instant(), {"server_id": 16}, False),
        (instant(), {"application_id": 4247}, False),
        (instant(), {"application_id": None}, False),
        (instant(), {"database_id": 4224}, False),
        (instant(), {"cloud_storage_provider_id": 11}, False),
        (instant(), {"deleted_at": "2026-11-28 04:00:00"}, False),
        # Parts, by extension or by size; a row that tells none may hold any.
        (instant(), {"database_size": None}, False),
        (instant(), {"database_size": None, "application_size": None}, True),
        (instant(), {"database_size": None, "database_extension": ".sql.gz"}, True),
        # Of one that goes on, a part may only have no size yet.
        (instant(), {"database_size": None, "status": "Uploading"}, True),
        (instant(), {"database_size": None, "status": None}, True),
        (instant(), {"database_size": None, "status": "Uploading", "application_extension": ".tar.gz"}, False),
        (instant(type="filesystem"), {"status": "Uploading"}, False),
        (instant(type="filesystem"), {}, False),
        (instant(type="filesystem"), {"database_size": None}, True),
        (instant(type="filesystem"), {"database_size": None, "database_id": 9}, True),
        (instant(database_id=None), {"database_size": None, "database_id": 9}, True),
        (instant(type="database"), {"application_size": None}, True),
        (instant(type="database"), {"application_size": None, "application_id": None}, True),
        (instant(type="database"), {"application_size": None, "application_id": None, "database_id": 9}, False),
        (instant(type="database"), {"application_size": None, "application_id": None, "database_id": None}, False),
        (instant(type="database"), {"application_size": None, "application_id": 4247}, False),
        (instant(type="database"), {}, False),
        (plan(), {}, True),
        (plan(), {"application_id": 4247}, False),
    ],
)
def test_a_row_is_like_what_was_asked_for_in_everything_that_it_shows(
    wanted: Any, changes: dict[str, Any], is_it: bool
) -> None:
    each = of(wanted=target(wanted))
    assert is_like(row(101, **changes), each) is is_it
    assert is_recognised(row(101, **changes), target(wanted)) is is_it


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


def test_nothing_is_concluded_from_a_row_before_it_is_claimed() -> None:
    recognition = Recognition([of()])
    assert recognition.take(row(101)) == []
    assert recognition.found == {}
    assert recognition.proposals() == {101: KEY}
    recognition.claim({101: OTHER})  # Another run was quicker.
    assert recognition.found == {}
    assert recognition.proposals() == {}
    recognition.take(row(102))
    assert recognition.proposals() == {102: KEY}
    recognition.claim({102: KEY})
    assert ids(recognition.found) == {KEY: [102]}
    assert recognition.take(row(102, status="Failed")) == [KEY], "its end is seen"
    assert recognition.rows_of(KEY)[0].status == "Failed"


def test_a_claimed_row_stays_known_when_it_goes_on_to_show_otherwise() -> None:
    recognition = settled(Recognition([of()]), [row(101, status="In Progress", application_size=None)])
    assert recognition.take(row(101, database_size=None)) == [KEY]


def test_a_row_that_shows_a_key_after_all_is_no_longer_anybody_elses() -> None:
    recognition = settled(Recognition([of(KEY), of(OTHER, sent_at=SENT.timestamp() + 1)]), [row(101)])
    assert ids(recognition.found) == {KEY: [101]}
    assert ids(settled(recognition, [row(101, f"fb-{OTHER}")]).found) == {OTHER: [101]}
    assert recognition.candidates_of(KEY) == []
    assert ids(settled(recognition, [row(102)]).found) == {OTHER: [101], KEY: [102]}


def test_what_was_accepted_is_placed_before_what_is_in_doubt() -> None:
    sought = [of(KEY, accepted=False, sent_at=1.0), of(OTHER, accepted=True, sent_at=2.0)]
    assert ids(settled(Recognition(sought), [row(101)]).found) == {OTHER: [101]}
    assert ids(settled(Recognition(sought), [row(101), row(102)]).found) == {OTHER: [101], KEY: [102]}


def test_of_equals_the_first_that_was_sent_gets_the_first_row() -> None:
    sought = [of(KEY, sent_at=2.0), of(OTHER, sent_at=1.0)]
    assert ids(settled(Recognition(sought), [row(102), row(101)]).found) == {OTHER: [101], KEY: [102]}


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


def test_the_rows_of_one_application_are_of_one_target_each() -> None:
    """An instant backup and a plan of one application never share a row."""
    sought = [of(KEY), of(OTHER, PLANNED, sent_at=SENT.timestamp() + 1)]
    recognition = settled(Recognition(sought), [row(101)])
    assert ids(recognition.found) == {KEY: [101]}
    recognition = settled(Recognition(sought), [row(101), row(102, backup_config_id=42)])
    assert ids(recognition.found) == {KEY: [101], OTHER: [102]}


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
    assert recognition.placing(KEY) == ""
    alone = settled(Recognition([of(wanted=PLANNED)]), [row(101), row(102)])
    assert alone.twins_of(KEY) == ()


def test_a_row_of_the_plan_that_another_has_claimed_is_not_its_own() -> None:
    recognition = settled(Recognition([of(wanted=PLANNED)]), [row(101)])
    recognition.claim({102: OTHER})
    assert recognition.take(row(102)) == []
    assert ids(recognition.found) == {KEY: [101]}


# Time.


@pytest.mark.parametrize(
    ("grounds", "dated", "is_before"),
    [
        (Grounds(offset=None), "2020-01-01 00:00:00", False),  # Nobody knows the zone: ids alone decide.
        (Grounds(offset=timedelta()), None, False),
        (Grounds(offset=timedelta()), "2026-11-28 03:00:00", False),
        (Grounds(offset=timedelta()), "2026-11-28 01:58:01", False),
        (Grounds(offset=timedelta()), "2026-11-28 01:57:59", True),
        (Grounds(offset=timedelta(hours=5.5)), "2026-11-28 07:28:01", False),
        (Grounds(offset=timedelta(hours=5.5)), "2026-11-28 07:27:59", True),
        (Grounds(offset=timedelta(hours=-8)), "2026-11-27 19:00:00", False),
        (Grounds(offset=timedelta(), tolerance=CLOCK_TOLERANCE), "2026-11-28 02:58:00", False),
        (Grounds(offset=timedelta(), tolerance=CLOCK_TOLERANCE), "2026-11-28 02:57:59", True),
        (Grounds(offset=timedelta(), tolerance=CLOCK_TOLERANCE), "2027-01-01 00:00:00", False),
    ],
)
def test_a_row_that_is_certainly_older_than_what_was_sent_is_not_it(
    grounds: Grounds, dated: str | None, is_before: bool
) -> None:
    backup = row(101, created_at=dated)
    assert grounds.is_dated_before(backup, SENT.timestamp()) is is_before
    assert not grounds.is_dated_before(backup, None)
    recognition = settled(Recognition([of()], grounds), [backup])
    assert bool(recognition.found) is not is_before
    # Of what was sent more than once an earlier attempt may have made it.
    assert settled(Recognition([of(attempts=2)], grounds), [backup]).found
    # A name is the stronger evidence.
    assert settled(Recognition([of()], grounds), [row(101, f"fb-{KEY}", created_at=dated)]).found


def test_until_told_otherwise_clocks_may_have_changed_since_the_zone_was_learned() -> None:
    assert Grounds().tolerance == CLOCK_TOLERANCE + CHANGE_OF_CLOCKS


# What is said.


def test_several_candidates_are_told_and_one_that_stands_alone_too() -> None:
    recognition = settled(Recognition([of()]), [row(103), row(102), row(101)])
    assert recognition.placing(KEY) == (
        "placed: backup 101, or 102 or 103 shows no name and may be somebody else's of the same site"
    )
    assert [each.id for each in recognition.candidates_of(KEY)] == [101, 102, 103]
    assert recognition.twins_of(KEY) == (101, 102, 103)
    alone = settled(Recognition([of()]), [row(101)])
    assert alone.placing(KEY) == "placed: backup 101 shows no name and may be somebody else's of the same site"
    assert alone.twins_of(KEY) == ()
    named = settled(Recognition([of()]), [row(101, f"fb-{KEY}"), row(102)])
    assert named.placing(KEY) == ""
    assert named.twins_of(KEY) == ()
    assert Recognition([of()]).placing(KEY) == ""


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
        assert run.proposals() == {}, "each has its row, or there is none"
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
            assert is_like(found, each)
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
