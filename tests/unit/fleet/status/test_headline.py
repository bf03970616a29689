"""The first line: one sentence, one number."""

from typing import Any

import pytest

from fleet.ledger.days.reading import TargetState
from fleet.status.headline import headline
from fleet.status.row import arranged
from tests.unit.fleet.status.states import HOUR, NOW, state

OLD: dict[str, Any] = {"good_at": NOW - 27 * HOUR}
UNKNOWN: dict[str, Any] = {"good_at": None, "status": None, "outcome": "created"}


@pytest.mark.parametrize(
    ("states", "sentence"),
    [
        ([], "No run or audit is in the ledger yet."),
        ([state(1)], "The only site has a good backup younger than 26 h."),
        ([state(1, **OLD)], "0 of 1 site has a good backup younger than 26 h; 1 does not."),
        ([state(1), state(2)], "All 2 sites have a good backup younger than 26 h."),
        ([state(1), state(2, **OLD)], "1 of 2 sites has a good backup younger than 26 h; 1 does not."),
        (
            [*(state(number) for number in range(1203)), *(state(number, **OLD) for number in range(2000, 2006))],
            "1,203 of 1,209 sites have a good backup younger than 26 h; 6 do not.",
        ),
        ([state(1), state(2, max_age=8 * 24 * HOUR)], "All 2 sites have a good backup as young as expected."),
        (
            [state(1), state(2, **UNKNOWN), state(3, **OLD)],
            "1 of 3 sites has a good backup younger than 26 h; 1 does not, 1 is not checked yet.",
        ),
        (
            [state(1), state(2), state(3, status="muted", **OLD)],
            "All 2 sites have a good backup younger than 26 h. 1 muted site is not counted.",
        ),
        ([state(1, status="muted"), state(2, status="muted")], "All 2 sites are muted."),
        ([state(1, status="uncovered", type="")], "0 of 1 site has a good backup as young as expected; 1 does not."),
        # A finding that is not about the age is listed, and does not change what is true of the age.
        ([state(1, status="gone"), state(2, outcome="unmet")], "All 2 sites have a good backup younger than 26 h."),
    ],
)
def test_the_sentence(states: list[TargetState], sentence: str) -> None:
    assert headline(arranged(states, NOW), NOW).sentence == sentence


def test_a_site_is_backed_up_if_each_of_its_targets_is() -> None:
    files, dump = state(1), state(2, application_id=4001, type="database", database_id=7)
    assert headline(arranged([files, dump], NOW), NOW).good == 1
    late = headline(arranged([files, state(2, application_id=4001, type="database", **OLD)], NOW), NOW)
    assert (late.good, late.bad) == (0, 1)
    muted = headline(arranged([files, state(2, application_id=4001, type="database", status="muted")], NOW), NOW)
    assert (muted.good, muted.muted) == (1, 0)


def test_it_is_as_true_as_the_time_it_is_asked() -> None:
    rows = arranged([state(1)], NOW)
    assert headline(rows, NOW).bad == 0
    assert headline(rows, NOW + 24 * HOUR).bad == 1
