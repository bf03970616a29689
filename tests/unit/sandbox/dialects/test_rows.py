"""Each point of a dialect, as a table: a row of the documentation in, a row of the dialect out."""

from typing import Any

import pytest

from sandbox.dialects.dialect import Dialect
from sandbox.dialects.spoken import speak, speak_backup

CREATED = 1739272342.7  # 2025-02-11 11:12:22 UTC
NAME = "fb-0a1b2c3d4e5f6a7b Shop, nightly"
BACKUP: dict[str, Any] = {
    "id": 301,
    "server_id": 15,
    "database_id": None,
    "status": "Completed",
    "application_size": 12_500_000,
    "database_size": 0,
    "total_application_size": 1_234_500_000,
    "total_database_size": 0,
    "totalSize": 12_500_000,
    "application_available_in_cloudstorage": 1,
    "database_available_in_cloudstorage": 0,
    "created_at": CREATED,
    "updated_at": CREATED,
    "expires_at": CREATED + 86_400,
    "deleted_at": None,
    "provider": "wasabi",
    "application": {"id": 4246, "name": "shop"},
    "backup_configuration": {"id": 71, "name": NAME},
}
SIZES = ("application_size", "database_size", "total_application_size", "totalSize")
FLAGS = ("application_available_in_cloudstorage", "database_available_in_cloudstorage")


def told(row: dict[str, Any], *names: str) -> list[Any]:
    return [row.get(name, "absent") for name in names]


def test_the_documented_row() -> None:
    assert speak_backup(BACKUP, Dialect()) == {
        **BACKUP,
        "application_size": 12.5,
        "total_application_size": 1234.5,
        "totalSize": 12.5,
        "created_at": "2025-02-11 11:12:22",
        "updated_at": "2025-02-11 11:12:22",
        "expires_at": "2025-02-12 11:12:22",
    }


@pytest.mark.parametrize(
    ("points", "differs"),
    [
        ({"names": "null"}, {"backup_configuration": {"id": 71, "name": None}}),
        ({"names": "cut"}, {"backup_configuration": {"id": 71, "name": "fb-0a1b2c3d4"}}),
        ({"names": "cut", "name_length": 20}, {"backup_configuration": {"id": 71, "name": "fb-0a1b2c3d4e5f6a7b "}}),
        ({"names": "dated"}, {"backup_configuration": {"id": 71, "name": f"{NAME}-20250211111222"}}),
        ({"names": "slugged"}, {"backup_configuration": {"id": 71, "name": "fb-0a1b2c3d4e5f6a7b-shop-nightly"}}),
        ({"names": "upper"}, {"backup_configuration": {"id": 71, "name": NAME.upper()}}),
        ({"names": "prefixed"}, {"backup_configuration": {"id": 71, "name": f"Instant backup: {NAME}"}}),
        ({"names": "prefixed", "name_prefix": "* "}, {"backup_configuration": {"id": 71, "name": f"* {NAME}"}}),
        ({"names": "underscored"}, {"backup_configuration": {"id": 71, "name": "fb_0a1b2c3d4e5f6a7b_Shop__nightly"}}),
        ({"names": "top"}, {"name": NAME, "backup_configuration": {"id": 71}}),
        ({"names": "title"}, {"backup_name": NAME, "backup_configuration": {"id": 71, "name": None}}),
        (
            {"names": "title", "name_field": "label"},
            {"label": NAME, "backup_configuration": {"id": 71, "name": None}},
        ),
        ({"names": "absent"}, {"backup_configuration": "absent"}),
    ],
)
def test_where_and_how_the_name_comes_back(points: dict[str, Any], differs: dict[str, Any]) -> None:
    spoken = speak_backup(BACKUP, Dialect(**points))
    documented = speak_backup(BACKUP, Dialect())
    assert {
        name: spoken.get(name, "absent") for name in spoken | documented if spoken.get(name) != documented.get(name)
    } == differs


@pytest.mark.parametrize("names", ["cut", "dated", "slugged", "upper", "prefixed", "underscored", "configuration"])
def test_a_plan_has_no_name_in_any_dialect(names: Any) -> None:
    row = {**BACKUP, "backup_configuration": {"id": 71, "name": None}}
    assert speak_backup(row, Dialect(names=names))["backup_configuration"] == {"id": 71, "name": None}


@pytest.mark.parametrize(
    ("sizes", "written"),
    [
        ("number", [12.5, 0, 1234.5, 12.5]),
        ("string", ["12.5", "0", "1234.5", "12.5"]),
        ("unit", ["12.5 MB", "0 MB", "1234.5 MB", "12.5 MB"]),
        ("bytes", ["12500000 B", "0 B", "1234500000 B", "12500000 B"]),
        ("comma", ["12.5", "0", "1,234.5", "12.5"]),
        ("zero", [0, 0, 1234.5, 0]),
        ("null", [None] * 4),
        ("absent", ["absent"] * 4),
    ],
)
def test_sizes_of_a_backup(sizes: Any, written: list[Any]) -> None:
    assert told(speak_backup(BACKUP, Dialect(sizes=sizes)), *SIZES) == written


@pytest.mark.parametrize(
    ("flags", "of_backup", "of_server"),
    [
        ("documented", [1, 0], ["1"]),
        ("number", [1, 0], [1]),
        ("string", ["1", "0"], ["1"]),
        ("boolean", [True, False], [True]),
        ("yes-no", ["yes", "no"], ["yes"]),
        ("on-off", ["on", "off"], ["on"]),
        ("y-n", ["y", "n"], ["y"]),
        ("null", [None, None], ["1"]),
        ("absent", ["absent", "absent"], ["1"]),
    ],
)
def test_flags(flags: Any, of_backup: list[Any], of_server: list[Any]) -> None:
    dialect = Dialect(flags=flags)
    assert [str(value) for value in told(speak_backup(BACKUP, dialect), *FLAGS)] == [str(value) for value in of_backup]
    assert [type(value) for value in told(speak_backup(BACKUP, dialect), *FLAGS)] == [type(v) for v in of_backup]
    assert told(speak({"agent_status": "1"}, dialect), "agent_status") == of_server


@pytest.mark.parametrize(
    ("points", "created", "expires"),
    [
        ({}, "2025-02-11 11:12:22", "2025-02-12 11:12:22"),
        ({"zone": "Asia/Kolkata"}, "2025-02-11 16:42:22", "2025-02-12 16:42:22"),
        ({"zone": -300}, "2025-02-11 06:12:22", "2025-02-12 06:12:22"),
        ({"stamps": "iso"}, "2025-02-11T11:12:22+00:00", "2025-02-12T11:12:22+00:00"),
        (
            {"stamps": "iso", "zone": "America/New_York"},
            "2025-02-11T06:12:22-05:00",
            "2025-02-12T06:12:22-05:00",
        ),
        ({"stamps": "z", "zone": 60}, "2025-02-11T11:12:22.000000Z", "2025-02-12T11:12:22.000000Z"),
        ({"stamps": "epoch", "zone": 60}, 1739272342, 1739358742),
        ({"stamps": "absent"}, "absent", "2025-02-12 11:12:22"),
    ],
)
def test_stamps(points: dict[str, Any], created: object, expires: object) -> None:
    spoken = speak_backup(BACKUP, Dialect(**points))
    assert told(spoken, "created_at", "updated_at", "expires_at", "deleted_at") == [created, created, expires, None]


def test_ids_as_text_however_deep() -> None:
    spoken = speak_backup(BACKUP, Dialect(ids="string"))
    assert told(spoken, "id", "server_id", "database_id") == ["301", "15", None]
    assert (spoken["application"]["id"], spoken["backup_configuration"]["id"]) == ("4246", "71")


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("Pending", "queued"),
        ("In Progress", "läuft"),
        ("Completed", "ok"),
        ("Failed", "no"),
        ("Uploading", "Uploading"),
    ],
)
def test_words_of_status(status: str, word: str) -> None:
    dialect = Dialect(pending_status="queued", in_progress_status="läuft", completed_status="ok", failed_status="no")
    assert speak_backup({**BACKUP, "status": status}, dialect)["status"] == word
