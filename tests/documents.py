"""The JSON Schemas of the docs, as a stranger's program would use them."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # no stubs are locked

FOLDER = Path(__file__).parents[1] / "docs" / "contract" / "schemas"


def valid(document: str, text: str) -> dict[str, Any]:
    """What a command has printed with `--json`; it must fit the schema of the docs, and nothing stands beside it."""
    schema = json.loads((FOLDER / f"{document}.schema.json").read_text("utf-8"))
    found: dict[str, Any] = json.loads(text)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(found)] == []
    assert found["schema"] == 1
    return found
