"""What `plan` shows on a terminal."""

from datetime import UTC, datetime

import pytest
from rich.console import Console

from cli.backups.preview_table import closing_lines, preview_table
from fleet.creation.intent import Action, Intent
from fleet.observed.observed import Observed
from fleet.plan.cost import Cost
from fleet.plan.drift import Drift, Kind
from fleet.plan.preview import Preview, build
from fleet.report.outcome import Outcome
from tests.unit.fleet.builders import instant, plan, target

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PLAN, NIGHT = target(plan()), target(instant())
DIFFERS = {"schedule": ("Every Day", "Every Hour")}
DRIFT = Drift(Kind.UNWANTED, PLAN, "web-0009", "[b]old[/b]", "nobody wants it")


def preview(*intents: Intent, drift: tuple[Drift, ...] = (), cost: Cost = Cost(312, 300.0, 6)) -> Preview:  # noqa: B008 - frozen
    return build("fleet.yaml", "monday", cost, intents, drift, Observed({}))


def shown(of: Preview) -> list[str]:
    table = preview_table(of)
    assert table is not None
    console = Console(width=120)
    with console.capture() as captured:
        console.print(table)
    return [line.rstrip() for line in captured.get().splitlines()]


def test_problems_come_first_and_what_has_nothing_to_do_is_left_out() -> None:
    lines = shown(
        preview(
            Intent(PLAN, Action.NOTHING, "the plan exists"),
            Intent(PLAN, Action.UPDATE, "", DIFFERS, PLAN.request.body()),
            Intent(NIGHT, Action.CREATE, "again: rejected", body=NIGHT.request.body()),
            Intent(PLAN, Action.CREATE, body=PLAN.request.body()),
            Intent(PLAN, Action.NOTHING, "--update-plans changes it", DIFFERS),
            Intent(NIGHT, Action.ADOPT, "backup 322 shows"),
            Intent(NIGHT, Action.REFUSE, "disk 99 % full", outcome=Outcome.UNMET),
            drift=(DRIFT,),
        )
    )
    expected = [
        ["action", "server", "application"],
        ["refuse", "web-0001", "application 4246", "disk 99 % full"],
        ["unwanted plan", "web-0009", "[b]old[/b]", "nobody wants it"],
        ["create", "web-0001", "application 4246", "instant backup; again: rejected"],
        ["create", "web-0001", "application 4246", "plan, Every Day"],
        ["update", "web-0001", "application 4246", "schedule: Every Day -> Every Hour"],
        ["adopt", "web-0001", "application 4246", "backup 322 shows"],
        ["differs", "web-0001", "application 4246", "schedule: Every Day -> Every Hour; --update-plans changes it"],
    ]
    assert [[part.strip() for part in line.split("  ") if part.strip()] for line in lines] == expected


def test_with_nothing_to_do_there_is_no_table() -> None:
    assert preview_table(preview(Intent(PLAN, Action.NOTHING))) is None


def test_of_many_the_first_are_shown_and_the_rest_is_counted() -> None:
    lines = shown(preview(*[Intent(NIGHT, Action.CREATE, body={})] * 100))
    assert len(lines) == 62
    assert lines[-1] == "and 40 more; -v shows all, --json too"


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (Cost(312, 300.0, 6), "A run costs about 312 requests, up to 6 budget windows: done by about 12:05"),
        (Cost(1, 0.0, 1), "A run costs about 1 request, within the current budget"),
    ],
)
def test_what_a_run_costs_is_said_where_there_is_something_to_do(cost: Cost, words: str) -> None:
    lines = list(closing_lines(preview(Intent(NIGHT, Action.CREATE, body={}), cost=cost), NOON))
    assert lines == [words, "`run --run-key monday` sends exactly the requests that --json shows"]
    assert list(closing_lines(preview(Intent(NIGHT, Action.NOTHING), cost=cost), NOON)) == []


def test_what_nobody_can_tell_is_said_where_there_are_plans() -> None:
    (line,) = closing_lines(preview(Intent(PLAN, Action.NOTHING)), NOON)
    assert line.startswith("Cannot be detected")
