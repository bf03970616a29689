"""Drift of automatic plans beside the targets."""

from dataclasses import replace
from typing import Any

import pytest

from fleet.backup_list.newest import Newest
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry
from fleet.ledger.reading import RecordedPlan
from fleet.ledger.rows import Subject
from fleet.observed.observed import Observed, ObservedOrganization
from fleet.plan.drift import Drift, Kind, Scope, drift_of_unwanted, drift_of_wanted, not_wanted, to_observe
from fleet.proof.sought import Mark
from fleet.report.outcome import Outcome
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.models import Application, Backup, Server
from tests.unit.fleet.builders import backup_row, plan, target

DAILY = target(plan())
APPLICATION = Application(id=4246, name="shop", server_id=15)
SERVERS = {15: Server(id=15, name="web-0001"), 16: Server(id=16, name="web-0002")}
OBSERVED = Observed({5: ObservedOrganization(servers=SERVERS, applications={15: {4246: APPLICATION}, 16: {}})})


def recorded(of: Target = DAILY, fleets: tuple[str, ...] = ("fleet.yaml",), **changes: Any) -> RecordedPlan:
    fresh = Entry(of.key(""), "monday", True, 1, outcome=Outcome.CREATED, request=of.request.body())
    about = Subject(of.organization, of.server_id, "web-0001", of.request.application_id, "shop")
    return RecordedPlan(replace(fresh, **changes), about, frozenset(fleets))


def row(number: int, plan_id: int, name: str | None = None, **changes: Any) -> Backup:
    values = {
        "backup_config_id": plan_id,
        "application_id": 4246,
        "database_id": 4223,
        "cloud_storage_provider_id": 10,
        "application_extension": ".tar.gz",
        "database_extension": ".sql.gz",
        "created_at": f"2026-11-{number:02} 03:00:00",
    }
    (read,) = read_backups([backup_row(number, name, **(values | changes))])
    return read


def of_wanted(*rows: Backup, plan: RecordedPlan | None = None, wanted: Target = DAILY) -> list[Drift]:
    by_key = {plan.entry.key: plan} if plan else {}
    return drift_of_wanted([wanted], by_key, {5: Newest(rows, 1, is_all=True)}, OBSERVED)


def kinds(found: list[Drift]) -> list[tuple[str, tuple[int, ...]]]:
    return [(str(drift.kind), drift.plan_ids) for drift in found]


OTHER = [row(20, 71), row(21, 71)]
OURS = [row(20, 80), row(21, 80)]


@pytest.mark.parametrize(
    ("rows", "known", "expected"),
    [
        ([], recorded(), []),
        (OURS, recorded(), []),
        ([*OTHER, *OURS], recorded(), [("duplicate", (71, 80))]),
        # Ours has made one so far, and the other was there before it.
        ([*OTHER, row(22, 80)], recorded(before=Mark(21, 71)), [("duplicate", (71,))]),
        ([*OTHER, row(22, 80)], recorded(), []),  # Nobody knows which of them is ours.
        (OTHER, recorded(before=Mark(21, 71), plan_id=71), []),
        (OTHER, None, [("unrecorded", (71,))]),
        ([row(20, 71), row(21, 72)], None, []),  # Made by hand, without a name.
        ([row(20, 71, "mine"), row(21, 71, "mine")], None, []),  # An instant backup has a name.
        # It has made none for longer than its schedule: it was replaced.
        ([row(1, 71), row(2, 71), row(27, 80), row(28, 80)], recorded(), []),
        ([row(1, 71), row(2, 71), row(28, 80, application_id=9)], None, []),
        # What is dated in the future, and older by its id, makes no plan look replaced.
        ([row(20, 71), row(21, 71), row(5, 80, application_id=9, created_at="2027-01-01 00:00:00")], None, [71]),
        # Other parts, another database, another storage provider: other plans.
        ([row(20, 71, database_extension=None), row(21, 71, database_extension=None)], None, []),
        ([row(20, 71, application_extension=None), row(21, 71, application_extension=None)], None, []),
        ([row(20, 71, database_id=9), row(21, 71, database_id=9)], None, []),
        ([row(20, 71, cloud_storage_provider_id=11), row(21, 71, cloud_storage_provider_id=11)], None, []),
        # An API that names no extensions and no times.
        ([row(20, 71, application_extension=None, database_extension=None, created_at=None)] * 2, None, [71]),
        # Moved to another provider in the panel.
        ([row(20, 80), row(21, 80, cloud_storage_provider_id=11)], recorded(plan_id=80), [("changed", (80,))]),
        ([row(20, 80, cloud_storage_provider_id=11), row(21, 80)], recorded(plan_id=80), []),
    ],
)
def test_plans_that_are_wanted_are_compared_to_the_newest_backups_without_a_name(
    rows: list[Backup], known: RecordedPlan | None, expected: list[Any]
) -> None:
    expected = [("unrecorded", (each,)) if isinstance(each, int) else each for each in expected]
    assert kinds(of_wanted(*rows, plan=known)) == expected


def test_the_reasons_say_which_plans_and_what_to_do() -> None:
    (double,) = of_wanted(*OTHER, *OURS, plan=recorded())
    assert double.reason == "plans 71, 80 make the same backups; leave one of them in the panel"
    assert (double.server, double.application, double.key) == ("web-0001", "shop", DAILY.key(""))
    (unknown,) = of_wanted(*OTHER)
    assert "a run makes a second one" in unknown.reason
    assert unknown.key == ""
    (moved,) = of_wanted(row(21, 80, cloud_storage_provider_id=11), plan=recorded(plan_id=80))
    assert moved.reason == "its newest backup, 21, lies at storage provider 11, and 10 is wanted"


@pytest.mark.parametrize("schedule", ["Every Hour", "Every Week"])
def test_how_long_a_plan_may_be_silent_follows_its_schedule(schedule: str) -> None:
    rows = [row(20, 71), row(21, 71), row(27, 80), row(28, 80)]
    found = of_wanted(*rows, plan=recorded(), wanted=target(plan(schedule=schedule)))
    assert kinds(found) == ([("duplicate", (71, 80))] if schedule == "Every Week" else [])


SCOPE = Scope("fleet.yaml", frozenset({5}))
OTHERS = [target(plan(application_id=9))]


@pytest.mark.parametrize(
    ("plan", "wanted", "scope", "expected"),
    [
        (recorded(), [], SCOPE, 1),
        (recorded(), [DAILY], SCOPE, 0),
        (recorded(), [target(plan(schedule="Every Hour"))], SCOPE, 0),  # The same plan, to be changed.
        (recorded(), OTHERS, SCOPE, 1),
        (recorded(), OTHERS, replace(SCOPE, organizations=frozenset({6})), 0),
        (recorded(), OTHERS, replace(SCOPE, servers=frozenset({(5, 15)})), 1),
        (recorded(), OTHERS, replace(SCOPE, servers=frozenset({(5, 16)})), 0),  # --limit has left its server out.
        (recorded(), OTHERS, replace(SCOPE, unread=frozenset({(5, 15)})), 0),  # A rule may want it.
        (recorded(fleets=("other.yaml",)), OTHERS, SCOPE, 0),
        (recorded(fleets=("other.yaml", "fleet.yaml")), OTHERS, SCOPE, 1),
        (recorded(fleets=()), OTHERS, SCOPE, 1),  # Its run did not come to its end.
        (recorded(request={"type": "application"}), OTHERS, SCOPE, 0),
    ],
)
def test_plans_of_this_fleet_that_it_does_not_want_any_more(
    plan: RecordedPlan, wanted: list[Target], scope: Scope, expected: int
) -> None:
    assert len(not_wanted([plan], wanted, scope)) == expected


@pytest.mark.parametrize(
    ("of", "wanted", "changes", "kind", "words"),
    [
        (DAILY, [], {}, Kind.UNWANTED, "the fleet file does not want it any more; delete it in the panel"),
        (
            DAILY,
            [target(plan(provider="gdrive", cloud_storage_provider_id=11))],
            {},
            Kind.UNWANTED,
            "it stores at wasabi 10, and gdrive 11 is wanted",
        ),
        (DAILY, [], {"outcome": None, "doubtful": True}, Kind.UNWANTED, "it may exist: nobody knows"),
        (target(plan(application_id=9)), [], {}, Kind.GONE, "application 9 is not on server 15"),
        (target(plan(), server_id=99), [], {}, Kind.GONE, "server 99 is not in organization 5"),
    ],
)
def test_what_is_not_wanted_is_told_with_what_became_of_it_and_how_to_forget_it(
    of: Target, wanted: list[Target], changes: dict[str, Any], kind: Kind, words: str
) -> None:
    (found,) = drift_of_unwanted([(recorded(of, **changes), of)], wanted, OBSERVED)
    assert found.kind is kind
    assert words in found.reason
    assert found.key == of.key("")
    assert f"`fleet-backup forget` it ({found.key})" in found.reason


def test_no_more_is_observed_for_an_unwanted_plan_than_its_server_and_its_application() -> None:
    request = to_observe(target(plan())).request
    assert (request.type, request.database_id, request.application_id) == ("filesystem", None, 4246)
