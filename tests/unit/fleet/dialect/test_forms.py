"""The forms in which an API writes flags, sizes, ids and stamps."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.dialect.forms import DOCUMENTED, form_of, forms_of
from tests.unit.fleet.builders import backup_row


@pytest.mark.parametrize(
    ("kind", "value", "form"),
    [
        *((kind, value, "") for kind in DOCUMENTED for value in (None, "")),
        ("flag", 1, "number"),
        ("flag", True, "true or false"),
        ("flag", "1", "number in quotes"),
        ("flag", "yes", "words"),
        ("size", 4.82, "number"),
        ("size", "4.82", "number in quotes"),
        ("size", "-1", "number in quotes"),
        ("size", "4.82 MB", "words"),
        ("size", "4,82", "words"),
        ("size", True, "true or false"),
        ("id", 5, "number"),
        ("id", "5", "number in quotes"),
        ("id", "b5c1", "words"),
        ("id", [5], "another kind of value"),
        ("id", {"id": 5}, "another kind of value"),
        ("stamp", "2025-02-11 11:12:22", "Y-m-d H:i:s"),
        ("stamp", "2025-02-11 11:12", "Y-m-d H:i:s"),
        ("stamp", "2025-02-11T11:12:22", "ISO 8601 without a zone"),
        ("stamp", "2025-02-11T11:12:22Z", "ISO 8601 with its zone"),
        ("stamp", "2025-02-11T11:12:22.000000Z", "ISO 8601 with its zone"),
        ("stamp", "2025-02-11T11:12:22+05:30", "ISO 8601 with its zone"),
        ("stamp", "2025-02-11T11:12:22-0800", "ISO 8601 with its zone"),
        ("stamp", 1739272342, "number"),
        ("stamp", "11 Feb 2025", "words"),
    ],
)
def test_a_form_has_a_name(kind: str, value: Any, form: str) -> None:
    assert form_of(kind, value) == form


def test_the_vendors_example_is_as_documented() -> None:
    example = backup_row(1, application_id=2, server_id=None, expires_at="2025-02-18 11:12:22")
    assert forms_of([example]) == {kind: set(forms) for kind, forms in DOCUMENTED.items()}


def test_every_form_that_rows_show_is_kept_and_null_is_none() -> None:
    rows = [
        backup_row(1, application_size="4.82 MB"),
        backup_row(2, database_size=None),
        "no row",
        None,
        {"id": "3"},
    ]
    forms = forms_of(rows)
    assert forms["size"] == {"words", "number"}
    assert forms["id"] == {"number", "number in quotes"}
    assert forms_of([{}]) == {kind: set() for kind in DOCUMENTED}
    assert forms_of([]) == {}


JSON = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=2)
ROWS = st.lists(st.dictionaries(st.sampled_from(list(backup_row(1))), JSON), max_size=4)


@given(ROWS, st.randoms(use_true_random=False))
def test_hostile_rows_have_forms_too_in_whatever_order(rows: list[dict[str, Any]], dice: Any) -> None:
    forms = forms_of(rows)
    assert forms_of(dice.sample(rows, len(rows))) == forms
    assert all("" not in each for each in forms.values())
