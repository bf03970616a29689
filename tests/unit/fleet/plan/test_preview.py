"""The contract of `plan --json`, and its exit codes."""

import json
from typing import Any

import pytest

from fleet.creation.intent import Action, Intent
from fleet.observed.observed import Observed
from fleet.plan.cost import Cost
from fleet.plan.drift import Drift, Kind
from fleet.plan.preview import build, decide
from fleet.report.outcome import Outcome
from tests.unit.fleet.builders import instant, plan, target

PLAN = target(plan(schedule="Every Hour"))
NIGHT = target(instant(database_id=None))
DRIFTED = Drift(Kind.UNWANTED, PLAN, "web-0001", "shop", "why", (71,), "00ff")
DIFFERS = {"schedule": ("Every Day", "Every Hour")}


def intent(action: Action, outcome: Outcome = Outcome.PLANNED, **more: Any) -> Intent:
    return Intent(PLAN, action, outcome=outcome, **more)


REFUSED = intent(Action.REFUSE, Outcome.UNMET)
DOUBTFUL = intent(Action.REFUSE, Outcome.IN_DOUBT)
NOTHING = intent(Action.NOTHING)


@pytest.mark.parametrize(
    ("intents", "drift", "code"),
    [
        ([], [], 0),
        ([NOTHING], [], 0),
        ([intent(Action.CREATE)], [], 7),
        ([intent(Action.UPDATE), NOTHING], [], 7),
        ([intent(Action.ADOPT)], [], 7),
        ([intent(Action.NOTHING, differences=DIFFERS)], [], 7),
        ([NOTHING], [DRIFTED], 7),
        ([REFUSED, intent(Action.CREATE)], [], 7),  # A run does what can be done, and says 3 of the rest.
        ([REFUSED, NOTHING], [], 3),
        ([REFUSED], [], 4),
        ([REFUSED, DOUBTFUL, NOTHING], [], 5),
        ([DOUBTFUL], [], 5),
    ],
)
def test_the_exit_code_says_whether_a_run_is_of_use(intents: list[Intent], drift: list[Drift], code: int) -> None:
    assert decide(intents, drift).exit == code


def test_servers_that_nobody_could_read_are_no_fleet_with_nothing_to_do() -> None:
    unread = ["web-0002 could not be read"]
    assert decide([NOTHING], [], unread).exit == 3
    assert decide([], [], unread).exit == 4
    assert decide([NOTHING], [], unread).text == "1 with nothing to do, web-0002 could not be read"


def test_the_verdict_counts_problems_first() -> None:
    intents = [NOTHING, NOTHING, intent(Action.CREATE), REFUSED, intent(Action.NOTHING, differences=DIFFERS)]
    assert decide(intents, [DRIFTED]).text == (
        "1 refused, 1 to create, 1 different from the fleet file, 2 with nothing to do, 1 drifted besides the targets"
    )


def test_the_json_is_the_contracts() -> None:
    intents = [
        Intent(PLAN, Action.UPDATE, "why", DIFFERS, PLAN.request.body()),
        Intent(NIGHT, Action.REFUSE, "disk 99 % full", outcome=Outcome.UNMET),
    ]
    preview = build("fleet.yaml", "monday", Cost(312, 300.0, 6), intents, [DRIFTED], Observed({}))
    subject = {
        "organization": 5,
        "server_id": 15,
        "server": "web-0001",
        "application": "application 4246",
        "application_id": 4246,
        "type": "application",
    }
    shown = json.loads(preview.model_dump_json())
    assert isinstance(shown.pop("cannot_tell"), str)
    assert shown == {
        "schema": 1,
        "fleet": "fleet.yaml",
        "run_key": "monday",
        "requests": 312,
        "seconds": 300.0,
        "windows": 6,
        "totals": {"refuse": 1, "update": 1},
        "verdict": "1 refused, 1 to update, 1 drifted besides the targets",
        "exit_code": 7,
        "targets": [
            {
                **subject,
                "database_id": 4223,
                "automatic_backup": True,
                "domain": "",
                "action": "update",
                "reason": "why",
                "differences": {"schedule": {"is": "Every Day", "wanted": "Every Hour"}},
                "body": PLAN.request.body(),
            },
            {
                **subject,
                "database_id": None,
                "automatic_backup": False,
                "domain": "",
                "action": "refuse",
                "reason": "disk 99 % full",
                "differences": {},
                "body": None,
            },
        ],
        "drift": [
            {
                **subject,
                "application": "shop",
                "database_id": 4223,
                "automatic_backup": True,
                "kind": "unwanted",
                "reason": "why",
                "plan_ids": [71],
                "key": "00ff",
            }
        ],
    }
