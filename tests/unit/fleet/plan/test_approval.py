"""The question before a large run: what it shows, bounded and with the names of others as text, and what it covers."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fleet.creation.intent import Action, Intent, body_of
from fleet.inventory.target import Target
from fleet.observed.observed import Observed
from fleet.plan.approval import LONGEST, fingerprint, question, to_create
from fleet.report.markdown_text import plain
from tests.unit.fleet.builders import instant, plan, target

UNTIL = datetime(2026, 11, 29, 10, 30, tzinfo=UTC)
NOBODY = Observed({})


def wanted(of: Target, run_key: str = "night") -> Intent:
    return Intent(of, Action.CREATE, body=body_of(of, run_key))


def many(count: int, servers: int = 1) -> list[Intent]:
    return [
        wanted(target(instant(application_id=number), server_id=server, server_name=f"web-{server}"))
        for number in range(1, count + 1)
        for server in [number % servers]
    ]


def test_a_short_plan_shows_each_backup() -> None:
    text = question([*many(1), wanted(target(plan()))], [*many(1), wanted(target(plan()))], NOBODY, UNTIL)
    assert text.startswith("**2 backups would be created**: 1 instant backup and 1 automatic plan on 2 servers.\n\n")
    assert "| web-0 | application 1 | application, instant | wasabi 10 |" in text
    assert "| application, plan: Every Day |" in text
    assert "Without an answer by **2026-11-29 10:30 UTC** the run ends as Failed" in text


def test_a_long_plan_shows_the_largest_servers_and_counts_the_rest() -> None:
    all_of_them = many(10_000, servers=1000)
    text = question(all_of_them, all_of_them, NOBODY, UNTIL)
    assert "| web-1 | 10 |" in text
    assert f"… and 9,750 backups on {1000 - LONGEST} more servers." in text
    assert len(text) < 2000


def test_what_is_new_since_an_approval_is_shown_alone() -> None:
    all_of_them = many(4)
    text = question(all_of_them, all_of_them[3:], NOBODY, UNTIL)
    assert text.startswith("**4 backups would be created, 1 more than you approved.** New:")
    assert text.count("application, instant") == 1


@pytest.mark.parametrize(
    "name",
    ["a|b", "<script>alert(1)</script>", "[x](javascript:1)", "\x1b[31mred", "line\n# two", "\u202ee", "x" * 5000],
)
def test_names_of_others_are_text(name: str) -> None:
    (one,) = many(1)
    hostile = replace(one, target=replace(one.target, server_name=name))
    text = question([hostile], [hostile], NOBODY, UNTIL)
    (row,) = [line for line in text.splitlines() if "application, instant" in line]
    assert row == f"| {plain(name)} | application 1 | application, instant | wasabi 10 |"
    assert len(text) < 2000


@pytest.mark.parametrize(
    "other",
    [
        wanted(target(), "another night"),
        wanted(target(server_id=16)),
        wanted(target(organization=6)),
        wanted(target(instant(application_id=4))),
        wanted(target(instant(provider="gdrive"))),
        wanted(target(plan())),
    ],
    ids=["run key", "server", "organization", "application", "storage", "plan"],
)
def test_an_answer_covers_what_was_shown_and_nothing_else(other: Intent) -> None:
    assert fingerprint(wanted(target())) == fingerprint(wanted(target()))
    assert fingerprint(other) != fingerprint(wanted(target()))


def test_a_start_that_is_chosen_within_a_window_may_move() -> None:
    tonight, tomorrow = (
        wanted(target(plan(start_backup=day, start_backup_from_now=False), start_in_window=True))
        for day in ("2099-01-01 02:13", "2099-01-02 02:13")
    )
    assert fingerprint(tonight) == fingerprint(tomorrow)


def test_what_exists_or_is_refused_needs_no_approval() -> None:
    (one,) = many(1)
    others = [replace(one, action=action) for action in Action if action is not Action.CREATE]
    assert to_create([one, *others]) == [one]
