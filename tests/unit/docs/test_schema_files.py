"""The JSON Schemas of the docs are those of the models (`make fix` writes them), and are schemas."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # no stubs are locked

from docs.hooks.schema_files import FOLDER, files

FILES = files()


def test_the_folder_holds_a_schema_for_each_document_and_nothing_else() -> None:
    assert set(FOLDER.iterdir()) == set(FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_schema_is_what_the_models_say(path: Path) -> None:
    assert path.read_text("utf-8") == FILES[path], "run `make fix`"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_schema_can_be_used_without_any_other_file(path: Path) -> None:
    schema: dict[str, Any] = json.loads(path.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:fleet-backup:{path.name.removesuffix('.schema.json')}:1"
    references = set(_references(schema))
    assert {reference for reference in references if not reference.startswith("#/$defs/")} == set()


def _references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return [*own, *(found for value in node.values() for found in _references(value))]
    return [found for value in node for found in _references(value)] if isinstance(node, list) else []
