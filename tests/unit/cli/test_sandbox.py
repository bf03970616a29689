"""`fleet-backup sandbox`: what it tells people to type works."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli import sandbox
from fleet.loading import load_inventory
from sandbox.settings import SandboxSettings


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
