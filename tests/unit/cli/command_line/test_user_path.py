"""Paths of the command line: what the shell has not expanded."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli.command_line.user_path import UserPath


@click.command()
@click.argument("fleet", type=UserPath(dir_okay=False))
@click.option("--report", type=UserPath(dir_okay=False), default=Path("report.json"))
def command(fleet: Path, report: Path) -> None:
    click.echo(f"{fleet} {report}")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (["fleet.yaml"], "fleet.yaml report.json"),
        (["~/fleet.yaml", "--report=~/r.json"], "/home/alex/fleet.yaml /home/alex/r.json"),
        (["a~", "--report", "/x/~"], "a~ /x/~"),
    ],
)
def test_a_tilde_that_the_shell_has_left_is_the_users_home(
    monkeypatch: pytest.MonkeyPatch, given: list[str], shown: str
) -> None:
    monkeypatch.setenv("HOME", "/home/alex")
    assert CliRunner().invoke(command, given).output.strip() == shown


@pytest.mark.parametrize("arguments", [[""], [" "], ["fleet.yaml", "--report="]])
def test_nothing_is_no_path(arguments: list[str]) -> None:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 2
    assert "is empty; give a path" in result.output


def test_the_home_of_nobody_is_a_mistake_of_the_command_line() -> None:
    result = CliRunner().invoke(command, ["~nobody-of-this-name/fleet.yaml"])
    assert result.exit_code == 2
    assert "~nobody-of-this-name: no such home directory; write the full path" in result.output
