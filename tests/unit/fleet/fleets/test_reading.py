"""A file that lists fleets: what each fleet gets, and every mistake at once with its place."""

import re
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

from fleet.fleet_file.mistakes import FleetFileError
from fleet.fleet_file.reading import lists_fleets, parse, read
from fleet.fleets.fields import FleetsFile
from fleet.fleets.fleets import Fleets, Place, Times
from fleet.fleets.reading import read_fleets
from fleet.inventory.caps import Caps

TWO = """
defaults: {zone: Europe/Berlin, nightly_at: "02:00", pool: agency, credentials: house, max_running_per_server: 2}
fleets:
  - {name: acme, file: acme/fleet.yaml, credentials: acme}
  - {name: globex-shops, file: globex.yaml, token_file: globex.token, zone: America/New_York, hourly: tag:vip}
  - {name: ours, file: ours.yaml, max_running_per_server: 5, queue: late}
"""
UNUSED = (
    "defaults.nightly_at: is not used: `all_fleets` starts the nightly runs; leave one of them out (given: '01:30')"
)


def written(folder: Path, text: str) -> Path:
    file = folder / "fleets.yaml"
    file.write_text(text, "utf-8")
    return file


def fleets(folder: Path, text: str) -> Fleets:
    return read_fleets(written(folder, text))


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(FleetFileError) as caught:
        fleets(folder, text)
    lines = str(caught.value).splitlines()
    assert all(line.startswith("fleets.yaml: ") for line in lines)
    return [line.removeprefix("fleets.yaml: ") for line in lines]


def test_the_nearest_wins_and_paths_are_those_of_the_file(tmp_path: Path) -> None:
    listed = fleets(tmp_path, TWO)
    acme, globex, ours = listed.fleets
    assert acme.file == tmp_path / "acme" / "fleet.yaml"
    assert acme.times == Times(zone="Europe/Berlin", nightly_at="02:00")
    assert acme.place == Place(credentials="acme", pool="agency")
    assert globex.times == Times(zone="America/New_York", nightly_at="02:00", hourly="tag:vip")
    assert ours.place == Place(credentials="house", pool="agency", queue="late")
    assert [each.caps for each in listed.fleets] == [Caps(2), Caps(2), Caps(5)]
    assert listed.shared == Place(credentials="house", pool="agency")


def test_an_account_of_its_own_replaces_the_inherited_one_of_whatever_kind(tmp_path: Path) -> None:
    by_block, by_file = fleets(
        tmp_path,
        "defaults: {token_file: house.token}\n"
        "fleets: [{name: a, file: a.yaml, credentials: a}, {name: b, file: b.yaml}]",
    ).fleets
    assert (by_block.place.credentials, by_block.token_file) == ("a", None)
    assert (by_file.place.credentials, by_file.token_file) == (None, tmp_path / "house.token")


def test_together_is_at_the_zone_of_the_file_unless_it_has_its_own(tmp_path: Path) -> None:
    text = "defaults: {zone: Asia/Tokyo}\nall_fleets: {at: '22:00'%s}\nfleets: [{name: a, file: a.yaml}]"
    assert fleets(tmp_path, text % "").zone == "Asia/Tokyo"
    assert fleets(tmp_path, text % ", zone: UTC").zone == "UTC"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("fleets: []", ["fleets: must have at least one entry (given: [])"]),
        ("fleets: {a: b}", ["fleets: must be a list (given: {'a': 'b'})"]),
        ("fleets: [a]", ["fleets[0]: must be a mapping of keys to values (given: 'a')"]),
        ("fleets: [{file: a.yaml}]", ["fleets[0].name: is required"]),
        ("fleets: [{name: a}]", ["fleets[0].file: is required"]),
        (
            "fleets: [{name: a, fil: x}]",
            ["fleets[0].fil: unknown key; did you mean 'file'?", "fleets[0].file: is required"],
        ),
        (
            "servers: []\nfleets: [{name: a, file: a.yaml, select: []}]",
            [
                "servers: belongs in a fleet file, which a fleet names in `file`; not here",
                "fleets[0].select: belongs in a fleet file, which a fleet names in `file`; not here",
            ],
        ),
        (
            "fleets: [{name: a, file: a.yaml}, {name: a, file: ./a.yaml}]",
            [
                "fleets[1].file: is that of fleets[0], too (given: './a.yaml')",
                "fleets[1].name: is that of fleets[0], too (given: 'a')",
            ],
        ),
        (
            "all_fleets: {at: '22:00'}\ndefaults: {nightly_at: '01:30'}\nfleets: [{name: a, file: a.yaml}]",
            [UNUSED],
        ),
        (
            "fleets: [{name: a, file: a.yaml, credentials: a, token_file: a.token}]",
            ["fleets[0].token_file: is not needed beside `credentials`; leave one of them out"],
        ),
        (
            "fleets: [{name: a, file: a.yaml, zone: Berlin, nightly_at: '9am', max_running_per_server: 0}]",
            [
                "fleets[0].max_running_per_server: Input should be greater than or equal to 1 (given: 0)",
                "fleets[0].nightly_at: '9am' is not a time of day; it must be HH:MM, for example 01:30 (given: '9am')",
                "fleets[0].zone: 'Berlin' is not a time zone; did you mean 'Europe/Berlin'? (given: 'Berlin')",
            ],
        ),
        ("all_fleets: {every: Every Day}\nfleets: [{name: a, file: a}]", ["all_fleets.at: is required"]),
    ],
)
def test_every_mistake_is_named_with_its_place(tmp_path: Path, text: str, wanted: list[str]) -> None:
    assert mistakes(tmp_path, text) == wanted


@pytest.mark.parametrize("name", ["Acme", "a/b", "a--b", "-a", "a b", "ä", "a" * 61, "''"])
def test_a_name_that_something_else_would_change_is_refused(tmp_path: Path, name: str) -> None:
    (line,) = mistakes(tmp_path, f"fleets: [{{name: {name}, file: a.yaml}}]")
    assert line.startswith("fleets[0].name: must be lower-case letters, digits and single dashes")


@pytest.mark.parametrize("key", ["pool", "queue"])
@pytest.mark.parametrize("name", ["a/b", "50%", "' '", "<a>"])
def test_a_pool_that_prefect_refuses_is_refused_here(tmp_path: Path, key: str, name: str) -> None:
    (line,) = mistakes(tmp_path, f"fleets: [{{name: a, file: a.yaml, {key}: {name}}}]")
    assert line.startswith(f"fleets[0].{key}: must be a name without / % & > <")


def test_it_is_recognised_by_its_content_and_is_no_fleet_file(tmp_path: Path) -> None:
    file = written(tmp_path, TWO)
    assert lists_fleets(file)
    with pytest.raises(FleetFileError, match="lists fleets; one fleet file is needed here"):
        read(file)
    assert not lists_fleets(written(tmp_path, "organization: 5"))
    assert not lists_fleets(tmp_path / "none.yaml")
    assert not lists_fleets(written(tmp_path, "fleets: ["))


def test_what_is_no_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, "fleets:\n  - {name: a\n")
    assert line.startswith("line 3, column 1: ")


DOCS = Path(__file__).parents[4] / "docs" / "fleets.md"
EXAMPLE, TOGETHER = re.findall(r"```yaml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
SCHEMA = FleetsFile.model_json_schema()


def test_the_examples_of_the_docs_are_read_and_are_valid_for_editors(tmp_path: Path) -> None:
    jsonschema.validate(parse(EXAMPLE.encode(), "fleets.yaml"), SCHEMA)
    acme, globex = fleets(tmp_path, EXAMPLE).fleets
    assert (acme.times.nightly_at, globex.times.nightly_at) == ("01:30", "03:00")
    together = TOGETHER + "fleets: [{name: a, file: a.yaml}]"
    jsonschema.validate(parse(together.encode(), "fleets.yaml"), SCHEMA)
    assert fleets(tmp_path, together).together


@pytest.mark.parametrize("wrong", ["name: Acme", "name: a--b", "file: a, name: a, nightly_at: 1am", "file: a"])
def test_an_editor_marks_what_is_refused(wrong: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(parse(f"fleets: [{{{wrong}}}]".encode(), "fleets.yaml"), SCHEMA)
