"""Which target `--prove` is about."""

from datetime import UTC, datetime

import pytest

from fleet.doctor.prove.target_choice import NAME, ChoiceError, chosen
from fleet.inventory.target import Target
from fleet.inventory.window import parse
from tests.unit.fleet.builders import instant, plan, target

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHOP = target(instant())
SHOP_PLAN = target(plan(), place="servers[0].backups[1]")
SHOP_FILES = target(
    instant(type="filesystem", database_id=None, database_extension=None), place="servers[0].backups[2]"
)
ELSEWHERE = target(instant(), server_id=16, server_name="web-0002", place="servers[1].backups[0]")


@pytest.mark.parametrize(
    ("targets", "wanted", "place"),
    [
        ([SHOP], "4246", SHOP.place),
        ([SHOP, ELSEWHERE], "15/4246", SHOP.place),
        ([SHOP, ELSEWHERE], "web-0002/4246", ELSEWHERE.place),
        ([SHOP, ELSEWHERE], " web-0002 / 4246 ", ELSEWHERE.place),
    ],
)
def test_it_is_named_by_its_application_and_where_needed_by_its_server(
    targets: list[Target], wanted: str, place: str
) -> None:
    assert chosen(targets, wanted, NOON).place == place


@pytest.mark.parametrize("targets", [[SHOP_PLAN], [SHOP, SHOP_PLAN]])
def test_a_plan_is_proven_by_an_instant_backup_of_the_same(targets: list[Target]) -> None:
    found = chosen(targets, "4246", NOON)
    assert found.request.body(found.backup_name("doctor")) == instant(name=NAME).body(found.backup_name("doctor"))
    assert "fleet-backup doctor" in str(found.backup_name("doctor"))


@pytest.mark.parametrize(
    ("targets", "wanted", "problem"),
    [
        ([SHOP], "4247", "has no backup of it"),
        ([SHOP], "16/4246", "has no backup of it"),
        ([SHOP], "shop", "has no backup of it"),
        ([SHOP, ELSEWHERE], "4246", "2 different backups"),
        ([SHOP, SHOP_FILES], "15/4246", r"servers\[0\].backups\[2\]"),
        ([target(problem="no database is found")], "4246", "no database is found"),
    ],
)
def test_none_and_more_than_one_are_refused(targets: list[Target], wanted: str, problem: str) -> None:
    with pytest.raises(ChoiceError, match=problem):
        chosen(targets, wanted, NOON)


def test_a_closed_window_is_kept() -> None:
    closed = target(window=parse("01:00-05:00 UTC"))
    with pytest.raises(ChoiceError, match="outside its window"):
        chosen([closed], "4246", NOON)
