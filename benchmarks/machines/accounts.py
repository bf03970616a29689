"""The fleets of many accounts: one API that has them all, a fleet file and a credentials block for each."""

import asyncio
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from prefect.settings import PREFECT_API_URL, temporary_settings
from pydantic import SecretStr

from benchmarks.chaos.api import REQUEST, ChaosApi, serving
from benchmarks.chaos.fleet import fleet_of
from benchmarks.outages.stage import Stage
from tasks.run.credentials import ServerAvatarCredentials

SERVERS: Final = 12
APPLICATIONS: Final = 5
"""Servers of each fleet, and applications of each server."""
LIMIT: Final = 60
"""Requests a minute of each account: the smallest plan's."""
_FAR: Final = timedelta(hours=12)
"""When the schedules are due: not meanwhile."""


def names(fleets: int) -> list[str]:
    """What the fleets are called, and their blocks."""
    return [f"client-{number}" for number in range(1, fleets + 1)]


@contextmanager
def served(folder: Path, tokens: list[str]) -> Iterator[ChaosApi]:
    """Serve one API for the time of the context: an account for each token, and for each account an organization."""
    file = folder / "tokens"
    file.touch(mode=0o600)
    file.write_text("\n".join(tokens), "utf-8")
    world = ["--servers", str(SERVERS * len(tokens)), "--applications-per-server", str(APPLICATIONS)]
    accounts = ["--organizations", str(len(tokens)), "--token-file", str(file), "--requests-per-minute", str(LIMIT)]
    with serving(folder / "api", SERVERS * APPLICATIONS * len(tokens), 1, *world, *accounts) as api:
        yield api


def tokens(fleets: int) -> list[str]:
    """A token for each account."""
    return [f"tok-{secrets.token_hex(16)}" for _ in range(fleets)]


def write_fleets(folder: Path, api: ChaosApi, fleets: int) -> None:
    """Write `fleets.yaml`, and a fleet file for each organization."""
    later = f"{datetime.now(UTC) + _FAR:%H:%M}"
    entries = []
    for name, fleet in zip(names(fleets), _fleet_files(api.world()), strict=True):
        (folder / f"{name}.yaml").write_text(json.dumps(fleet), "utf-8")
        entries.append({"name": name, "file": f"{name}.yaml", "credentials": name})
    listed = {
        "defaults": {"plans_at": later, "audit_at": later},
        "all_fleets": {"at": later},
        "fleets": entries,
    }
    (folder / "fleets.yaml").write_text(json.dumps(listed), "utf-8")


def _fleet_files(world: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A fleet file for each organization: of all its applications, on its own storage."""
    organization_of = {row["id"]: row["organization_id"] for row in world["servers"]}
    organizations = sorted(set(organization_of.values()))
    storages = [row["id"] for row in world["providers"] if row["provider"] == REQUEST["provider"]]
    for organization, storage in zip(organizations, storages, strict=True):
        applications = [row for row in world["applications"] if organization_of[row["server_id"]] == organization]
        yield fleet_of(organization, applications, REQUEST | {"cloud_storage_provider_id": storage})


def save_credentials(stage: Stage, tokens: list[str]) -> None:
    """Save a ServerAvatar Credentials block for each account, as a person does in the Prefect UI."""

    async def save() -> None:
        for name, token in zip(names(len(tokens)), tokens, strict=True):
            block = ServerAvatarCredentials(token=SecretStr(token), url=stage.api.url, requests_per_minute=LIMIT)
            await block.asave(name)

    with temporary_settings({PREFECT_API_URL: stage.prefect.url}):
        asyncio.run(save())
