"""The files of docs/operations, as tests read them."""

import re
import shlex
from configparser import RawConfigParser
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

FOLDER: Final = Path(__file__).parents[1] / "docs" / "operations"
PROGRAMS: Final = "/opt/fleet-backup/bin/"
UNITS: Final = sorted(FOLDER.glob("*.service"))


def unit(file: Path) -> RawConfigParser:
    """A unit of systemd; of ours, none sets anything twice."""
    parser = RawConfigParser(strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign] # as the documentation of configparser does
    parser.read_string(file.read_text("utf-8"))
    return parser


def command(file: Path, setting: str = "ExecStart") -> list[str]:
    """The words of a command of a unit; a `-` in front allows it to fail."""
    return shlex.split(unit(file)["Service"][setting].removeprefix("-"))


def variables(file: Path) -> dict[str, str]:
    """What an environment file sets."""
    lines = [line for line in file.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    found = dict(line.split("=", 1) for line in lines)
    assert len(found) == len(lines), f"{file} sets something twice"
    assert all(re.fullmatch(r"[A-Z_]+", name) for name in found)
    return found


def services() -> dict[str, dict[str, Any]]:
    """The services of the Compose file."""
    content: dict[str, Any] = YAML(typ="safe", pure=True).load((FOLDER / "compose.yaml").read_text("utf-8"))
    found: dict[str, dict[str, Any]] = content["services"]
    return found
