"""Whether the first run on an API names the command that finds out which one it is."""

from fleet.dialect.dialect import UNKNOWN, Dialect
from fleet.dialect.first_contact import first_contact


def test_the_first_run_on_an_unknown_api_names_the_command_in_one_line() -> None:
    hint = first_contact([UNKNOWN, UNKNOWN])
    assert hint
    assert "fleet-backup doctor FLEET" in hint
    assert "\n" not in hint


def test_an_api_that_was_met_in_any_organization_is_known() -> None:
    assert first_contact([UNKNOWN, Dialect(totals=True)]) is None
    assert first_contact([]) is None
