"""Plans of the ledger that the fleet file no longer wants."""

from dataclasses import replace
from typing import Any

import pytest

from fleet.inventory.target import Target
from fleet.ledger.reading import RecordedPlan
from fleet.plan.drift import Kind
from fleet.plan.unwanted import Scope, drift_of_unwanted, not_wanted, to_observe
from tests.unit.fleet.builders import plan, target
from tests.unit.fleet.plan.recorded_plans import DAILY, OBSERVED, recorded

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
        (DAILY, [], {}, Kind.UNWANTED, "no longer in the fleet file; delete it in the panel"),
        (
            DAILY,
            [target(plan(provider="gdrive", cloud_storage_provider_id=11))],
            {},
            Kind.UNWANTED,
            "it stores to wasabi 10, but gdrive 11 is wanted",
        ),
        (
            DAILY,
            [],
            {"outcome": None, "doubtful": True},
            Kind.UNWANTED,
            "it may exist: whether it was created is unknown",
        ),
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
