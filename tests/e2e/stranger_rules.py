"""What the seed document asks of a create's body, said once more and apart from the product.

The stranger is stricter than the vendor where the product promises more: ids are JSON numbers, flags are JSON
booleans (or the example's 1 and 0), and `name` is for instant backups only.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

Body = Mapping[str, object]
CHOICES = {
    "provider": ("gdrive", "amazon_s3", "dropbox", "serveravatar", "wasabi", "custom_s3"),
    "type": ("filesystem", "database", "application"),
    "application_extension": (".tar", ".tar.gz"),
    "database_extension": (".sql", ".sql.gz"),
}
SCHEDULES = [
    *("Every Hour", "Every 3 Hours", "Every 6 Hours", "Every 12 Hours", "Every Day", "Every 2 Days"),
    *("Every Week", "Every Month", "Twice a Month", "Every 3 Months", "Every 6 Months", "Every Year"),
]
RETENTION_PERIODS = ["1 Month", "2 Months", "3 Months", "6 Months", "12 Months", "24 Months"]


def is_number(value: object) -> bool:
    """A JSON number without a fraction: `true` and `"10"` are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_flag(value: object) -> bool:
    """A JSON boolean, or the 1 and 0 of the seed's own example."""
    return isinstance(value, bool) or (is_number(value) and value in (0, 1))


def is_start(value: object) -> bool:
    """The seed's `Y-m-d H:i`."""
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", value) is not None


FORMS: dict[str, Callable[[object], bool]] = {
    "name": lambda value: isinstance(value, str),
    "provider": CHOICES["provider"].__contains__,
    "cloud_storage_provider_id": is_number,
    "automatic_backup": is_flag,
    "type": CHOICES["type"].__contains__,
    "application_id": is_number,
    "database_id": is_number,
    "schedule": lambda value: isinstance(value, str),
    "retention_period": lambda value: isinstance(value, str),
    "start_backup_from_now": is_flag,
    "start_backup": is_start,
    "application_extension": CHOICES["application_extension"].__contains__,
    "database_extension": CHOICES["database_extension"].__contains__,
}


def wrong_fields(body: Body) -> dict[str, list[str]]:
    """Each field that breaks the seed's table, as the `errors` of a 422; empty when the body is right."""
    given = {field: value for field, value in body.items() if value is not None}
    required = ["provider", "cloud_storage_provider_id", "automatic_backup", "type", "application_id"]
    required += [field for field, asked in _conditions(body).items() if asked]
    wrong = {field: [f"The {field} field is required."] for field in required if field not in given}
    wrong |= {
        field: [f"The {field} is invalid."]
        for field, is_right in FORMS.items()
        if field in given and not is_right(given[field])
    }
    if "name" in given and body.get("automatic_backup"):
        wrong["name"] = ["The name is only for an instant backup."]
    return wrong


def _conditions(body: Body) -> dict[str, bool]:
    return {
        "schedule": bool(body.get("automatic_backup")),
        "retention_period": body.get("provider") == "serveravatar",
        "start_backup": body.get("start_backup_from_now") in (False, 0) and bool(body.get("automatic_backup")),
        "application_extension": body.get("type") in ("application", "filesystem"),
        "database_extension": body.get("type") in ("application", "database"),
    }


def refused_value(body: Body, now: datetime) -> str | None:
    """The message of the seed's 500s about a value, or None; `now` is the API's own clock.

    A start is compared with the earliest wall clock on earth, since its time zone is not documented.
    """
    if body.get("schedule") is not None and body["schedule"] not in SCHEDULES:
        return "Invalid schedule!"
    if body.get("retention_period") is not None and body["retention_period"] not in RETENTION_PERIODS:
        return "Invalid retention period!"
    start = body.get("start_backup")
    if start is not None:
        begins = datetime.strptime(str(start), "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        if begins < now - timedelta(hours=12):
            return "Start from choose future date!"
    return None
