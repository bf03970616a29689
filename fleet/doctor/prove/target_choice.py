"""Which target `--prove` backs up: exactly one, as an instant backup. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from fleet.inventory.target import Target

NAME: Final = "fleet-backup doctor"
"""Follows the key in the name, so that a list that cuts or changes names shows it."""


class ChoiceError(ValueError):
    """The choice matches no target, or more than one; the message says what to do."""


def chosen(targets: Iterable[Target], wanted: str, now: datetime) -> Target:
    """Find the target, as an instant backup.

    Args:
        targets: of the fleet file.
        wanted: an application id, or SERVER/APPLICATION, where SERVER is an id or a name.
        now: the time, for its window.

    Raises:
        ChoiceError: it matches none, or more than one, or its window is closed.
    """
    server, _, application = wanted.rpartition("/")
    found = [target for target in targets if _is_meant(target, server.strip(), application.strip())]
    # A plan and an instant backup of the same thing are the same choice.
    instant = {target.identity: target for target in map(_as_instant, found)}
    if not instant:
        raise ChoiceError(f"--prove {wanted}: the fleet file has no backup of it; give the id of an APPLICATION")
    if len(instant) > 1:
        places = ", ".join(target.place for target in instant.values())
        raise ChoiceError(
            f"--prove {wanted}: {len(instant)} different backups of it ({places}); give SERVER/APPLICATION"
        )
    target = next(iter(instant.values()))
    if target.problem:
        raise ChoiceError(f"--prove {wanted}: {target.problem}")
    if target.window and not target.window.is_open(now):
        raise ChoiceError(f"--prove {wanted}: {target.window.closed_reason(now)}")
    return target


def _is_meant(target: Target, server: str, application: str) -> bool:
    if str(target.request.application_id) != application:
        return False
    return not server or server in (str(target.server_id), target.server_name)


def _as_instant(target: Target) -> Target:
    """The instant backup of a target's site, with a name that people recognise in the panel."""
    request = target.request.model_copy(update={"automatic_backup": False, "name": NAME})
    return replace(target, request=request, start_in_window=False)
