"""The form of Prefect's UI: what it shows, and that it is the seed's request."""

from typing import Any

import pytest
from pydantic import ValidationError

from fleet.fleet_file.prefect_form import BackupForm
from fleet.inventory.request import BackupRequest

REQUIRED = {"provider": "wasabi", "cloud_storage_provider_id": 10, "application_id": 4246}


def properties() -> dict[str, Any]:
    fields: dict[str, Any] = BackupForm.model_json_schema()["properties"]
    return fields


def test_it_has_the_fields_of_the_request_in_the_seeds_order() -> None:
    assert list(BackupForm.model_fields) == list(BackupRequest.model_fields)
    positions = {name: field["position"] for name, field in properties().items()}
    assert positions == {name: place for place, name in enumerate(BackupRequest.model_fields)}


def test_only_what_nobody_can_guess_is_required() -> None:
    assert BackupForm.model_json_schema()["required"] == ["provider", "cloud_storage_provider_id", "application_id"]


def test_nothing_is_shown_as_a_choice_of_types_or_begins_as_null() -> None:
    for name, field in properties().items():
        assert "anyOf" not in field, name
        assert field.get("default", ...) is not None, name
        assert field["type"] in {"string", "integer", "boolean"}, name
        assert field["description"], name


@pytest.mark.parametrize("name", ["provider", "type", "schedule", "retention_period", "database_extension"])
def test_what_has_choices_is_a_drop_down(name: str) -> None:
    assert len(properties()[name]["enum"]) > 1


def test_titles_are_for_people() -> None:
    titles = [field["title"] for field in properties().values()]
    assert titles[:3] == ["Name", "Provider", "Cloud storage provider ID"]
    assert all("_" not in title for title in titles)


def test_what_is_left_as_it_was_is_a_valid_instant_backup() -> None:
    values = BackupForm.model_validate(REQUIRED).model_dump()
    assert BackupRequest.model_validate(values).body() == {
        "provider": "wasabi",
        "cloud_storage_provider_id": 10,
        "automatic_backup": False,
        "type": "application",
        "application_id": 4246,
        "application_extension": ".tar.gz",
        "database_extension": ".sql.gz",
    }


def test_a_value_that_is_no_choice_is_refused() -> None:
    with pytest.raises(ValidationError):
        BackupForm.model_validate(REQUIRED | {"provider": "ftp"})
