"""Where the Prefect server keeps the leases of its slots."""

from collections.abc import Mapping
from typing import Any, Final

from prefect.client.orchestration import get_client

from deployments.server.local_server import LEASES

_MEMORY: Final = "prefect.server.concurrency.lease_storage.memory"


async def lease_warning() -> str | None:
    """What to change on the Prefect server; None: nothing, or it does not show its settings."""
    try:
        async with get_client() as client:
            settings: dict[str, Any] = (await client.request("GET", "/admin/settings")).json()
    except Exception:  # noqa: BLE001 - a warning that cannot be given stops nothing
        return None
    return warning_of(settings)


def warning_of(settings: Mapping[str, Any]) -> str | None:
    """The warning about a server with these settings."""
    storage = settings.get("server", {}).get("concurrency", {}).get("lease_storage")
    if storage != _MEMORY:
        return None
    ((name, value),) = LEASES.items()
    return (
        "Warning: the Prefect server keeps leases in memory. When it restarts, it ends healthy runs, and the slots of "
        f"dead ones stay taken, so that later runs wait. Set {name}={value} for it."
    )
