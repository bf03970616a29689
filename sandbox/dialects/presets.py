"""Named dialects: each differs from the documentation in one or two points."""

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
    DOCUMENTED: Preset("everything as in the vendor's examples", asdict(Dialect())),
    "nameless": Preset("backup_configuration.name is always null", {"names": "null"}),
    "no-configuration": Preset("rows have no backup_configuration", {"names": "absent"}),
    "cut-names": Preset("names are cut to 12 letters", {"names": "cut", "name_length": 12}),
    "dated-names": Preset("a date is appended to names", {"names": "dated"}),
    "slugged-names": Preset("names are slugs: lower case, hyphens", {"names": "slugged"}),
    "prefixed-names": Preset("names are shown as `Instant backup: NAME`", {"names": "prefixed"}),
    "top-names": Preset("the name is a field of the row itself", {"names": "top"}),
    "other-words": Preset(
        "statuses are queued, running, success and error",
        {
            "pending_status": "queued",
            "in_progress_status": "running",
            "completed_status": "success",
            "failed_status": "error",
        },
    ),
    "other-answers": Preset(
        "accepted creates are answered with other messages",
        {"plan_accepted": "The backup plan was created.", "instant_accepted": "Your backup has been started."},
    ),
    "yes-no": Preset("flags are yes and no", {"flags": "yes-no"}),
    "no-flags": Preset("backup rows have no flags for storage", {"flags": "absent"}),
    "sizes-with-units": Preset("sizes are text with a unit: 12.5 MB", {"sizes": "unit"}),
    "no-sizes": Preset("backup sizes are null", {"sizes": "null"}),
    "empty-sizes": Preset("archive sizes are 0 beside real total sizes", {"sizes": "zero"}),
    "text-ids": Preset("ids are strings", {"ids": "string"}),
    "oldest-first": Preset("the backup list starts with the oldest", {"order": "oldest"}),
    "no-totals": Preset("pages show the next page but no total", {"totals": "no"}),
    "local-time": Preset("timestamps are naive, in Kolkata time", {"zone": "Asia/Kolkata"}),
    "iso-stamps": Preset("timestamps are ISO 8601 with an offset", {"stamps": "iso", "zone": "Asia/Kolkata"}),
    "wrong-clock": Preset("the API's clock is 10 minutes ahead", {"clock_error": 600.0}),
    "late-list": Preset("a backup appears in the list 8 s after it started", {"shows_after": 8.0}),
    "no-limit-headers": Preset("answers have no rate-limit headers", {"limit_headers": False}),
    "one-plan": Preset("a second identical plan is refused", {"duplicate_plans": "refused"}),
    "no-first-backup": Preset("a plan that starts now never makes a first backup", {"first_backup_after": None}),
}
