"""How a target stands now, and why."""

from typing import Any

import pytest

from fleet.audit.finding import Status
from fleet.report.outcome import Outcome
from fleet.status.standing import MEANINGS, Standing
from tests.unit.fleet.status.states import AUDITED_AT, HOUR, NOW, row

OLD = {"good_at": NOW - 27 * HOUR}
NONE = {"good_at": None, "good_mb": None}
UNAUDITED = {"status": None, "status_at": None}


@pytest.mark.parametrize(
    ("changes", "standing", "is_fresh"),
    [
        ({}, "fine", True),
        (UNAUDITED, "fine", True),
        (OLD, "stale", False),
        (OLD | {"max_age": 30 * HOUR}, "fine", True),
        (OLD | {"max_age": None}, "stale", False),
        (OLD | {"max_age": None, "automatic": True}, "fine", True),
        (NONE | {"status": "never"}, "never", False),
        (NONE | {"status": "stale"}, "stale", False),
        (NONE | UNAUDITED | {"outcome": "unmet"}, "never", False),
        # What was accepted, and nobody has seen yet, is not missing.
        (NONE | UNAUDITED | {"outcome": "created"}, "unknown", False),
        (NONE | UNAUDITED | {"outcome": "adopted", "automatic": True}, "unknown", False),
        # A good backup does not hide that the last run failed; an old one does.
        ({"outcome": "rejected"}, "failed", True),
        ({"outcome": "rejected"} | OLD, "stale", False),
        ({"outcome": "rejected", "good_at": NOW - HOUR}, "fine", True),
        # What the audit found counts until a later backup settles it.
        ({"status": "unproven"}, "unproven", True),
        ({"status": "unproven", "good_at": AUDITED_AT + 60}, "fine", True),
        ({"status": "gone"}, "gone", True),
        ({"status": "gone"} | OLD, "stale", False),
        ({"status": "shrunk", "good_at": AUDITED_AT + 60}, "shrunk", True),
        ({"status": "stale", "good_at": AUDITED_AT + 60}, "fine", True),
        # No age changes these.
        ({"status": "muted"} | OLD, "muted", False),
        ({"status": "muted"} | NONE, "muted", False),
        ({"status": "uncovered", "type": "", "outcome": None}, "uncovered", False),
    ],
)
def test_how_a_target_stands(changes: dict[str, Any], standing: str, is_fresh: bool) -> None:
    shown = row(**changes)
    assert (shown.standing(NOW), shown.is_fresh(NOW)) == (standing, is_fresh)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"outcome": "unmet", "outcome_reason": "disk 99 % full"}, "last run: unmet: disk 99 % full"),
        ({"outcome": "not_tried"}, "last run: not tried"),
        ({"status": "shrunk", "status_reason": "88 % less"}, "88 % less"),
        (
            {"status": "gone", "status_reason": "moved", "outcome": "unmet", "outcome_reason": "no such site"},
            "moved; last run: unmet: no such site",
        ),
        # Why a run failed is worth more than the age, which the page shows anyway.
        (
            {"status": "stale", "status_reason": "2 d old", "outcome": "unmet", "outcome_reason": "full"} | OLD,
            "last run: unmet: full",
        ),
        ({"status": "stale", "status_reason": "2 d old"} | OLD, "2 d old"),
        ({"status": "unproven", "status_reason": "failed", "good_at": AUDITED_AT + 60}, ""),
    ],
)
def test_why(changes: dict[str, Any], reason: str) -> None:
    assert row(**changes).reason == reason


def test_every_status_and_outcome_stands_somehow_at_any_age() -> None:
    for status in (None, *Status):
        for outcome in (None, *Outcome):
            for good_at in (None, 0.0, NOW):
                shown = row(status=status, outcome=outcome, good_at=good_at)
                assert shown.standing(NOW) in MEANINGS
                assert isinstance(shown.reason, str)


def test_every_standing_is_explained() -> None:
    assert set(MEANINGS) == set(Standing)
