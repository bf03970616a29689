"""How a command that failed ends."""

import re
from pathlib import Path

import click
import pytest

from cli.errors import _BY_CLASS, UsageProblem, exit_code_of

ROOT = Path(__file__).parents[3]
PRODUCT = ("cli", "deployments", "flows", "tasks", "fleet")


def test_every_error_that_is_known_by_name_exists() -> None:
    """They are known by name so that nothing slow is imported; a renamed class must not lose its exit code."""
    sources = (file.read_text("utf-8") for package in PRODUCT for file in (ROOT / package).rglob("*.py"))
    classes = {name for source in sources for name in re.findall(r"^class (\w+)", source, re.MULTILINE)}
    assert _BY_CLASS.keys() <= classes


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UsageProblem("--x: must be y"), 2, "fleet-backup: --x: must be y"),
        (UsageProblem("--limit \x1b]8;;x\x07\u202ey\x9b"), 2, "fleet-backup: --limit ]8;;x y\n"),
        (KeyboardInterrupt(), 130, "fleet-backup: interrupted; accepted backups continue on the server"),
        (click.Abort(), 130, "fleet-backup: interrupted; accepted backups continue on the server"),
        (click.UsageError("No such option"), 2, "Error: No such option"),
        (OSError(98, "Address already in use"), 1, "fleet-backup: Address already in use; choose another port"),
        (PermissionError(13, "Not allowed", "/x"), 1, "fleet-backup: /x: Not allowed; choose another place"),
        (PermissionError(13, "No", "/\x1b[31m\n\u202ex"), 1, "fleet-backup: / [31m x: No; choose another place"),
        (OSError(28, "No space left on device"), 1, "fleet-backup: No space left on device; make room"),
        (OSError("odd"), 1, "fleet-backup: unexpected OSError: odd. Please report it; "),
        (ZeroDivisionError("no"), 1, "fleet-backup: unexpected ZeroDivisionError: no. Please report it; "),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(
    error: BaseException, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(error) == code
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.startswith(line)
    assert len(streams.err.splitlines()) == 1


def test_the_exit_code_of_a_command_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(SystemExit(7)) == 7
    assert exit_code_of(click.exceptions.Exit(3)) == 3
    assert capsys.readouterr().err == ""
