"""Which fields an API shows, concluded from rows."""

from typing import Any

import pytest

from fleet.dialect.dialect import OFTEN, Dialect
from fleet.dialect.shown_fields import ENOUGH
from tests.unit.fleet.builders import backup_row
from tests.unit.fleet.dialect.pages import learned, page, rows

SIZELESS: dict[str, Any] = {"application_size": None, "database_size": None}
FLAGLESS: dict[str, Any] = dict.fromkeys(
    ("application_available_in_cloudstorage", "database_available_in_cloudstorage")
)
ZEROS: dict[str, Any] = {"application_size": 0, "database_size": 0, "total_application_size": 505.28}


@pytest.mark.parametrize(
    ("point", "shown", "silent"),
    [("sizes", {}, SIZELESS), ("flags", {}, FLAGLESS), ("shows_status", {}, {"status": None})],
)
def test_one_row_that_shows_a_thing_proves_that_it_is_shown_and_only_several_contradict(
    point: str, shown: dict[str, Any], silent: dict[str, Any]
) -> None:
    def of(*some: dict[str, Any], known: bool | None = None) -> bool | None:
        value: bool | None = getattr(learned(page(*some), known=Dialect(**{point: known})), point)
        return value

    assert of() is None
    assert of(backup_row(1, **silent)) is False
    assert of(backup_row(1, **silent), backup_row(2, **shown)) is True
    assert of(*rows(ENOUGH - 1, **silent), known=True) is True
    assert of(*rows(ENOUGH, **silent), known=True) is False
    assert of(*rows(9, **silent), backup_row(99, **shown), known=False) is True


@pytest.mark.parametrize("status", ["In Progress", "Failed", "Pending", "Cancelled"])
def test_of_what_is_on_its_way_or_has_failed_nothing_is_expected(status: str) -> None:
    dialect = learned(page(*rows(9, status=status, **SIZELESS, **FLAGLESS)))
    assert (dialect.sizes, dialect.flags) == (None, None)


def test_every_archive_that_shows_as_0_beside_a_real_size_is_a_way_of_writing() -> None:
    assert learned(page(*rows(OFTEN - 1, **ZEROS))).zeros is False
    dialect = learned(page(*rows(OFTEN, **ZEROS)))
    assert (dialect.zeros, dialect.sizes) == (True, True)
    assert learned(page(*rows(9, **ZEROS), backup_row(99))).zeros is False, "one shows its size"
    assert learned(page(backup_row(99)), known=Dialect(zeros=True)).zeros is False
    assert learned(page(), known=Dialect(zeros=True)).zeros is True


@pytest.mark.parametrize(
    "changes",
    [
        {"total_application_size": None},
        {"total_application_size": 0},
        {"application_available_in_cloudstorage": 0},
        {"status": "Failed"},
    ],
)
def test_an_archive_that_may_really_be_empty_is_none(changes: dict[str, Any]) -> None:
    assert learned(page(*rows(9, **{**ZEROS, **changes}))).zeros is False
