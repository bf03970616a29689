"""Checks the fleet file before `serve` or `deploy` registers anything."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fleet.selection.loading import load_inventory
from fleet.settings import settings as environment


def check_fleet_file(chosen: Mapping[str, Any], *, token: bool = True) -> None:
    """Find mistakes now rather than at the first nightly run.

    Args:
        chosen: what the command line sets, by the names of `deployments.choices.Choices`.
        token: whether runs use this environment, which must then hold a token unless a block is named.

    Raises:
        FleetFileError: with every mistake of the fleet file.
        SelectionError: the pattern of `--hourly` names no server.
        SettingsError: there is no usable token, or another setting is wrong.
    """
    settings = environment.load()
    if token and not chosen.get("credentials"):
        settings.account()
    limit = [chosen["hourly"]] if chosen.get("hourly") else []
    asyncio.run(load_inventory(chosen["fleet"], limit, datetime.now(UTC), None, settings.ledger_url()))
