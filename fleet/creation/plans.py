"""Automatic plans: how the fleet file differs from what the ledger recorded."""

from collections.abc import Mapping
from typing import Any


def drift(created: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Compare the body a plan was created with to the one wanted now.

    The start of a plan is in the past and is not compared.

    Returns:
        For each differing field, the current and the wanted value.
    """
    fields = [*created, *(name for name in wanted if name not in created)]
    return {
        name: (created.get(name), wanted.get(name))
        for name in fields
        if created.get(name) != wanted.get(name) and not name.startswith("start_backup")
    }


def described(differences: Mapping[str, tuple[Any, Any]]) -> str:
    """For example `schedule is 'Every Day', wanted 'Every Hour'`."""
    return ", ".join(f"{name} is {is_now!r}, wanted {wanted!r}" for name, (is_now, wanted) in differences.items())


def changes(differences: Mapping[str, tuple[Any, Any]]) -> str:
    """For example `schedule: Every Day -> Every Hour`."""
    return ", ".join(f"{name}: {_shown(is_now)} -> {_shown(wanted)}" for name, (is_now, wanted) in differences.items())


def _shown(value: object) -> str:
    return "none" if value is None else str(value)
