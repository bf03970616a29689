"""`--log-format json`: whatever a command writes on standard error is an object in a line, errors included."""

import json
import logging

import pytest

from cli import log
from cli.main import main


def written(line: list[str], capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    with pytest.raises(SystemExit, match="2"):
        main(line)
    streams = capsys.readouterr()
    assert streams.out == ""
    return [json.loads(each) for each in streams.err.splitlines()]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["check", "none.yaml"], "none.yaml: cannot be read: No such file or directory"),
        (["ruN"], "No such command 'ruN'"),
        (["run"], "Missing argument 'FLEET'"),
        (["history", "--outcome", "x"], "--outcome x: must be one of"),
    ],
)
@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_mistake_is_an_object_with_the_level_error(
    line: list[str], words: str, by: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVERAVATAR_API_TOKEN", "token-of-this-test")
    if by == "environment":
        monkeypatch.setenv("FLEET_BACKUP_LOG_FORMAT", "json")
    found = written(line if by == "environment" else ["--log-format", "json", *line], capsys)
    assert {each["level"] for each in found} == {"error"}
    assert words in found[0]["message"]
    assert not found[0]["message"].startswith("fleet-backup")


def test_the_next_command_is_for_people_again(capsys: pytest.CaptureFixture[str]) -> None:
    written(["--log-format", "json", "ruN"], capsys)
    with pytest.raises(SystemExit, match="2"):
        main(["check", "none.yaml"])
    assert capsys.readouterr().err.startswith("fleet-backup: none.yaml")


def test_what_the_rooms_below_log_is_an_object_too(capsys: pytest.CaptureFixture[str]) -> None:
    log.use(log.LogFormat.JSON)
    logging.getLogger("fleet_backup").warning("fleet-backup: %s", "the file is open to all")
    log.use(log.LogFormat.TEXT)
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], line["message"]) == ("warning", "fleet-backup: the file is open to all")
