"""The schema beside a fleet file: written, brought up to date, and never over a file of somebody else's."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # no stubs are locked

from cli.documents.beside import MODELINE, NAME, write_schema_beside


def test_it_stands_where_the_comment_points(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.yaml"
    assert write_schema_beside(fleet) == ""
    comment, pointed = MODELINE.split("=")
    assert comment == "# yaml-language-server: $schema"
    schema = json.loads((fleet.parent / pointed.strip()).read_text("utf-8"))
    assert not Draft202012Validator(schema).is_valid({"organisation": 5})


def test_one_of_another_version_is_replaced(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"$id": "urn:fleet-backup:fleet-file:1"}', "utf-8")
    assert write_schema_beside(tmp_path / "fleet.yaml") == ""
    assert "properties" in json.loads((tmp_path / NAME).read_text("utf-8"))


@pytest.mark.parametrize("text", ["", "[]", "{}", "not JSON", '{"$id": "mine"}'])
def test_a_file_of_somebody_elses_stays(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text, "utf-8")
    assert "is not ours" in write_schema_beside(tmp_path / "fleet.yaml")
    assert (tmp_path / NAME).read_text("utf-8") == text


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    assert "cannot be written: No such file or directory" in write_schema_beside(tmp_path / "gone" / "fleet.yaml")
