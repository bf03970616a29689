"""The seed's table of parameters, row by row: `name` to `database_extension`."""

import json
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fleet.inventory.request import (
    REQUIRED_WHEN,
    ApplicationExtension,
    BackupRequest,
    BackupType,
    DatabaseExtension,
    Provider,
    RequestLayer,
    RetentionPeriod,
    Schedule,
    start_time,
)
from tests.create_bodies import INSTANT, PLAN
from tests.unit.fleet.builders import instant, plan

SEED_EXAMPLE = """{
"cloud_storage_provider_id": 10,
"automatic_backup": 1,
"type": "application",
"application_id": 4246,
"database_id": 4223,
"provider": "wasabi",
"schedule": "Every Hour",
"retention_period": "1 Month",
"start_backup_from_now": 1,
"start_backup": null,
"application_extension": ".tar.gz",
"database_extension": ".sql.gz"
}"""

CHOICES = {
    "provider": ["gdrive", "amazon_s3", "dropbox", "serveravatar", "wasabi", "custom_s3"],
    "type": ["filesystem", "database", "application"],
    "schedule": [
        "Every Hour",
        "Every 3 Hours",
        "Every 6 Hours",
        "Every 12 Hours",
        "Every Day",
        "Every 2 Days",
        "Every Week",
        "Every Month",
        "Twice a Month",
        "Every 3 Months",
        "Every 6 Months",
        "Every Year",
    ],
    "retention_period": ["1 Month", "2 Months", "3 Months", "6 Months", "12 Months", "24 Months"],
    "application_extension": [".tar", ".tar.gz"],
    "database_extension": [".sql", ".sql.gz"],
}
TYPES = {
    "provider": Provider,
    "type": BackupType,
    "schedule": Schedule,
    "retention_period": RetentionPeriod,
    "application_extension": ApplicationExtension,
    "database_extension": DatabaseExtension,
}
WHOLE = PLAN | {"retention_period": "1 Month"}


def places_of(values: dict[str, Any], **context: Any) -> set[str]:
    """The fields that validation finds a mistake in."""
    try:
        BackupRequest.model_validate(values, context=context or None)
    except ValidationError as error:
        return {str(detail["loc"][0]) for detail in error.errors()}
    return set()


def without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


# Choices.


@pytest.mark.parametrize(("field", "choice"), [(field, choice) for field in CHOICES for choice in CHOICES[field]])
def test_every_choice_of_the_seed_is_accepted_and_sent_as_it_stands(field: str, choice: str) -> None:
    body = BackupRequest.model_validate(WHOLE | {field: choice}).body()
    other_type = {"application_extension": "database", "database_extension": "filesystem"}.get(field)
    assert choice == body[field]
    assert other_type is None or places_of(WHOLE | {field: choice, "type": other_type}) == set()


@pytest.mark.parametrize("field", CHOICES)
def test_the_choices_are_the_seeds_and_no_others(field: str) -> None:
    assert list(get_args(TYPES[field])) == CHOICES[field]


@pytest.mark.parametrize("field", CHOICES)
@pytest.mark.parametrize("wrong", ["", " ", "other", "WASABI", "every day", "1 month", ".zip", 1, 1.5, True, [], {}])
def test_anything_but_a_choice_is_refused(field: str, wrong: object) -> None:
    assert places_of(WHOLE | {field: wrong}) >= {field}


@pytest.mark.parametrize("field", CHOICES)
def test_a_choice_with_a_space_or_in_other_letters_is_refused(field: str) -> None:
    for choice in CHOICES[field]:
        for wrong in {f" {choice}", f"{choice} ", choice.swapcase()}:
            assert field in places_of(WHOLE | {field: wrong})


# Required.


@pytest.mark.parametrize(
    "field", ["provider", "cloud_storage_provider_id", "automatic_backup", "type", "application_id"]
)
@pytest.mark.parametrize("missing", [True, False])
def test_what_the_seed_requires_is_required(field: str, missing: bool) -> None:
    values = without(INSTANT, field) if missing else INSTANT | {field: None}
    assert field in places_of(values)


@pytest.mark.parametrize(
    "field", ["name", "database_id", "schedule", "retention_period", "start_backup_from_now", "start_backup"]
)
def test_what_the_seed_does_not_require_may_be_missing(field: str) -> None:
    assert places_of(without(INSTANT, field)) == set()


@pytest.mark.parametrize(
    ("field", "because", "then_required", "else_not"),
    [
        ("schedule", "automatic_backup", [True, 1], [False, 0]),
        ("retention_period", "provider", ["serveravatar"], sorted(set(CHOICES["provider"]) - {"serveravatar"})),
        ("start_backup", "start_backup_from_now", [False, 0], [True, 1, None]),
        ("application_extension", "type", ["application", "filesystem"], ["database"]),
        ("database_extension", "type", ["application", "database"], ["filesystem"]),
    ],
)
def test_required_if_holds_both_ways(
    field: str, because: str, then_required: list[object], else_not: list[object]
) -> None:
    for value in then_required:
        assert places_of(without(WHOLE, field) | {because: value}) == {field}
        assert places_of(WHOLE | {field: None, because: value}) == {field}
    for value in else_not:
        assert places_of(without(WHOLE, field) | {because: value}) == set()


def test_the_seed_has_five_conditional_rows_and_so_has_the_model() -> None:
    assert set(REQUIRED_WHEN) == {
        "schedule",
        "retention_period",
        "start_backup",
        "application_extension",
        "database_extension",
    }


def test_a_conditional_mistake_says_what_it_depends_on() -> None:
    with pytest.raises(ValidationError, match="required because automatic_backup is true"):
        BackupRequest.model_validate(without(PLAN, "schedule"))
    with pytest.raises(ValidationError, match="required because provider is serveravatar"):
        BackupRequest.model_validate(INSTANT | {"provider": "serveravatar"})


# Types.


@pytest.mark.parametrize("field", ["cloud_storage_provider_id", "application_id", "database_id"])
@pytest.mark.parametrize(("given_id", "sent"), [(1, 1), (4246, 4246), ("4246", 4246), ("007", 7), (2**63 - 1,) * 2])
def test_ids_are_numbers_quoted_or_not_and_sent_as_numbers(field: str, given_id: object, sent: int) -> None:
    body = BackupRequest.model_validate(INSTANT | {field: given_id}).body()
    assert body[field] == sent
    assert type(body[field]) is int


@pytest.mark.parametrize("field", ["cloud_storage_provider_id", "application_id", "database_id"])
@pytest.mark.parametrize(
    "wrong", [0, "0", -1, "-1", 1.0, 4246.5, "4246.0", "1e3", True, False, "", " 1", "12a", "٣", "²", 2**63, [1], {}]
)
def test_what_is_no_id_is_refused(field: str, wrong: object) -> None:
    assert places_of(INSTANT | {field: wrong}) == {field}


@pytest.mark.parametrize("field", ["automatic_backup", "start_backup_from_now"])
@pytest.mark.parametrize(("given_flag", "sent"), [(True, True), (False, False), (1, True), (0, False)])
def test_flags_are_true_false_1_and_0_and_sent_as_booleans(
    field: str,
    given_flag: object,
    sent: bool,
) -> None:
    request = BackupRequest.model_validate(PLAN | {"start_backup": "2099-01-01 00:00", field: given_flag})
    assert getattr(request, field) is sent


@pytest.mark.parametrize("field", ["automatic_backup", "start_backup_from_now"])
@pytest.mark.parametrize("wrong", ["true", "false", "yes", "1", "0", 2, -1, 1.0, 0.0, "", []])
def test_what_is_no_flag_is_refused(field: str, wrong: object) -> None:
    assert field in places_of(PLAN | {field: wrong})


@pytest.mark.parametrize("wrong", ["", 5, True, []])
def test_a_name_is_text_and_not_empty(wrong: object) -> None:
    assert places_of(INSTANT | {"name": wrong}) == {"name"}


def test_an_unknown_field_is_refused() -> None:
    assert places_of(INSTANT | {"retention": "1 Month"}) == {"retention"}


# The start.

LATER = PLAN | {"start_backup_from_now": False}


@pytest.mark.parametrize("start", ["2023-07-13 17:49", "2099-12-31 23:59", "2096-02-29 00:00"])
def test_a_start_is_written_as_the_seed_writes_it(start: str) -> None:
    assert BackupRequest.model_validate(LATER | {"start_backup": start}).body()["start_backup"] == start


@pytest.mark.parametrize(
    "wrong",
    [
        "2099-07-13",
        "2099-07-13T17:49",
        "2099-07-13 17:49:00",
        "2099-7-13 17:49",
        "2099-07-13 7:49",
        "2099-07-13  17:49",
        " 2099-07-13 17:49",
        "2099-07-13 17:49Z",
        "2099-13-01 00:00",
        "2099-02-29 00:00",
        "2099-07-13 24:00",
        "13.07.2099 17:49",
        "99-07-13 17:49",
        "tomorrow",
        "",
        4087388940,
        True,
        datetime(2099, 7, 13, 17, 49, tzinfo=UTC),
    ],
)
def test_any_other_form_of_a_start_is_refused(wrong: object) -> None:
    assert "start_backup" in places_of(LATER | {"start_backup": wrong})


@given(st.text(max_size=20))
def test_no_text_but_the_seeds_form_is_a_start(text: str) -> None:
    if not places_of(LATER | {"start_backup": text}):
        assert start_time(text).strftime("%Y-%m-%d %H:%M") == text


NOW = datetime(2030, 7, 13, 17, 49, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "mistakes"),
    [
        ("2030-07-13 17:48", {"start_backup"}),
        ("2030-07-13 17:49", {"start_backup"}),
        ("2030-07-13 17:50", set()),
        ("1999-01-01 00:00", {"start_backup"}),
        ("2031-01-01 00:00", set()),
    ],
)
def test_a_start_must_be_in_the_future(start: str, mistakes: set[str]) -> None:
    assert places_of(LATER | {"start_backup": start}, now=NOW) == mistakes


def test_a_past_start_says_what_time_it_is() -> None:
    with pytest.raises(ValidationError, match="must be in the future \\(it is now 2030-07-13 17:49 UTC\\)"):
        BackupRequest.model_validate(LATER | {"start_backup": "2030-07-13 17:00"}, context={"now": NOW})


def test_a_past_start_does_not_matter_where_the_plan_starts_at_once() -> None:
    assert places_of(PLAN | {"start_backup": "1999-01-01 00:00"}, now=NOW) == set()


# The body.


def test_the_body_is_the_seeds_example_less_its_null() -> None:
    example = json.loads(SEED_EXAMPLE)
    body = BackupRequest.model_validate(example).body()
    assert body == {name: value for name, value in example.items() if value is not None}
    assert json.loads(json.dumps(body)) == body
    assert body["automatic_backup"] is True
    assert "start_backup" not in body


def test_nothing_is_sent_that_was_not_asked_for() -> None:
    asked = {
        "provider": "gdrive",
        "cloud_storage_provider_id": 11,
        "automatic_backup": False,
        "type": "filesystem",
        "application_id": 4247,
        "application_extension": ".tar",
    }
    assert BackupRequest.model_validate(asked).body() == asked


def test_only_an_instant_backup_has_a_name() -> None:
    assert instant(name="nightly").body()["name"] == "nightly"
    assert instant(name="nightly").body("nightly fb-1")["name"] == "nightly fb-1"
    assert instant().body("fb-1")["name"] == "fb-1"
    assert "name" not in instant().body()
    assert "name" not in plan(name="nightly").body()
    assert "name" not in plan().body("fb-1")


@pytest.mark.parametrize(
    ("request_", "left_out"),
    [
        (
            instant(schedule="Every Day", start_backup_from_now=False, start_backup="2099-01-01 00:00"),
            {"schedule", "start_backup_from_now", "start_backup"},
        ),
        (plan(start_backup="2099-01-01 00:00"), {"start_backup"}),
        (instant(type="database"), {"application_extension"}),
        (instant(type="filesystem"), {"database_extension"}),
    ],
)
def test_what_was_inherited_but_does_not_apply_is_not_sent(request_: BackupRequest, left_out: set[str]) -> None:
    assert left_out.isdisjoint(request_.body())
    whole = request_.model_dump(exclude_none=True)
    assert request_.body() == without(whole, *left_out)


def test_a_retention_period_is_sent_to_any_provider_as_in_the_seeds_example() -> None:
    assert instant(retention_period="3 Months").body()["retention_period"] == "3 Months"


@pytest.mark.parametrize(
    ("request_", "application", "database"),
    [
        (instant(), True, True),
        (instant(database_id=None), True, False),
        (instant(type="filesystem"), True, False),
        (instant(type="database"), False, True),
    ],
)
def test_what_is_to_be_in_the_backup(
    request_: BackupRequest,
    application: bool,
    database: bool,
) -> None:
    assert (request_.wants_application, request_.wants_database) == (application, database)


def test_a_layer_may_be_anything_but_wrong() -> None:
    assert RequestLayer.model_validate({}).model_dump(exclude_none=True) == {}
    assert RequestLayer.model_validate({"type": None}).type is None
    with pytest.raises(ValidationError):
        RequestLayer.model_validate({"type": "everything"})
