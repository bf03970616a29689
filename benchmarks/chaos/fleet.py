"""The fleet file of the chaos: what the runs are asked for."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.chaos.api import REQUEST, ChaosApi, application_of
from benchmarks.chaos.truth import Key


def write_fleet(folder: Path, api: ChaosApi, targets: int, *variants: Mapping[str, Any]) -> set[Key]:
    """Write a fleet file of so many applications, with the variants of the request in turn."""
    applications = api.world()["applications"][:targets]
    backups: dict[int, list[Mapping[str, Any]]] = {}
    for number, row in enumerate(applications):
        variant = variants[number % len(variants)] if variants else {}
        backups.setdefault(row["server_id"], []).append({**application_of(row), **variant})
    fleet = {
        "organization": api.world()["organization"]["id"],
        "defaults": REQUEST,
        "servers": [{"id": server, "backups": of_server} for server, of_server in backups.items()],
    }
    (folder / "fleet.yaml").write_text(json.dumps(fleet), "utf-8")
    return {(row["server_id"], row["id"]) for row in applications}
