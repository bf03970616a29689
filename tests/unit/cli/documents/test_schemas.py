"""`fleet-backup schema`: the schema of each document, with a meaning for each field."""

import json

import pytest
from click.testing import CliRunner

from cli.documents.commands import schema
from cli.documents.documents import DOCUMENTS
from cli.documents.schemas import described


@pytest.mark.parametrize(("line", "name"), [([], "fleet-file"), *(([name], name) for name in DOCUMENTS)])
def test_each_document_has_a_schema_and_the_fleet_files_is_the_default(line: list[str], name: str) -> None:
    ended = CliRunner().invoke(schema, line, standalone_mode=False)
    assert ended.return_value == 0
    assert json.loads(ended.stdout)["$id"] == f"urn:fleet-backup:{name}:1"


def test_an_unknown_document_is_refused_with_all_that_are_known() -> None:
    ended = CliRunner().invoke(schema, ["serve"])
    assert ended.exit_code == 2
    assert all(name in ended.stderr for name in DOCUMENTS)


def test_the_meaning_of_a_field_moves_from_the_docstring_of_its_class_to_the_field() -> None:
    text = "A thing.\n\nAttributes:\n    size: how large it is,\n        in MB.\n    gone: not there."
    thing = {"description": text, "properties": {"size": {}, "name": {"description": "Its name."}}}
    assert described({"$defs": {"Thing": thing, "Word": {"enum": ["a"]}}}) == {
        "$defs": {
            "Thing": {
                "description": "A thing.",
                "properties": {
                    "size": {"description": "how large it is, in MB."},
                    "name": {"description": "Its name."},
                },
            },
            "Word": {"enum": ["a"]},
        }
    }
