"""What people see while a command works."""

import pytest

from cli.terminal.counting import counted
from cli.terminal.tables import LONGEST, shortened
from cli.terminal.terminal import Terminal


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
    assert shortened(many, lambda number: number < 2) == ([0, 1], f"and {LONGEST - 1} more in the report")
    assert shortened(range(200), lambda _: True)[1] == "and 140 more in the report"
