"""No child of ours imports from the working folder, where a user may have a `tasks.py` or a folder `flows`."""

import re
import sys
from pathlib import Path

import pytest

import fleet_backup_entrypoints

ROOT = Path(__file__).parents[3]
PACKAGES = ("fleet", "tasks", "flows", "deployments", "cli", "sandbox")


def test_every_child_that_is_a_module_is_started_without_the_working_folder_in_its_path() -> None:
    sources = {file: file.read_text("utf-8") for package in PACKAGES for file in (ROOT / package).rglob("*.py")}
    started = [line for text in sources.values() for line in re.findall(r"sys\.executable,.*", text)]
    assert started
    assert all(line.startswith('sys.executable, "-P", "-m", ') for line in started)


@pytest.mark.parametrize("entry", ["", ".", "{here}"])
def test_a_flow_is_imported_without_the_working_folder(
    entry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry.format(here=tmp_path), *sys.path])
    assert fleet_backup_entrypoints.fleet_backup.name == "fleet_backup"
    assert tmp_path.resolve() not in [Path(each).resolve() for each in sys.path]
    assert str(ROOT) in sys.path


def test_a_flow_of_another_name_is_none_of_ours() -> None:
    with pytest.raises(AttributeError, match="there is no flow 'os'"):
        fleet_backup_entrypoints.__getattr__("os")
