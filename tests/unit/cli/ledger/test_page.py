"""`fleet-backup page`: what it prints, and how it ends."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.main import main
from tests.status_ledger import fine, make_ledger


def ended(*arguments: str) -> int:
    try:
        main.main([*arguments])
    except SystemExit as end:
        return int(end.code or 0)
    raise AssertionError("a command always exits")


@pytest.fixture(autouse=True)
def ledger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    url = make_ledger(tmp_path / "ledger.sqlite", [fine(1), fine(2, fleet="other")], datetime.now(UTC))
    monkeypatch.setenv("FLEET_BACKUP_LEDGER_URL", url)


def test_the_file_is_on_standard_output_and_the_sentence_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("page", "--output", "site") == 0
    shown = capsys.readouterr()
    assert shown.out == "site/index.html\n"
    assert "2 sites" in shown.err
    assert Path("site/index.html").is_file()


def test_a_fleet_is_named_by_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("page", "--output", "site", "fleets/other.yaml", "--days", "90") == 0
    assert "site" in capsys.readouterr().err
    assert '"days":90' in Path("site/index.html").read_text("utf-8")
    assert ended("page", "--output", "site", "unknown.yaml") == 2
    assert (
        capsys.readouterr().err == "fleet-backup: nothing to show: no run or audit of fleet unknown is in the ledger\n"
    )


def test_what_cannot_be_written_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").touch()
    assert ended("page", "--output", "file/site") == 1
    assert capsys.readouterr().err == "fleet-backup: file/site: the status page cannot be written: Not a directory\n"
    assert ended("page") == 2
    assert ended("page", "--output", "site", "--days", "7") == 2
