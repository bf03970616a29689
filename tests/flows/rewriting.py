"""Changes to the fleet file of a sandbox."""

from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML

from tests.flows.conftest import Api

STARTS_LATER = {
    "automatic_backup": True,
    "schedule": "Every Day",
    "start_backup_from_now": False,
    "start_backup": "2099-01-01 01:00",
}
"""Makes of each backup a plan that has not begun."""


def rewrite(sandbox: Api, top: Mapping[str, Any] | None = None, /, **defaults: Any) -> None:
    """Ask for something else in every backup of the fleet file; None takes a field away.

    Args:
        sandbox: the fleet file is its.
        top: keys of the file.
        defaults: fields of each backup.
    """
    yaml = YAML(typ="safe")
    fleet = yaml.load(sandbox.fleet.read_text("utf-8")) | dict(top or {})
    changed = fleet["defaults"] | defaults
    fleet["defaults"] = {name: value for name, value in changed.items() if value is not None}
    with sandbox.fleet.open("w", encoding="utf-8") as file:
        yaml.dump(fleet, file)
