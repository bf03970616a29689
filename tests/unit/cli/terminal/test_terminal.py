"""What people see while a command works."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click
import pytest

from cli import log
from cli.terminal.counting import counted
from cli.terminal.tables import LONGEST, new_table, shortened
from cli.terminal.terminal import Terminal
from cli.verbosity import Verbosity, choose
from fleet.report.outcome import GOOD, Outcome, Result
from fleet.report.report import reported
from tests.unit.fleet.builders import instant, target


@pytest.mark.parametrize(("count", "words"), [(0, "0 backups"), (1, "1 backup"), (2, "2 backups")])
def test_one_thing_is_singular(count: int, words: str) -> None:
    assert counted(count, "backup") == words


def test_without_a_terminal_each_phase_and_each_long_wait_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Terminal() as terminal:
        terminal.phase("select", 1)
        terminal.phase("check", 3)
        terminal.advance()
        terminal.waiting("the API", 90.0)
        terminal.waiting("the API", 90.0)
    streams = capsys.readouterr()
    assert streams.out == ""
    selecting, checking, waiting = streams.err.splitlines()
    assert (selecting, checking) == ("Resolving 1 rule ...", "Checking 3 targets ...")
    assert waiting.startswith("1 of 3, waiting 90 s for the API")


def test_beside_the_bar_a_wait_shows_no_progress_twice_and_ends_with_its_phase() -> None:
    with Terminal() as terminal:
        terminal.phase("check", 3)
        terminal.waiting("the API", 90.0)
        assert terminal.countdown().startswith("waiting 90 s for the API")
        terminal.phase("create", 3)
        assert terminal.countdown() == ""


def test_of_a_long_list_only_the_problems_are_shown_and_the_rest_is_counted() -> None:
    few, many = range(LONGEST), range(LONGEST + 1)
    assert shortened(few, lambda _: False) == (few, None)
    assert shortened(many, lambda number: number < 2) == (
        [0, 1],
        f"and {LONGEST - 1} more; -v shows all, the report too",
    )
    assert shortened(range(200), lambda _: True)[1] == "and 140 more; -v shows all, the report too"


def result(outcome: Outcome, reason: str = "") -> Result:
    return Result(target(instant()), "web-1", "shop", outcome, reason)


@contextmanager
def asked(verbosity: Verbosity) -> Iterator[Terminal]:
    with click.Context(click.Command("run")) as context:
        choose(context, verbosity)
        with Terminal() as terminal:
            yield terminal


def ends(terminal: Terminal, *results: Result) -> None:
    """What a run with these results shows."""
    terminal.say("fleet.yaml: 2 backups")
    terminal.phase("create", len(results))
    for each in results:
        terminal.advance(each)
    terminal.waiting("the API", 2.0)
    terminal.notice("a rule found 3 applications")
    terminal.notice("warning: the API has changed")
    terminal.table([reported(each) for each in results])
    terminal.verdict("the verdict", good=all(each.outcome in GOOD for each in results))


WELL, BAD = result(Outcome.VERIFIED), result(Outcome.REJECTED, "disk full")


def test_quiet_shows_nothing_but_warnings_if_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    with asked(Verbosity.QUIET) as terminal:
        ends(terminal, WELL, WELL)
    assert capsys.readouterr().err == "warning: the API has changed\n"


def test_quiet_shows_what_is_wrong_and_the_verdict_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    with asked(Verbosity.QUIET) as terminal:
        ends(terminal, WELL, BAD)
    shown = capsys.readouterr().err
    assert "verified" not in shown
    assert shown.splitlines()[0] == "web-1 · shop: rejected: disk full"
    assert shown.splitlines()[-1] == "the verdict"
    assert "Creating" not in shown


def test_verbose_shows_every_target_as_it_ends_and_every_wait(capsys: pytest.CaptureFixture[str]) -> None:
    with asked(Verbosity.VERBOSE) as terminal:
        ends(terminal, WELL, BAD)
    shown = capsys.readouterr().err
    assert "web-1 · shop: verified\n" in shown
    assert "2 of 2, waiting 2 s for the API" in shown


def test_verbose_shows_every_row_and_quiet_only_the_problems() -> None:
    many = range(LONGEST + 1)
    assert shortened(many, lambda _: False, Verbosity.VERBOSE) == (many, None)
    assert shortened(many, lambda number: number < 2, Verbosity.QUIET) == ([0, 1], None)


def test_a_line_that_nobody_watches_live_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Terminal() as terminal:
        terminal.say("a long line, " * 20)
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("phase", "error", "shown"), [("check", None, "3/3"), ("check", KeyboardInterrupt, "1/3"), ("create", None, "1/3")]
)
def test_a_bar_ends_full_unless_it_was_cut_off_or_brakes_left_creates_unsent(
    phase: str,
    error: type[BaseException] | None,
    shown: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    with suppress(KeyboardInterrupt), Terminal() as terminal:
        terminal.phase(phase, 3)
        terminal.advance()
        if error:
            raise error
    bars = [line for line in capsys.readouterr().err.splitlines() if "━" in line]
    assert shown in bars[-1]


@pytest.fixture
def as_json() -> Iterator[None]:
    log.use(log.LogFormat.JSON)
    yield
    log.use(log.LogFormat.TEXT)


@pytest.mark.usefixtures("as_json")
def test_as_json_every_line_is_an_object_with_its_level(capsys: pytest.CaptureFixture[str]) -> None:
    with asked(Verbosity.NORMAL) as terminal:
        ends(terminal, WELL, BAD)
        table = new_table("status", "what", "")
        table.add_row("stale", "web-1 · shop", "")
        terminal.show(table)
    streams = capsys.readouterr()
    lines = [json.loads(line) for line in streams.err.splitlines()]
    assert streams.out == ""
    levels = {each["message"]: each["level"] for each in lines}
    assert levels["fleet.yaml: 2 backups"] == levels["web-1 · shop: verified"] == "info"
    assert levels["the API has changed"] == "warning"
    assert levels["web-1 · shop: rejected: disk full"] == levels["the verdict"] == "error"
    (bad, *_) = [each for each in lines if each.get("outcome") == "rejected"]
    assert (bad["server"], bad["application"], bad["reason"]) == ("web-1", "shop", "disk full")
    assert lines[-1]["message"] == "stale: web-1 · shop"
    assert lines[-1]["status"] == "stale"
    assert all(each["time"].endswith("Z") for each in lines)


@pytest.mark.usefixtures("as_json")
def test_as_json_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with asked(Verbosity.QUIET) as terminal:
        ends(terminal, WELL, WELL)
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["level"] == "warning"
