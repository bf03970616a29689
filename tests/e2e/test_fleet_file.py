"""A bad fleet file is refused whole, before any request and before Prefect is started."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # no stubs are locked
from ruamel.yaml import YAML

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import backup_of, fleet_file, server, servers, world
from tests.e2e.processes import Ended, FleetBackup
from tests.e2e.test_main_job import EXAMPLE

PLACE = re.compile(r"servers\[\d+\](?:\.\w+(?:\[\d+\])?)+")
PLAN: dict[str, Any] = {"automatic_backup": True, "schedule": "Every Day", "start_backup_from_now": True}
# one mistake for the only backup of each server: what is changed, and the field that the message must name
MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"provider": "s3"}, "provider"),
    ({"cloud_storage_provider_id": "ten"}, "cloud_storage_provider_id"),
    ({"type": "files"}, "type"),
    ({"automatic_backup": True, "start_backup_from_now": True}, "schedule"),
    ({**PLAN, "schedule": "Every Minute"}, "schedule"),
    ({"provider": "serveravatar", "retention_period": "1 Year"}, "retention_period"),
    ({**PLAN, "start_backup_from_now": False, "start_backup": "2020-01-01 10:00"}, "start_backup"),
    ({"application_extension": ".zip"}, "application_extension"),
    ({"colour": "blue"}, "colour"),
]


def assert_refused_at_once(ended: Ended) -> None:
    assert ended.exit_code == 2, ended.stderr
    assert ended.stdout == ""
    assert not (ended.home / "prefect").exists(), "Prefect was started for nothing"
    assert ended.report is None


def test_nine_mistakes_are_nine_places_and_no_request(fleet_backup: FleetBackup, start_stranger: StartStranger) -> None:
    fleet = servers(10, 1)
    file = fleet_file(fleet)
    for row, (changes, _field) in zip(file["servers"], MISTAKES, strict=False):
        row["backups"][0] |= changes
    stranger = start_stranger(world(fleet))

    ended = fleet_backup.run("run", "FLEET", fleet=file, stranger=stranger, own_prefect=True)

    assert_refused_at_once(ended)
    expected = {f"servers[{turn}].backups[0].{field}" for turn, (_changes, field) in enumerate(MISTAKES)}
    assert set(PLACE.findall(ended.stderr)) == expected
    for given in ("s3", "ten", "files", "Every Minute", "1 Year", "2020-01-01 10:00", ".zip"):
        assert given in ended.stderr
    for allowed in ("custom_s3", "filesystem", "Every 3 Hours", "24 Months", ".tar.gz"):
        assert allowed in ended.stderr
    assert stranger.truth()["requests"] == []


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)
BAD_FILES = {
    "code": "organization: !!python/object/apply:os.system ['touch owned']\nservers: []\n",
    "duplicate key": EXAMPLE.replace("organization: 5", "organization: 5\norganization: 6"),
    "tab": EXAMPLE.replace("  provider: wasabi", "\tprovider: wasabi"),
    "empty": "",
    "only a comment": "# nothing yet\n",
    "a list": "- organization: 5\n",
    "not closed": "organization: [5\n",
    "unknown group": EXAMPLE.replace("groups: [shops]", "groups: [shopz]"),
    "wrong type": "organization: 5\nservers: [{id: 1, backups: seven}]\n",
}


@pytest.mark.parametrize("text", BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_file_that_is_none_is_one_clear_line(fleet_backup: FleetBackup, text: str) -> None:
    token = {"SERVERAVATAR_API_TOKEN": "tok-of-nobody-at-all"}
    start = fleet_backup.run if text.startswith("organization: !!python") else fleet_backup.run_here
    ended = start("run", "FLEET", fleet=text, own_prefect=True, environment=token)

    assert_refused_at_once(ended)
    lines = [line for line in ended.stderr.splitlines() if line.strip()]
    assert 1 <= len(lines) <= 3, ended.stderr
    assert "fleet.yaml" in ended.stderr
    assert not (ended.home / "work" / "owned").exists()


def test_a_huge_file_a_folder_and_bytes_that_are_no_text_are_refused(fleet_backup: FleetBackup) -> None:
    token = {"SERVERAVATAR_API_TOKEN": "tok-of-nobody-at-all"}
    work = fleet_backup.folder / "odd" / "work"
    work.mkdir(parents=True)
    with (work / "huge.yaml").open("wb") as huge:
        huge.truncate(100 * 1024 * 1024)
    (work / "bytes.yaml").write_bytes(b"organization: \xff\xfe\x00\n")
    (work / "folder.yaml").mkdir()
    (work / "laughs.yaml").write_text(LAUGHS, encoding="utf-8")
    for name in ("laughs.yaml", "huge.yaml", "bytes.yaml", "folder.yaml", "missing.yaml"):
        # What would fill the memory is read by a process of its own.
        start = fleet_backup.run if name in ("laughs.yaml", "huge.yaml") else fleet_backup.run_here
        ended = start("check", name, home=work.parent, own_prefect=True, environment=token)
        assert_refused_at_once(ended)
        assert name in ended.stderr
    (work / "huge.yaml").unlink()  # Every file that is left is searched for tokens.


def test_the_schema_accepts_the_example_and_refuses_what_is_unknown(fleet_backup: FleetBackup) -> None:
    ended = fleet_backup.run("schema", own_prefect=True)

    assert ended.exit_code == 0, ended.stderr
    schema = json.loads(ended.stdout)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)

    yaml = YAML(typ="safe")

    def example() -> Any:
        return yaml.load(EXAMPLE)

    assert list(validator.iter_errors(example())) == []
    places: list[Callable[[Any], Any]] = [
        lambda file: file,
        lambda file: file["defaults"],
        lambda file: file["groups"]["shops"],
        lambda file: file["servers"][0],
        lambda file: file["servers"][0]["defaults"],
        lambda file: file["servers"][0]["backups"][0],
    ]
    for place in places:
        file = example()
        place(file)["colour"] = "blue"
        assert not validator.is_valid(file)
    for field, value in (("provider", "s3"), ("type", "files"), ("schedule", "Every Minute")):
        file = example()
        file["servers"][0]["backups"][0][field] = value
        assert not validator.is_valid(file), field


def test_every_valid_choice_of_the_seed_passes_check(fleet_backup: FleetBackup, start_stranger: StartStranger) -> None:
    fleet = [server(101, 3)]
    first, second, third = (backup_of(row) for row in fleet[0]["applications"])
    start = {"start_backup_from_now": False, "start_backup": "2099-01-31 23:59"}
    first |= {**PLAN, **start, "schedule": "Every 6 Months"}
    second |= {"type": "database", "name": "before the update", "database_extension": ".sql"}
    third |= {"retention_period": "1 Month", "application_extension": ".tar"}
    file = {
        **fleet_file(fleet),
        "servers": [{"id": 101, "name": "web-101", "backups": [first, second, third]}],
    }
    stranger = start_stranger(world(fleet))

    ended = fleet_backup.run("check", "FLEET", fleet=file, stranger=stranger)

    assert ended.exit_code == 0, ended.stderr
    assert {row["method"] for row in stranger.truth()["requests"]} == {"GET"}
