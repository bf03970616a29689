"""What two runs have learned of one API, together."""

from typing import Any

import pytest
from hypothesis import given

from fleet.dialect.combining import combined
from fleet.dialect.dialect import UNKNOWN, Dialect, Names
from tests.unit.fleet.dialect.dialects import DIALECTS, FULL


def test_every_point_can_be_known_so_that_none_is_forgotten() -> None:
    """A point that is added to the dialect is added to the one that knows everything, and so to these tests."""
    by_default = [name for name in Dialect.model_fields if getattr(FULL, name) == getattr(UNKNOWN, name)]
    assert by_default == []
    assert combined(UNKNOWN, FULL) == FULL
    assert combined(FULL, UNKNOWN) == FULL
    assert combined(FULL, FULL) == FULL


@given(DIALECTS, DIALECTS)
def test_what_was_learned_wins_and_what_was_not_stays(stored: Dialect, learned: Dialect) -> None:
    both = combined(stored, learned)
    for point in ("names", "order", "page_size", "totals", "sizes", "flags", "limit_headers", "clock_error", "offsets"):
        unknown = getattr(UNKNOWN, point)
        wanted = getattr(stored if getattr(learned, point) == unknown else learned, point)
        assert getattr(both, point) == wanted
    assert combined(both, learned) == both
    assert both.shows_after == max(stored.shows_after, learned.shows_after)
    for kind, forms in stored.forms.items():
        assert set(forms) <= set(both.forms[kind])


@pytest.mark.parametrize(
    ("stored", "learned", "point", "expected"),
    [
        ({"statuses": {"done": "complete"}}, {"statuses": {"done": "pending"}}, "statuses", {"done": "complete"}),
        ({"statuses": {"done": "complete"}}, {"statuses": {"done": "bad"}}, "statuses", {"done": "bad"}),
        ({"statuses": {"odd": "unknown"}}, {"statuses": {"odd": "pending"}}, "statuses", {"odd": "pending"}),
        ({"zeros": True, "sizes": True}, {"zeros": False, "sizes": True}, "zeros", False),
        ({"zeros": True, "sizes": True}, {}, "zeros", True),
        ({"names": Names.SHOWN, "key_digits": 12}, {"names": Names.SHOWN}, "key_digits", 16),
        ({"names": Names.SHOWN, "key_digits": 12}, {}, "key_digits", 12),
        ({"first_backups_missed": 2}, {"first_backups_missed": 1}, "first_backups_missed", 2),
        ({"patterns": {"a||": 3}}, {"patterns": {"a||": 2, "b||": 1}}, "patterns", {"a||": 3, "b||": 1}),
    ],
)
def test_points_that_hang_together(
    stored: dict[str, Any], learned: dict[str, Any], point: str, expected: object
) -> None:
    assert getattr(combined(Dialect(**stored), Dialect(**learned)), point) == expected
