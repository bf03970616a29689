"""The fleet files are checked before anything is registered; one that is broken does not stop the others."""

from pathlib import Path

import pytest

from cli.deployments.fleet_file_check import fleet_problems
from cli.errors import UsageProblem
from fleet.settings.settings import SettingsError
from tests.unit.cli.deployments.test_commands import FLEET


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SERVERAVATAR_API_TOKEN", raising=False)
    (tmp_path / "good.yaml").write_text(FLEET, "utf-8")
    (tmp_path / "bad.yaml").write_text(FLEET.replace("15", "fifteen"), "utf-8")
    return tmp_path


def fleets(folder: Path, *entries: str) -> dict[str, Path]:
    file = folder / "fleets.yaml"
    file.write_text(f"fleets: [{', '.join(entries)}]", "utf-8")
    return {"fleet": file}


GOOD = "{name: acme, file: good.yaml, credentials: acme}"
BAD = "{name: globex, file: bad.yaml, credentials: globex}"
NONE = "{name: initech, file: none.yaml, credentials: initech, hourly: tag:x}"


def test_a_broken_fleet_beside_good_ones_is_a_warning(folder: Path) -> None:
    assert fleet_problems(fleets(folder, GOOD)) == []
    first, second = fleet_problems(fleets(folder, GOOD, BAD, NONE))
    assert first.startswith("globex: bad.yaml: servers[0].id: must be a whole number")
    assert second == "initech: none.yaml: cannot be read: No such file or directory"


def test_if_none_is_good_nothing_is_registered(folder: Path) -> None:
    with pytest.raises(UsageProblem) as caught:
        fleet_problems(fleets(folder, BAD, NONE))
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == ["globex", "initech"]


def test_a_fleet_without_a_block_needs_the_token_of_the_environment_where_its_runs_are(folder: Path) -> None:
    chosen = fleets(folder, GOOD, "{name: ours, file: ./good.yaml}".replace("./good", "bad"))
    with pytest.raises(SettingsError, match="no API token"):
        fleet_problems(chosen)
    assert len(fleet_problems(chosen, token=False)) == 1
