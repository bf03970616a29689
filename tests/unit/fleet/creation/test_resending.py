"""Which plans a person wants sent again: by key, by application, or all; and nothing that is no plan of the run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.creation.resending import ALL, plans_to_resend
from fleet.inventory.target import Target
from fleet.selection.selection import SelectionError
from tests.unit.fleet.builders import instant, plan, target

SHOP = target(plan(), server_name="web-0001")
BLOG = target(plan(application_id=1), server_id=16, server_name="web-0002")
BLOG_FILES = target(plan(application_id=1, type="filesystem", database_id=None), server_id=16, server_name="web-0002")
NAMELESS = target(plan(application_id=7), server_id=17, server_name=None)
ONCE = target(instant(application_id=9))
RUN = [SHOP, BLOG, BLOG_FILES, NAMELESS, ONCE]
PLANS = [SHOP, BLOG, BLOG_FILES, NAMELESS]


@pytest.mark.parametrize(
    ("wanted", "plans"),
    [
        ([], []),
        ([ALL], PLANS),
        (["4246"], [SHOP]),
        (["1"], [BLOG, BLOG_FILES]),
        (["web-0001/4246"], [SHOP]),
        (["15/4246"], [SHOP]),
        (["web-*/1"], [BLOG, BLOG_FILES]),
        (["17/7"], [NAMELESS]),
        ([SHOP.key("")], [SHOP]),
        ([SHOP.key("").upper()], [SHOP]),
        ([f" {BLOG_FILES.key('')} "], [BLOG_FILES]),
        (["4246", "7", "7"], [SHOP, NAMELESS]),
        (["4246", ALL], PLANS),
    ],
)
def test_plans_are_named_by_key_or_application(wanted: list[str], plans: list[Target]) -> None:
    assert plans_to_resend(wanted, RUN) == {each.key("") for each in plans}


@pytest.mark.parametrize(
    "wanted",
    [
        "9",
        "99",
        "15/9",
        "16/4246",
        "web-0002/4246",
        "web-0001/",
        "/",
        "",
        "*",
        "0123456789abcdef",
        ONCE.key(""),
        "42460",
    ],
)
def test_what_names_no_plan_of_the_run_is_told(wanted: str) -> None:
    with pytest.raises(SelectionError) as told:
        plans_to_resend(["4246", wanted], RUN)
    assert str(told.value) == (
        f"--resend-plans {wanted}: no such automatic plan in this run; give its key, SERVER/APPLICATION, or all"
    )


def test_all_of_a_run_without_plans_are_none() -> None:
    assert plans_to_resend([ALL], [ONCE]) == frozenset()


@given(st.lists(st.text()))
def test_a_hostile_text_is_told_or_names_plans(wanted: list[str]) -> None:
    try:
        keys = plans_to_resend(wanted, RUN)
    except SelectionError:
        return
    assert keys <= {each.key("") for each in PLANS}
