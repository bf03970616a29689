from typing import Any

import pytest

from sandbox.answers.refusal import Refusal
from sandbox.backups.create_request import (
    INVALID_RETENTION_PERIOD,
    INVALID_SCHEDULE,
    START_NOT_IN_FUTURE,
    judge_create,
    read_create,
)

# The seed's example, word for word.
EXAMPLE: dict[str, Any] = {
    "cloud_storage_provider_id": 10,
    "automatic_backup": 1,
    "type": "application",
    "application_id": 4246,
    "database_id": 4223,
    "provider": "wasabi",
    "schedule": "Every Hour",
    "retention_period": "1 Month",
    "start_backup_from_now": 1,
    "start_backup": None,
    "application_extension": ".tar.gz",
    "database_extension": ".sql.gz",
}
NOW = 1_700_000_000.0  # 2023-11-14 22:13:20


def mistakes(**changed: object) -> dict[str, list[str]]:
    """What a 422 names; a field set to ... is left out."""
    body = {name: value for name, value in {**EXAMPLE, **changed}.items() if value is not ...}
    try:
        read_create(body)
    except Refusal as refusal:
        return dict(refusal.errors or {})
    return {}


def test_the_seeds_example_is_accepted() -> None:
    wanted = read_create(EXAMPLE)
    assert wanted.automatic_backup is True
    assert (wanted.application_id, wanted.database_id) == (4246, 4223)
    judge_create(wanted, NOW)


@pytest.mark.parametrize(
    "field", ["provider", "cloud_storage_provider_id", "automatic_backup", "type", "application_id"]
)
@pytest.mark.parametrize("missing", [..., None, ""])
def test_required_fields(field: str, missing: object) -> None:
    assert list(mistakes(**{field: missing})) == [field]


@pytest.mark.parametrize(
    ("field", "condition"),
    [
        ("schedule", {"automatic_backup": True}),
        ("retention_period", {"provider": "serveravatar"}),
        ("start_backup", {"start_backup_from_now": False}),
        ("application_extension", {"type": "application"}),
        ("application_extension", {"type": "filesystem"}),
        ("database_extension", {"type": "application"}),
        ("database_extension", {"type": "database"}),
    ],
)
def test_fields_required_by_another(field: str, condition: dict[str, object]) -> None:
    assert list(mistakes(**{**condition, field: ...})) == [field]


@pytest.mark.parametrize(
    "changed",
    [
        {"automatic_backup": False, "schedule": ...},
        {"provider": "wasabi", "retention_period": ...},
        {"start_backup_from_now": True, "start_backup": ...},
        {"start_backup_from_now": ..., "start_backup": ...},
        {"type": "database", "application_extension": ...},
        {"type": "filesystem", "database_extension": ...},
        {"database_id": ...},
        {"type": "database", "database_id": ...},
        {"name": ...},
    ],
)
def test_what_the_table_does_not_require(changed: dict[str, object]) -> None:
    assert mistakes(**changed) == {}


@pytest.mark.parametrize(
    "changed",
    [
        *({"provider": name} for name in ("gdrive", "amazon_s3", "dropbox", "serveravatar", "custom_s3")),
        *({"type": name} for name in ("filesystem", "database", "application")),
        *({"automatic_backup": flag} for flag in (True, False, 1, 0, "1", "0")),
        {"application_extension": ".tar"},
        {"database_extension": ".sql"},
        {"application_id": "4246", "database_id": "4223", "cloud_storage_provider_id": "10"},
    ],
)
def test_allowed_values(changed: dict[str, object]) -> None:
    assert mistakes(**changed) == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"provider": "ftp"},
        {"provider": 5},
        {"type": "everything"},
        {"automatic_backup": "yes"},
        {"automatic_backup": 2},
        {"application_id": "first"},
        {"application_id": True},
        {"database_id": [1]},
        {"application_extension": ".zip"},
        {"database_extension": "sql"},
        {"schedule": 5},
        {"name": 5},
        {"start_backup_from_now": "soon"},
        {"start_backup": "13.07.2023", "start_backup_from_now": False},
        {"start_backup": "2023-07-13", "start_backup_from_now": False},
    ],
)
def test_values_that_are_refused(changed: dict[str, object]) -> None:
    assert list(mistakes(**changed)) == [next(iter(changed))]


def test_a_broken_table_is_a_422_that_counts_its_mistakes() -> None:
    with pytest.raises(Refusal) as refused:
        read_create({**EXAMPLE, "provider": "ftp", "type": None})
    assert refused.value.status == 422
    assert refused.value.message == "The selected provider is invalid. (and 1 more error)"


def test_every_mistake_is_named_at_once() -> None:
    assert len(mistakes(provider="ftp", type=..., application_id="x", schedule=None)) == 4


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"schedule": "Every Fortnight"}, INVALID_SCHEDULE),
        ({"schedule": "every hour"}, INVALID_SCHEDULE),
        ({"retention_period": "5 Months"}, INVALID_RETENTION_PERIOD),
        ({"start_backup_from_now": 0, "start_backup": "2023-11-14 22:13"}, START_NOT_IN_FUTURE),
    ],
)
def test_the_seeds_own_500s(changed: dict[str, object], message: str) -> None:
    with pytest.raises(Refusal) as refused:
        judge_create(read_create({**EXAMPLE, **changed}), NOW)
    assert (refused.value.status, refused.value.message) == (500, message)


def test_a_start_in_the_future_is_read_in_utc() -> None:
    wanted = read_create({**EXAMPLE, "start_backup_from_now": 0, "start_backup": "2023-11-14 22:14"})
    judge_create(wanted, NOW)
    assert wanted.start == NOW + 40


def test_a_start_does_not_matter_when_it_starts_from_now() -> None:
    assert read_create({**EXAMPLE, "start_backup": "2020-01-01 00:00"}).start is None


def test_only_an_instant_backup_has_a_name() -> None:
    assert read_create({**EXAMPLE, "name": "nightly"}).name is None
    assert read_create({**EXAMPLE, "name": "nightly", "automatic_backup": 0}).name == "nightly"
