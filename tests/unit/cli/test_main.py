"""The commands as a whole: their help is quick, fits a terminal, and says what is true."""

import json
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from cli.main import COMMANDS, main
from deployments.choices import Choices, chosen_declarations
from deployments.declaration import POOL, shipped_file

OURS = ("cli", "fleet")
SLOW = ("prefect", "pydantic", "rich", "ruamel", "httpx", "sqlalchemy", "sandbox", "deployments", "flows", "tasks")
EVERY_HELP = """
import json, sys
import click
from cli.main import main
context = click.Context(main)
texts = [main.get_help(context)]
for name in main.list_commands(context):
    texts.append(main.get_command(context, name).get_help(click.Context(main.get_command(context, name))))
print(json.dumps([len(texts), sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def helps() -> Iterator[tuple[str, str]]:
    """The help of every command and of every command of a group, as 80 columns show it."""
    stack: list[tuple[str, click.Command]] = [("fleet-backup", main)]
    while stack:
        name, command = stack.pop()
        with click.Context(command, info_name=name, terminal_width=78) as context:
            yield name, command.get_help(context)
            if isinstance(command, click.Group):
                found = {each: command.get_command(context, each) for each in command.list_commands(context)}
                stack += [(f"{name} {each}", one) for each, one in found.items() if one]


def test_no_help_imports_more_than_click() -> None:
    ended = subprocess.run([sys.executable, "-c", EVERY_HELP], capture_output=True, text=True, check=True)
    count, imported = json.loads(ended.stdout)
    assert count == 1 + sum(map(len, COMMANDS.values()))
    assert not set(imported) & set(SLOW)
    others = set(imported) - sys.stdlib_module_names - set(OURS) - {"click", "__main__", "typing_extensions"}
    assert not {name for name in others if not name.startswith(("_", "sitecustomize"))}, others


@pytest.mark.parametrize(("name", "text"), list(helps()))
def test_every_help_fits_80_columns_and_explains_every_option(name: str, text: str) -> None:
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80, name
    assert not any("..." in line for line in lines if not line.startswith("Usage")), "something is cut"


@pytest.mark.parametrize(("wrong", "nearest"), [("ruN", "run"), ("schedule", "schedules"), ("chek", "check")])
def test_an_unknown_command_is_answered_with_the_nearest(
    wrong: str, nearest: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([wrong])
    streams = capsys.readouterr()
    assert streams.out == ""
    assert nearest in streams.err


def test_the_defaults_in_the_help_of_deployments_are_those_of_the_shipped_file() -> None:
    text = " ".join(dict(helps())["fleet-backup deploy"].split())
    declared = {one.name: one for one in chosen_declarations(shipped_file(), Choices())}
    nightly, audit, hourly = (declared[name].schedules[0] for name in ("nightly", "audit", "hourly"))
    assert nightly.in_words() == "Every Day at 01:30"
    assert audit.in_words() == "Every Day at 07:00"
    assert (nightly.timezone, hourly.active, POOL) == ("UTC", False, "fleet-backup")
    for words in ("Default: 01:30.", "Default: Every Day.", "Default: 07:00.", "Default: UTC.", f"Default: {POOL}."):
        assert words in text
    assert "Default: `hourly` is off." in text
