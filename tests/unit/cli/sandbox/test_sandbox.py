"""`fleet-backup sandbox`: what it tells people to type works."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.main import main
from cli.sandbox import sandbox
from fleet.selection.loading import load_inventory
from sandbox.settings import Dialect, SandboxSettings


def test_the_fleet_file_that_it_names_is_there_and_one_that_was_edited_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def serve(settings: SandboxSettings, ready: Callable[[str], None]) -> None:
        ready(f"http://127.0.0.1:{settings.port}")

    monkeypatch.setattr(sandbox, "serve", serve)
    assert sandbox.serve_sandbox(tmp_path, 8099, "its-token", 210) == 0
    shown = capsys.readouterr().err
    assert "export SERVERAVATAR_API_URL=http://127.0.0.1:8099 SERVERAVATAR_API_TOKEN=its-token" in shown
    fleet = Path(shown.split("fleet-backup check ")[1].strip())
    ledger = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    inventory, _ = asyncio.run(load_inventory(fleet, [], datetime.now(UTC), None, ledger))
    assert len(inventory.targets) == 28

    fleet.write_text("edited", "utf-8")
    sandbox.serve_sandbox(tmp_path, 8099, "its-token", 210)
    assert fleet.read_text("utf-8") == "edited"


def test_the_dialects_of_the_command_line_are_spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[SandboxSettings] = []
    monkeypatch.setattr(sandbox, "serve", lambda settings, _ready: served.append(settings))
    with pytest.raises(SystemExit, match="0"):
        run_main(monkeypatch, "sandbox", "--folder", str(tmp_path), "--dialect", "nameless", "--dialect", "ids=string")
    assert served[0].dialect == Dialect(names="null", ids="string")


def test_a_wrong_dialect_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        run_main(monkeypatch, "sandbox", "--folder", str(tmp_path), "--dialect", "nameles")
    [line] = capsys.readouterr().err.splitlines()
    assert "unknown dialect 'nameles'" in line
    assert "nameless" in line
    assert not list(tmp_path.iterdir())


def test_the_list_of_dialects_serves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        run_main(monkeypatch, "sandbox", "--folder", str(tmp_path), "--dialect", "list")
    assert "nameless" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def run_main(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["fleet-backup", *arguments])
    main()
