"""The schema beside a fleet file, for editors: it goes where the file goes, and needs no network."""

import json
from pathlib import Path
from typing import Final

from cli.documents.documents import FLEET_FILE
from cli.documents.schemas import schema_of, schema_text

NAME: Final = f"{FLEET_FILE}.schema.json"
MODELINE: Final = f"# yaml-language-server: $schema=./{NAME}\n"
"""The comment that editors with yaml-language-server, and JetBrains', obey."""


def write_schema_beside(fleet_file: Path) -> str:
    """Write the schema into the folder of a fleet file, or replace one that another version wrote.

    Returns:
        Why it was not written; empty if it was.
    """
    file = fleet_file.parent / NAME
    try:
        if file.exists() and not _is_ours(file):
            return f"{file}: is not ours, so it stays; editors may not find the schema"
        file.write_text(schema_text(FLEET_FILE), encoding="utf-8")
    except OSError as error:
        return f"{file}: cannot be written: {error.strerror}; editors will not find the schema"
    return ""


def _is_ours(file: Path) -> bool:
    try:
        there = json.loads(file.read_text("utf-8"))
    except ValueError:
        return False
    return isinstance(there, dict) and there.get("$id") == schema_of(FLEET_FILE)["$id"]
