"""What a run would cost."""

import pytest

from fleet.creation.intent import Action, Intent
from fleet.inventory.target import Target
from fleet.plan.cost import checking_of, cost_of, requests_of
from fleet.serveravatar.rate_limit.rhythm import Rhythm
from tests.unit.fleet.builders import instant, plan, target

NIGHT, NOW, LATER = (
    target(instant()),
    target(plan()),
    target(plan(start_backup_from_now=False, start_backup="2099-01-01 00:00")),
)


def intents(count: int, action: Action, of: Target = NIGHT) -> list[Intent]:
    return [Intent(of, action)] * count


@pytest.mark.parametrize(
    ("some", "expected"),
    [
        ([], 0),
        (intents(1, Action.CREATE), 1 + 1 + 1),  # The mark, the create, the page that proves it.
        (intents(300, Action.CREATE), 1 + 300 + 30),
        (intents(301, Action.CREATE), 1 + 301 + 31),
        (intents(5, Action.CREATE, NOW), 1 + 5 + 1),
        (intents(5, Action.CREATE, LATER), 1 + 5),  # Its first backup comes later.
        (intents(5, Action.UPDATE, NOW), 1 + 5),
        (intents(5, Action.ADOPT), 1 + 1),
        (intents(15, Action.NOTHING), 1 + 2),  # A run looks again at what it has made before.
        (intents(15, Action.NOTHING, NOW), 1),
        (intents(5, Action.REFUSE), 0),
        (intents(1, Action.CREATE) + intents(1, Action.CREATE, target(instant(), organization=6)), 2 * (1 + 1 + 1)),
    ],
)
def test_requests_are_the_check_the_marks_the_creates_and_the_pages_that_prove_them(
    some: list[Intent], expected: int
) -> None:
    assert requests_of(some, 0, 0) == expected
    assert requests_of(some, 7, 4) == expected + 11


FLEET = [target(server_id=number, place=str(number)) for number in range(10)]
CALLS = {"list servers": 1, "list applications": 10, "list databases": 10, "list storage providers": 1}


@pytest.mark.parametrize(("trusted", "expected"), [(0, 22), (5, 1 + 5 + 5 + 1), (9, 1 + 1 + 1 + 1), (10, 1)])
def test_a_run_looks_up_only_what_it_does_not_trust(trusted: int, expected: int) -> None:
    assert checking_of(CALLS, FLEET, {str(number) for number in range(trusted)}) == expected


def test_a_run_is_never_expected_to_look_up_more_than_a_check_that_trusts_nothing() -> None:
    assert checking_of({"list servers": 1, "list applications": 3}, FLEET, set()) == 4


@pytest.mark.parametrize(
    ("requests", "used", "seconds", "windows"),
    [
        (0, 0, 0, 1),
        (54, 0, 0, 1),
        (55, 0, 60, 2),
        (54, 10, 60, 2),
        (54, 200, 60, 2),
        (312, 0, 300, 6),
    ],
)
def test_the_time_is_what_the_budget_needs_from_now(requests: int, used: int, seconds: float, windows: int) -> None:
    cost = cost_of(requests, Rhythm(54, 60.0), used)
    assert (cost.requests, cost.seconds, cost.windows) == (requests, seconds, windows)
