"""The fleet file of the chaos: what the runs are asked for."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.chaos.api import REQUEST, ChaosApi, application_of
from benchmarks.chaos.truth import Key

Row = Mapping[str, Any]


def write_fleet(folder: Path, api: ChaosApi, targets: int, *variants: Row) -> set[Key]:
    """Write a fleet file of so many applications, with the variants of the request in turn."""
    world = api.world()
    applications = world["applications"][:targets]
    fleet = fleet_of(world["organization"]["id"], applications, REQUEST, *variants)
    (folder / "fleet.yaml").write_text(json.dumps(fleet), "utf-8")
    return {(row["server_id"], row["id"]) for row in applications}


def fleet_of(organization: int, applications: Iterable[Row], defaults: Row, *variants: Row) -> dict[str, Any]:
    """A fleet file of these applications of an organization, with the variants of the request in turn."""
    backups: dict[int, list[Row]] = {}
    for number, row in enumerate(applications):
        variant = variants[number % len(variants)] if variants else {}
        backups.setdefault(row["server_id"], []).append({**application_of(row), **variant})
    servers = [{"id": server, "backups": of_server} for server, of_server in backups.items()]
    return {"organization": organization, "defaults": defaults, "servers": servers}
