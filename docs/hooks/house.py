"""The rooms of the house: every folder of the product with the line that its `__init__.py` says of it."""

import ast
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from docs.hooks.table import cell, table

PACKAGES: Final = ("fleet", "tasks", "flows", "deployments", "cli", "sandbox")


def rooms(root: Path) -> str:
    """A table for each package: its rooms from the ground up, as import-linter holds them.

    Args:
        root: of the repository.
    """
    contracts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    parts = []
    for package in PACKAGES:
        held = ordered(contracts, package)
        found = [path.parent for path in (root / package).glob("*/__init__.py")]
        places = sorted(found, key=lambda path: (held.index(path.name) if path.name in held else len(held), path.name))
        parts += [f"### `{package}/`", meaning(root / package), _table(places)]
    return "\n\n".join(part for part in parts if part)


def ordered(contracts: Iterable[dict[str, Any]], package: str) -> list[str]:
    """The rooms of a package from the ground up, as its layers say; empty where it has none."""
    for contract in contracts:
        if package in contract.get("containers", []):
            return [name.strip(" ()") for layer in reversed(contract["layers"]) for name in layer.split("|")]
    return []


def meaning(folder: Path) -> str:
    """What a package says of itself."""
    return ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))) or ""


def _table(places: Iterable[Path]) -> str:
    rows = [(f"`{place.name}`", cell(meaning(place))) for place in places]
    return table(("room", "what it decides or does"), rows) if rows else ""
