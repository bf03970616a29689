"""The Grafana dashboard: each panel's query, run by Prometheus over the metrics of a real run and a real audit."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.fleet_audit import fleet_audit
from flows.fleet_backup import fleet_backup
from sandbox.world.world import describe
from tests.flows.conftest import Api
from tests.prometheus import prometheus

pytestmark = pytest.mark.anyio
VALUES = {"$fleet": ".*", "$hours": "26"}
"""Of the dashboard's variables, as Grafana fills them in for all fleets."""


def panels() -> dict[str, str]:
    """The query of each panel, by its title."""
    text = files("deployments").joinpath("monitoring", "grafana-dashboard.json").read_text("utf-8")
    dashboard: dict[str, Any] = json.loads(text)
    queries = {panel["title"]: panel["targets"][0]["expr"] for panel in dashboard["panels"]}
    for name, value in VALUES.items():
        queries = {title: query.replace(name, value) for title, query in queries.items()}
    return queries


async def test_every_panel_shows_something_of_a_real_run(
    api: Callable[..., Api], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = api(servers=2, applications=3)
    metrics = tmp_path / "metrics"
    metrics.mkdir()
    monkeypatch.setenv("FLEET_BACKUP_METRICS_FOLDER", str(metrics))
    old, *others = [row["id"] for row in describe(sandbox.folder)["applications"]]
    rows = [{"application_id": old, "age_seconds": 40 * 3600}]
    async with httpx.AsyncClient() as client:
        (await client.post(f"{sandbox.url}/_sandbox/backups", json=rows)).raise_for_status()
    await fleet_audit(sandbox.fleet, return_state=True)
    await fleet_backup(sandbox.fleet, limit=["web-0001"], return_state=True)

    with prometheus(metrics, tmp_path) as server:
        shown = {title: server.rows(query) for title, query in panels().items()}

    assert {title for title, found in shown.items() if not found} == set()
    (bad,) = shown["Targets without a recent good backup"]
    assert int(bad["value"][1]) == 1 + len(others)
    (run,) = shown["Last run, by fleet"]
    assert (run["metric"], run["value"][1]) == ({"fleet": sandbox.fleet.stem}, "0")
    assert len(shown["Targets by the age of their newest good backup"]) == 1 + len(others)
