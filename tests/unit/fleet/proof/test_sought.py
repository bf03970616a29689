"""Where the backup list ended before something was sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.proof.sought import NOTHING_KNOWN, Mark, Sought, mark_of
from fleet.serveravatar.models import Backup
from tests.unit.fleet.builders import backup, target

ROWS = [backup(7, backup_config_id=3), backup(9, backup_config_id=None), backup(8, backup_config_id=5)]


def test_a_list_that_was_empty_is_known_to_be() -> None:
    assert mark_of([]) == Mark(0, 0) != NOTHING_KNOWN


@given(st.permutations(ROWS), st.booleans())
def test_the_mark_is_the_highest_of_each_whatever_the_order(rows: list[Backup], exact: bool) -> None:
    assert mark_of(rows, exact=exact) == Mark(9, 5, exact)


def test_a_mark_is_exact_only_where_that_is_said() -> None:
    assert not mark_of(ROWS).exact
    assert not NOTHING_KNOWN.exact


@pytest.mark.parametrize("number", [1, 2**40, 2**62])
def test_where_the_list_could_not_be_read_no_plan_is_newer(number: int) -> None:
    assert number <= NOTHING_KNOWN.plan
    assert number > NOTHING_KNOWN.backup


def test_what_is_sought_was_taken_on_by_the_api_unless_it_is_said_otherwise() -> None:
    each = Sought("00000000deadbeef", target())
    assert (each.since, each.sent_at, each.accepted, each.attempts) == (NOTHING_KNOWN, None, True, 1)
