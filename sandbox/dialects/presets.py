"""Dialects with a name: each differs from the documentation in one or two points."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.dialects.dialect import Dialect

DOCUMENTED = "documented"


@dataclass(frozen=True)
class Preset:
    """A named dialect.

    Attributes:
        line: what differs, for people.
        points: the points that it sets.
    """

    line: str
    points: Mapping[str, Any] = field(default_factory=dict)


PRESETS: dict[str, Preset] = {
    DOCUMENTED: Preset("every point as the vendor's examples show it", asdict(Dialect())),
    "nameless": Preset("backup_configuration.name is null for every backup", {"names": "null"}),
    "no-configuration": Preset("rows have no backup_configuration at all", {"names": "absent"}),
    "cut-names": Preset("names come back cut to 12 letters", {"names": "cut", "name_length": 12}),
    "dated-names": Preset("names come back with a date behind them", {"names": "dated"}),
    "slugged-names": Preset("names come back as slugs: lower case, hyphens", {"names": "slugged"}),
    "prefixed-names": Preset("names come back as `Instant backup: NAME`", {"names": "prefixed"}),
    "top-names": Preset("the name is a field of the row itself", {"names": "top"}),
    "other-words": Preset(
        "backups are queued, running, success or error",
        {
            "pending_status": "queued",
            "in_progress_status": "running",
            "completed_status": "success",
            "failed_status": "error",
        },
    ),
    "other-answers": Preset(
        "an accepted create is answered with other messages",
        {"plan_accepted": "The backup plan was created.", "instant_accepted": "Your backup has been started."},
    ),
    "yes-no": Preset("flags are yes and no", {"flags": "yes-no"}),
    "no-flags": Preset("backups do not tell whether they are in storage", {"flags": "absent"}),
    "sizes-with-units": Preset("sizes are text with a unit: 12.5 MB", {"sizes": "unit"}),
    "no-sizes": Preset("sizes of backups are null", {"sizes": "null"}),
    "empty-sizes": Preset("sizes in the archive are 0 beside real total sizes", {"sizes": "zero"}),
    "text-ids": Preset("ids are text", {"ids": "string"}),
    "oldest-first": Preset("the list of backups begins with the oldest", {"order": "oldest"}),
    "no-totals": Preset("pages tell the next page, but no total", {"totals": "no"}),
    "local-time": Preset("stamps are naive and in the time of Kolkata", {"zone": "Asia/Kolkata"}),
    "iso-stamps": Preset("stamps are ISO 8601 with an offset", {"stamps": "iso", "zone": "Asia/Kolkata"}),
    "wrong-clock": Preset("the API's clock is ten minutes ahead", {"clock_error": 600.0}),
    "late-list": Preset("a backup shows in the list 8 s after it began", {"shows_after": 8.0}),
    "no-limit-headers": Preset("no answer tells of the rate limit", {"limit_headers": False}),
    "one-plan": Preset("a second plan of the same kind is refused", {"duplicate_plans": "refused"}),
    "no-first-backup": Preset("a plan that starts now never makes its first backup", {"first_backup_after": None}),
}
