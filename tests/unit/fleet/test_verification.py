"""Accepted is not done: when a backup is proven complete."""

from typing import Any

import pytest

from fleet.request import BackupRequest
from fleet.serveravatar.models import Backup
from fleet.verification import Completion, Proof, judge, judge_all, next_interval
from tests.unit.fleet.builders import backup_row, instant

COMPLETE, PENDING, BAD = Completion.COMPLETE, Completion.PENDING, Completion.BAD


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
        ({"application_size": 0}, BAD, "the backup of the application is empty"),
        ({"database_size": 0}, BAD, "the backup of the database is empty"),
        ({"database_size": "0.00"}, BAD, "the backup of the database is empty"),
        ({"database_size": -1}, BAD, "the backup of the database is empty"),
        ({"application_size": None, "database_size": 0}, BAD, "the backup of the database is empty"),
        ({"application_size": None}, PENDING, "the size of its application is not known"),
        ({"database_size": "large"}, PENDING, "the size of its database is not known"),
        ({"application_available_in_cloudstorage": 0}, PENDING, "its application is not in the storage yet"),
        ({"database_available_in_cloudstorage": None}, PENDING, "its database is not in the storage yet"),
        ({"application_size": 0, "status": "In Progress"}, PENDING, "its status is 'In Progress'"),
    ],
)
def test_a_backup_of_files_and_database(row: dict[str, Any], completion: Completion, reason: str) -> None:
    backup = Backup(**backup_row(301, **row))
    assert judge(backup, instant()) == Proof(completion, reason, 301)


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
    assert judge(Backup(**backup_row(301, **row)), request_).completion is completion


def test_before_anything_was_seen_nothing_is_proven() -> None:
    assert Proof() == Proof(PENDING, "no backup found", None)


GOOD: dict[str, Any] = {}
ON_ITS_WAY, BROKEN = {"status": "In Progress"}, {"status": "Failed"}


@pytest.mark.parametrize(
    ("rows", "completion", "backup_id"),
    [
        ([GOOD], COMPLETE, 1),
        ([BROKEN], BAD, 1),
        ([BROKEN, GOOD], COMPLETE, 2),
        ([GOOD, BROKEN], COMPLETE, 1),
        ([BROKEN, ON_ITS_WAY], PENDING, 2),
        ([ON_ITS_WAY, GOOD, BROKEN], COMPLETE, 2),
        ([BROKEN, BROKEN], BAD, 1),
        ([GOOD, GOOD], COMPLETE, 1),
    ],
)
def test_of_backups_of_one_key_the_best_counts_and_more_than_one_is_told(
    rows: list[dict[str, Any]], completion: Completion, backup_id: int
) -> None:
    backups = [Backup(**backup_row(number + 1, **row)) for number, row in enumerate(rows)]
    proof = judge_all(backups, instant())
    assert (proof.completion, proof.backup_id) == (completion, backup_id)
    assert proof.twins == (tuple(range(1, len(rows) + 1)) if len(rows) > 1 else ())


def test_twins_are_told_in_words_a_person_can_act_on() -> None:
    rows = [Backup(**backup_row(number)) for number in (9, 7)]
    assert judge_all(rows, instant()).remark == "made 2 times, backups 7, 9: delete all but one"
    assert judge(rows[0], instant()).remark == ""


@pytest.mark.parametrize(
    ("elapsed", "in_vain", "seconds"),
    [
        (0.0, 0, 2.0),
        (2.0, 1, 3.0),
        (5.0, 1, 4.5),
        (5.0, 20, 20.0),
        (30.0, 1, 17.0),
        (100.0, 0, 52.0),
        (3000.0, 0, 60.0),
        (3.0, 500, 60.0),
    ],
)
def test_the_time_between_looks_grows_with_time_and_wasted_pages_but_not_without_end(
    elapsed: float, in_vain: int, seconds: float
) -> None:
    assert next_interval(elapsed, in_vain) == seconds


@pytest.mark.parametrize(("done", "most"), [(0.3, 1), (2, 1), (10, 4), (30, 6), (60, 7), (600, 17)])
def test_a_backup_is_noticed_soon_and_with_few_looks(done: float, most: int) -> None:
    elapsed, looks = 0.0, 0
    while elapsed < done:
        elapsed += next_interval(elapsed, 1)
        looks += 1
    assert looks <= most
    assert elapsed - done <= 2.0 + done / 2
