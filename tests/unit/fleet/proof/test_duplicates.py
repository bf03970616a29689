"""A backup that stands in the list more than once: the best one counts, and the others are reported."""

from typing import Any

import pytest

from fleet.proof.completeness import judge
from fleet.proof.duplicates import judge_all
from fleet.proof.known_api import DOCUMENTED
from fleet.proof.proof import Completion
from tests.unit.fleet.builders import backup, instant, plan

COMPLETE, PENDING, BAD = Completion.COMPLETE, Completion.PENDING, Completion.BAD

DOUBTFUL = Completion.DOUBTFUL

UNKNOWN = {"status": "Zufrieden"}


def test_what_a_plan_makes_one_after_another_are_no_twins() -> None:
    rows = [backup(number, backup_config_id=71) for number in (7, 9)]
    assert judge_all(rows, plan()).twins == ()
    assert judge_all(rows, instant()).twins == (7, 9)
    second_plan = backup(8, backup_config_id=72)
    assert judge_all([*rows, second_plan], plan()).twins == (7, 8)


def test_of_several_each_is_judged_by_its_own_earlier_look() -> None:
    rows = [backup(number, **UNKNOWN) for number in (7, 9)]
    proof = judge_all(rows, instant(), DOCUMENTED, frozenset({9}))
    assert (proof.completion, proof.backup_id, proof.inferred) == (COMPLETE, 9, True)
    doubtful = judge_all([backup(7, application_size=0), backup(9, status="Failed")], instant())
    assert (doubtful.completion, doubtful.backup_id) == (DOUBTFUL, 7)


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
    backups = [backup(number + 1, **row) for number, row in enumerate(rows)]
    proof = judge_all(backups, instant())
    assert (proof.completion, proof.backup_id) == (completion, backup_id)
    assert proof.twins == (tuple(range(1, len(rows) + 1)) if len(rows) > 1 else ())


def test_twins_are_told_in_words_a_person_can_act_on() -> None:
    rows = [backup(number) for number in (9, 7)]
    assert judge_all(rows, instant()).remark == "made 2 times, backups 7, 9: delete all but one"
    assert judge(rows[0], instant()).remark == ""
