"""The report as design.md promises it: every field by name, and the sums that must agree."""

from collections import Counter
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # no stubs are locked

OUTCOMES = [
    *("created", "verified", "adopted", "planned", "unmet"),
    *("rejected", "exhausted", "in_doubt", "unverified", "not_tried", "expired"),
]


def _object(**fields: object) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields)}


_TARGET = _object(
    organization={"type": "integer"},
    server_id={"type": "integer"},
    server={"type": ["string", "null"]},
    application_id={"type": "integer"},
    database_id={"type": ["integer", "null"]},
    type={"enum": ["filesystem", "database", "application"]},
    automatic_backup={"type": "boolean"},
    outcome={"enum": OUTCOMES},
    reason={"type": ["string", "null"]},
    backup_id={"type": ["integer", "null"]},
    attempts={"type": "integer", "minimum": 0},
    seconds={"type": ["number", "null"], "minimum": 0},
)
_COUNTS = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}
REPORT = Draft202012Validator(
    _object(
        schema={"const": 1},
        run_key={"type": "string", "minLength": 1},
        started_at={"type": "string"},
        ended_at={"type": "string"},
        requests=_object(total={"type": "integer", "minimum": 0}, by_call=_COUNTS),
        totals={**_COUNTS, "propertyNames": {"enum": OUTCOMES}},
        verdict={"type": "string", "minLength": 1},
        targets={"type": "array", "items": _TARGET},
    )
)


def assert_keeps_the_contract(report: dict[str, Any]) -> None:
    """Each field is there and of its kind, the sums agree, the times carry their zone and their order."""
    REPORT.validate(report)
    counted = Counter(target["outcome"] for target in report["targets"])
    assert {outcome: count for outcome, count in report["totals"].items() if count} == dict(counted)
    never_sent = [target for target in report["targets"] if not target["attempts"]]
    assert [target["seconds"] for target in never_sent if target["seconds"]] == [], "nothing was sent: it took no time"
    assert sum(report["requests"]["by_call"].values()) == report["requests"]["total"]
    started, ended = (datetime.fromisoformat(report[field]) for field in ("started_at", "ended_at"))
    assert started.utcoffset() is not None
    assert started <= ended
