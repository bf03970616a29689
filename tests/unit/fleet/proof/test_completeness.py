"""Accepted is not done: when a backup is proven complete."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.inventory.request import BackupRequest
from fleet.proof.completeness import judge, pattern
from fleet.proof.known_api import DOCUMENTED, WIDEST_ZONE, KnownApi
from fleet.proof.matching import mismatch
from fleet.proof.parts import Parts
from fleet.proof.proof import Completion, Proof
from tests.unit.fleet.builders import backup, instant, plan

COMPLETE, PENDING, BAD = Completion.COMPLETE, Completion.PENDING, Completion.BAD
DOUBTFUL = Completion.DOUBTFUL
SHOWS_AS_0 = "shows as 0 MB: open it in the panel"
NOT_STORED = {"application_available_in_cloudstorage": 0}
NO_DATABASE_STORED = {"database_available_in_cloudstorage": 0}


@pytest.mark.parametrize(
    ("row", "completion", "reason"),
    [
        ({}, COMPLETE, ""),
        ({"status": "completed"}, COMPLETE, ""),
        ({"status": " COMPLETED "}, COMPLETE, ""),
        ({"application_size": "4.82", "database_available_in_cloudstorage": "1"}, COMPLETE, ""),
        ({"application_available_in_cloudstorage": True}, COMPLETE, ""),
        ({"status": "In Progress"}, PENDING, "its status is 'In Progress'"),
        ({"status": "Pending"}, PENDING, "its status is 'Pending'"),
        ({"status": "Uploading"}, PENDING, "its status is 'Uploading'"),
        ({"status": "Incomplete"}, PENDING, "its status is 'Incomplete'"),
        ({"status": None}, PENDING, "it has no status yet"),
        ({"status": ""}, PENDING, "it has no status yet"),
        ({"status": 3}, PENDING, "it has no status yet"),
        ({"status": "Failed"}, BAD, "the backup ended as 'Failed'"),
        ({"status": "Upload failed"}, BAD, "the backup ended as 'Upload failed'"),
        ({"status": "Completed with errors"}, BAD, "the backup ended as 'Completed with errors'"),
        ({"status": "ERROR"}, BAD, "the backup ended as 'ERROR'"),
        ({"status": "Cancelled"}, BAD, "the backup ended as 'Cancelled'"),
        ({"status": "aborted"}, BAD, "the backup ended as 'aborted'"),
        ({"status": "Failed", "application_size": None}, BAD, "the backup ended as 'Failed'"),
        # A size of 0 may be how this API writes: only where it is not in the storage, either, there is none.
        ({"application_size": 0}, DOUBTFUL, f"its application archive {SHOWS_AS_0}"),
        ({"database_size": 0}, DOUBTFUL, f"its database archive {SHOWS_AS_0}"),
        ({"database_size": "0.00"}, DOUBTFUL, f"its database archive {SHOWS_AS_0}"),
        ({"database_size": -1}, DOUBTFUL, f"its database archive {SHOWS_AS_0}"),
        (
            {"application_size": 0, "total_application_size": 505.28},
            DOUBTFUL,
            "its application archive shows as 0 MB (505.28 MB before packing): open it in the panel",
        ),
        ({"application_size": 0, **NOT_STORED}, BAD, "the backup of the application is empty"),
        ({"database_size": 0, **NO_DATABASE_STORED}, BAD, "the backup of the database is empty"),
        ({"application_size": None, "database_size": 0}, PENDING, "the size of its application is unknown"),
        (
            {"application_size": None, "database_size": 0, **NO_DATABASE_STORED},
            BAD,
            "the backup of the database is empty",
        ),
        ({"deleted_at": "2025-02-12 01:02:03"}, BAD, "the backup was deleted at 2025-02-12 01:02"),
        (
            {"deleted_at": "2025-02-12 01:02:03", "status": "In Progress"},
            BAD,
            "the backup was deleted at 2025-02-12 01:02",
        ),
        ({"cloud_storage_provider_id": 11}, DOUBTFUL, "backup 301 is in storage provider 11, not 10"),
        ({"application_id": 4247}, DOUBTFUL, "backup 301 is of application 4247, not 4246"),
        ({"database_id": 4224}, DOUBTFUL, "backup 301 is of database 4224, not 4223"),
        (
            {"cloud_storage_provider_id": 11, "status": "Failed"},
            DOUBTFUL,
            "backup 301 is in storage provider 11, not 10",
        ),
        ({"cloud_storage_provider_id": 10, "application_id": 4246, "database_id": 4223}, COMPLETE, ""),
        ({"expires_at": "2020-01-01 00:00:00"}, COMPLETE, ""),  # Nobody asks for the time.
        ({"application_size": None}, PENDING, "the size of its application is unknown"),
        ({"database_size": "large"}, PENDING, "the size of its database is unknown"),
        ({"application_available_in_cloudstorage": 0}, PENDING, "its application is not in the storage yet"),
        ({"database_available_in_cloudstorage": None}, PENDING, "its database is not in the storage yet"),
        ({"application_size": 0, "status": "In Progress"}, PENDING, "its status is 'In Progress'"),
    ],
)
def test_a_backup_of_files_and_database(row: dict[str, Any], completion: Completion, reason: str) -> None:
    row_ = backup(301, **row)
    assert judge(row_, instant()) == Proof(completion, reason, 301)


NO_FILES = {"application_size": 0, "application_available_in_cloudstorage": 0}
NO_DATABASE = {"database_size": None, "database_available_in_cloudstorage": 0}


@pytest.mark.parametrize(
    ("request_", "row", "completion"),
    [
        (instant(type="filesystem"), NO_DATABASE, COMPLETE),
        (instant(type="filesystem"), NO_FILES, BAD),
        (instant(type="database"), NO_FILES, COMPLETE),
        (instant(type="database"), NO_DATABASE, PENDING),
        (instant(database_id=None), NO_DATABASE, COMPLETE),
        (instant(database_id=None), NO_FILES, BAD),
        (instant(), NO_DATABASE, PENDING),
    ],
)
def test_only_the_parts_that_were_asked_for_are_looked_at(
    request_: BackupRequest, row: dict[str, Any], completion: Completion
) -> None:
    assert judge(backup(301, **row), request_).completion is completion


UNKNOWN = {"status": "Zufrieden"}
NO_SIZES: dict[str, Any] = {"application_size": None, "database_size": None}
NO_FLAGS: dict[str, Any] = {
    "application_available_in_cloudstorage": None,
    "database_available_in_cloudstorage": None,
}
HALF_SIZED: dict[str, Any] = {"database_size": None}
ODD_WORD = "its status 'Zufrieden' is not documented"
SIZES_HIDDEN, FLAGS_HIDDEN = "this API does not show sizes", "this API does not show whether it is in the storage"
ALL_HIDDEN = "this API does not show sizes or whether it is in the storage"


@pytest.mark.parametrize(
    ("row", "api", "first", "note"),
    [
        # A word that nobody knows: the rest decides, on two equal looks.
        (UNKNOWN, DOCUMENTED, "second look", ODD_WORD),
        ({**UNKNOWN, **HALF_SIZED}, DOCUMENTED, "the size of its database is unknown", ""),
        ({**UNKNOWN, **NO_FLAGS}, DOCUMENTED, "its application is not in the storage yet", ""),
        ({**UNKNOWN, "database_size": 0}, DOCUMENTED, "its database has no size yet", ""),
        ({**UNKNOWN, **NO_SIZES}, KnownApi(sizes=False), "second look", f"{ODD_WORD}; {SIZES_HIDDEN}"),
        ({**UNKNOWN, **NO_FLAGS}, KnownApi(flags=False), "second look", f"{ODD_WORD}; {FLAGS_HIDDEN}"),
        (
            {**UNKNOWN, **NO_FLAGS, **NO_SIZES},
            KnownApi(sizes=False, flags=False),
            "its status 'Zufrieden' is unknown, and neither sizes nor storage are shown",
            "",
        ),
        ({**UNKNOWN, "application_size": 0, "database_size": 0}, KnownApi(zeros=True), "second look", None),
        # Sizes or flags that are told of no row: the rest decides. Of others told, and not of this one: not yet.
        (NO_SIZES, DOCUMENTED, "the size of its application is unknown", ""),
        (NO_SIZES, KnownApi(sizes=None), "second look", SIZES_HIDDEN),
        (NO_SIZES, KnownApi(sizes=False), "second look", SIZES_HIDDEN),
        (HALF_SIZED, KnownApi(sizes=False), "second look", SIZES_HIDDEN),
        (NO_FLAGS, DOCUMENTED, "its application is not in the storage yet", ""),
        (NO_FLAGS, KnownApi(flags=False), "second look", FLAGS_HIDDEN),
        (NO_FLAGS, KnownApi(flags=None), "second look", FLAGS_HIDDEN),
        ({**NO_FLAGS, **NO_SIZES}, KnownApi(sizes=False, flags=False), "second look", ALL_HIDDEN),
        (
            {"database_available_in_cloudstorage": 0},
            KnownApi(flags=False),
            "its database is not in the storage yet",
            "",
        ),
        # No status at all.
        ({"status": None}, KnownApi(statuses=False), "second look", "no status is shown"),
        ({"status": " "}, KnownApi(statuses=False), "second look", None),
        ({"status": None}, KnownApi(statuses=None), "second look", "no status is shown"),
        # Every archive shows as 0.
        ({"application_size": 0, "database_size": 0}, KnownApi(zeros=True), "second look", SIZES_HIDDEN),
    ],
)
def test_what_nobody_documented_is_inferred_from_the_rest_on_two_equal_looks(
    row: dict[str, Any], api: KnownApi, first: str, note: str | None
) -> None:
    shown = backup(301, **row)
    once = judge(shown, instant(), api)
    assert once.completion is PENDING
    assert first in once.reason
    assert once.needs_another_look is (first == "second look")
    again = judge(shown, instant(), api, seen_before=True)
    assert note is None or again.note == note
    assert not note or note in once.reason
    assert again.completion is (COMPLETE if first == "second look" else PENDING)
    assert again.inferred is once.inferred
    seen_often = replace(api, patterns=frozenset({pattern(shown, Parts())}))
    assert judge(shown, instant(), seen_often).completion is again.completion
    assert judge(shown, instant(), seen_often).inferred is again.inferred


def test_what_is_documented_is_proven_and_not_inferred() -> None:
    for api in (DOCUMENTED, KnownApi(sizes=None, flags=None, statuses=None)):
        proof = judge(backup(301), instant(), api)
        assert (proof.completion, proof.inferred, proof.note) == (COMPLETE, False, "")


OFFSETS = [timedelta(), timedelta(hours=5.5), timedelta(hours=-8)]
EXPIRES = datetime(2025, 2, 18, 12, tzinfo=UTC)


@pytest.mark.parametrize("offset", OFFSETS)
def test_a_backup_whose_time_has_passed_is_no_good(offset: timedelta) -> None:
    row = backup(301, expires_at=f"{EXPIRES + offset:%Y-%m-%d %H:%M:%S}")
    for seconds, completion in ((-1, COMPLETE), (0, BAD), (1, BAD)):
        now = EXPIRES + timedelta(seconds=seconds)
        assert judge(row, instant(), KnownApi(offset=offset, now=now)).completion is completion
    expired = judge(row, instant(), KnownApi(offset=offset, now=EXPIRES))
    assert expired.reason == f"the backup expired at {EXPIRES + offset:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("since", "completion"),
    [
        (timedelta(), COMPLETE),
        (WIDEST_ZONE - timedelta(seconds=1), COMPLETE),
        (WIDEST_ZONE, BAD),
        (-WIDEST_ZONE, COMPLETE),
    ],
)
def test_where_nobody_knows_the_zone_it_has_passed_when_it_has_everywhere(
    since: timedelta, completion: Completion
) -> None:
    row = backup(301, expires_at=f"{EXPIRES:%Y-%m-%d %H:%M:%S}")
    assert judge(row, instant(), KnownApi(now=EXPIRES + since)).completion is completion


ROW = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["Completed", "In Progress", "Failed", "Zufrieden", "", None]),
        "application_size": st.sampled_from([None, 0, 4.82]),
        "database_size": st.sampled_from([None, 0, 0.61]),
        "total_application_size": st.sampled_from([None, 505.28]),
        "application_available_in_cloudstorage": st.sampled_from([None, 0, 1]),
        "database_available_in_cloudstorage": st.sampled_from([None, 0, 1]),
        "expires_at": st.sampled_from([None, "2020-01-01 00:00:00", "2090-01-01 00:00:00"]),
        "deleted_at": st.sampled_from([None, "2020-01-01 00:00:00"]),
        "cloud_storage_provider_id": st.sampled_from([None, 10, 11]),
        "database_id": st.sampled_from([None, 4223, 1]),
    },
)
MAYBE = st.sampled_from([None, True, False])
JUDGING = st.builds(
    KnownApi, MAYBE, MAYBE, MAYBE, st.booleans(), offset=st.sampled_from([None, timedelta()]), now=st.just(EXPIRES)
)
REQUESTS = st.sampled_from([instant(), instant(type="filesystem"), instant(type="database"), plan()])


@given(ROW, JUDGING, REQUESTS, st.booleans())
def test_nothing_is_complete_that_shows_the_opposite(
    row: dict[str, Any], api: KnownApi, request_: BackupRequest, seen_before: bool
) -> None:
    shown = backup(301, **row)
    proof = judge(shown, request_, api, seen_before=seen_before)
    parts = [
        (shown.application_size, shown.application_available_in_cloudstorage, request_.wants_application),
        (shown.database_size, shown.database_available_in_cloudstorage, request_.wants_database),
    ]
    wanted = [(size, is_stored) for size, is_stored, is_wanted in parts if is_wanted]
    if proof.completion is COMPLETE:
        assert shown.status in ("Completed", "Zufrieden", "", None)
        assert shown.deleted_at is None
        assert not mismatch(shown, request_)
        assert all(is_stored is not False for _, is_stored in wanted)
        assert all(size is None or size > 0 or api.zeros for size, _ in wanted)
        assert proof.inferred or (shown.status == "Completed" and all(size and is_stored for size, is_stored in wanted))
        assert seen_before or not proof.inferred
        assert not proof.reason
    else:
        assert proof.reason, "people are told why"
    if proof.completion is BAD and shown.status == "Completed" and shown.deleted_at is None:
        has_passed = shown.expires_at is not None and shown.expires_at < EXPIRES
        assert has_passed or any(size is not None and size <= 0 and is_stored is False for size, is_stored in wanted)
