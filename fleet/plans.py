"""Drift of automatic plans: what the fleet file asks for, against what the ledger says was created."""

from collections.abc import Mapping
from typing import Any


def drift(created: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Compare the body that a plan was created with to the one that is wanted now.

    The start of a plan lies in its past and is not compared.

    Returns:
        For each field that differs, what it is and what is wanted.
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
