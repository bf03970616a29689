"""Bodies of the create call, as plain data: for tests of the product, and of the sandbox, which must not know it."""

from typing import Any

INSTANT: dict[str, Any] = {
    "provider": "wasabi",
    "cloud_storage_provider_id": 10,
    "automatic_backup": False,
    "type": "application",
    "application_id": 4246,
    "database_id": 4223,
    "application_extension": ".tar.gz",
    "database_extension": ".sql.gz",
}
PLAN: dict[str, Any] = {
    **INSTANT,
    "automatic_backup": True,
    "schedule": "Every Day",
    "start_backup_from_now": True,
}
