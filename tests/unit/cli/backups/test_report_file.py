"""The file of `--report`: an older one stays until the new one is complete."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from cli.backups.report_file import check_writable, write_report
from cli.errors import OutputError


class Small(BaseModel):
    verdict: str = "10 verified"


def test_the_old_report_stays_until_the_new_one_replaces_it(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text("old", "utf-8")
    file.chmod(0o600)
    check_writable(file)
    assert file.read_text("utf-8") == "old"
    write_report(Small(), file)
    assert json.loads(file.read_text("utf-8")) == {"verdict": "10 verified"}
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_report_that_cannot_be_completed_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.json"
    file.write_text("old", "utf-8")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="cannot be written: No space left on device"):
        write_report(Small(), file)
    assert file.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old", "utf-8")
    link = tmp_path / "report.json"
    link.symlink_to("real.json")
    write_report(Small(), link)
    assert link.is_symlink()
    assert "10 verified" in (tmp_path / "real.json").read_text("utf-8")


def test_what_is_no_file_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, Path("/dev/null")):
        with pytest.raises(OutputError, match="is not a file; `--json` writes"):
            check_writable(path)


def test_a_new_report_is_readable_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    write_report(Small(), file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_does_not_exist_is_a_mistake_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: No such file or directory"):
        check_writable(tmp_path / "missing" / "report.json")
