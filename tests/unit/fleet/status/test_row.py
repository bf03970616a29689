"""The rows of the page: which there are, and in what order."""

from fleet.status.row import arranged
from tests.unit.fleet.status.states import HOUR, NOW, row, state

UNWANTED = {"type": "", "status": "uncovered", "outcome": None, "good_at": None}


def test_problems_come_first_and_of_equal_ones_the_oldest() -> None:
    states = [
        state(1),
        state(2, good_at=NOW - 30 * HOUR),
        state(3, status="muted"),
        state(4, good_at=None, status="never"),
        state(5, outcome="unmet"),
        state(6, good_at=NOW - 90 * HOUR),
        state(7, **UNWANTED),
    ]
    assert [each.state.application_id for each in arranged(states, NOW)] == [4007, 4004, 4006, 4002, 4005, 4003, 4001]


def test_what_a_fleet_file_wants_by_now_is_no_longer_uncovered() -> None:
    wanted = state(1, database_id=7)
    application, database = (
        state(2, **(UNWANTED | {"application_id": 4001})),
        state(3, **(UNWANTED | {"application_id": None, "database_id": 7})),
    )
    other = state(4, **(UNWANTED | {"application_id": None, "database_id": 8}))
    elsewhere = state(5, **(UNWANTED | {"application_id": 4001, "organization": 6}))
    shown = arranged([application, database, other, elsewhere, wanted], NOW)
    assert {each.state.key for each in shown} == {other.key, elsewhere.key, wanted.key}
    of_another_fleet = state(6, fleet="other", application_id=4001)
    assert len(arranged([application, of_another_fleet], NOW)) == 1


def test_a_row_names_what_is_backed_up() -> None:
    assert (row().name, row().kind, row().limit_words) == ("site 1", "", "26 h")
    assert row(type="database", automatic=True).kind == "database, plan"
    assert row(application="", application_id=None, database="shop").name == "shop"
    assert row(application="", application_id=None, database_id=7).name == "database 7"
    assert row(type="", status="uncovered", max_age=None).limit_words == ""
