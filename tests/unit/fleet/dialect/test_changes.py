"""What an API shows otherwise than before: what was not known is no change."""

from typing import Any

import pytest
from hypothesis import given

from fleet.dialect.changes import changes
from fleet.dialect.dialect import UNKNOWN, Dialect, Names, Order
from tests.unit.fleet.dialect.dialects import DIALECTS


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"names": Names.SHOWN}, {"names": Names.HIDDEN}, "no longer shows the names"),
        ({"names": Names.HIDDEN}, {"names": Names.SHOWN}, "shows the names of instant backups now"),
        ({"order": Order.NEWEST_FIRST}, {"order": Order.OLDEST_FIRST}, "was newest first, and is oldest first"),
        ({"sizes": True}, {"sizes": False}, "no longer shows the sizes"),
        ({"flags": False}, {"flags": True}, "shows again what lies in the storage"),
        ({"totals": True}, {"totals": False}, "no longer shows how many"),
        ({"offsets": [7200] * 3}, {"offsets": [3600] * 3}, "UTC+02:00"),
        ({"statuses": {"completed": "complete"}}, {"statuses": {"completed": "complete", "done": "unknown"}}, "'done'"),
    ],
)
def test_each_point_that_was_known_and_differs_is_one_line(
    before: dict[str, Any], after: dict[str, Any], told: str
) -> None:
    [line] = changes(Dialect(**before), Dialect(**after))
    assert told in line
    assert "\n" not in line


@given(DIALECTS)
def test_what_was_not_known_and_what_is_the_same_is_no_change(dialect: Dialect) -> None:
    assert changes(UNKNOWN, dialect) == []
    assert changes(dialect, dialect) == []
