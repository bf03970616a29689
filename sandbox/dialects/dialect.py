"""The points of a dialect: how the sandbox behaves where the API's documentation leaves it open."""

from dataclasses import dataclass
from typing import Annotated, Literal

from sandbox.dialects.kinds import COUNT, DAYS_OR_RETENTION, SECONDS, SECONDS_OR_NEVER, SHIFT, ZONE, kinds_of

Names = Literal[
    "configuration",
    "null",
    "absent",
    "cut",
    "dated",
    "slugged",
    "upper",
    "prefixed",
    "underscored",
    "top",
    "title",
]
Order = Literal["newest", "oldest", "shuffled"]
Totals = Literal["yes", "no", "simple"]
FlagStyle = Literal["documented", "number", "string", "boolean", "yes-no", "on-off", "y-n", "null", "absent"]
SizeStyle = Literal["number", "string", "unit", "bytes", "comma", "zero", "null", "absent"]
IdStyle = Literal["number", "string"]
StampStyle = Literal["naive", "iso", "z", "epoch", "absent"]
DuplicatePlans = Literal["accepted", "refused", "silent"]


@dataclass(frozen=True)
class Dialect:
    """How an API behaves; the defaults are those of the vendor's examples.

    Attributes:
        full_application_rows: `O/applications` has the same fields as `S/applications` (else fewer).
        null_server_ids: `server_id` is null in the backup list.
        plain_lists: a plain list where a page is documented.
        monitor_logs: servers have a `latest_monitor_log` (else null for all of them).
        unknown_fields: rows have undocumented fields.
        full_stops: "... not found." instead of "... not found!".
        names: how the list shows the name of an instant backup: in `backup_configuration`, in full
            (`configuration`), `cut`, `dated` (with a time appended), `slugged`, `upper`, `prefixed` or
            `underscored`; `null`; `absent` (no `backup_configuration`); as the row's own `name` (`top`) or
            `name_field` (`title`).
        name_length: letters that `cut` keeps.
        name_prefix: prefix of `prefixed`.
        name_field: field of `title`.
        order: of the backup list; a standing fault overrides it.
        page_size: rows per page of the backup list.
        totals: pages have `total` and `last_page`; with `no` only `next_page_url`; `simple` is Laravel's
            `simplePaginate`.
        shows_after: seconds until a backup appears in the list.
        shows_expired: backups past their `expires_at` stay in the list.
        shows_deleted: deleted backups stay in the list, with `deleted_at`.
        expires_after: days from a backup to its `expires_at`; None: by its retention period.
        pending_status: status of a backup that waits.
        in_progress_status: status of a running one.
        completed_status: status of a complete one.
        failed_status: status of a failed one.
        flags: as documented for each field, or all in one form; `null` and `absent` apply to backups only.
        sizes: of backups: MB as a number, as text, with a unit, with a comma; `bytes` with a unit; `zero` for the
            archives only, beside real `total_*` sizes; `null`; `absent`.
        ids: as numbers or as text.
        stamps: `naive` in `zone`; `iso` with its offset; `z` in UTC; `epoch` seconds; `absent`: rows do not show
            when they were created or updated.
        zone: IANA name, or minutes ahead of UTC.
        start_zone: zone of `start_backup`, likewise.
        clock_error: seconds that the API's clock is ahead, in the `Date` header and in stamps.
        limit_headers: answers have rate-limit headers.
        automatic_backup_flips: a database shows that a plan covers it.
        duplicate_plans: an identical plan is accepted, refused, or accepted but not created (`silent`).
        first_backup_after: seconds until a plan that starts now makes its first backup; None: never.
        plan_accepted: message of an accepted plan; the seed's.
        instant_accepted: message of an accepted instant backup; the seed's.
    """

    full_application_rows: bool = False
    null_server_ids: bool = False
    plain_lists: bool = False
    monitor_logs: bool = True
    unknown_fields: bool = False
    full_stops: bool = False
    names: Names = "configuration"
    name_length: Annotated[int, COUNT] = 12
    name_prefix: str = "Instant backup: "
    name_field: str = "backup_name"
    order: Order = "newest"
    page_size: Annotated[int, COUNT] = 10
    totals: Totals = "yes"
    shows_after: Annotated[float, SECONDS] = 0.0
    shows_expired: bool = True
    shows_deleted: bool = False
    expires_after: Annotated[float | None, DAYS_OR_RETENTION] = None
    pending_status: str = "Pending"
    in_progress_status: str = "In Progress"
    completed_status: str = "Completed"
    failed_status: str = "Failed"
    flags: FlagStyle = "documented"
    sizes: SizeStyle = "number"
    ids: IdStyle = "number"
    stamps: StampStyle = "naive"
    zone: Annotated[str | int, ZONE] = "UTC"
    start_zone: Annotated[str | int, ZONE] = "UTC"
    clock_error: Annotated[float, SHIFT] = 0.0
    limit_headers: bool = True
    automatic_backup_flips: bool = True
    duplicate_plans: DuplicatePlans = "accepted"
    first_backup_after: Annotated[float | None, SECONDS_OR_NEVER] = 0.0
    plan_accepted: str = "Backup plan created successfully."
    instant_accepted: str = "Backup Process has been started successfully!"

    def __post_init__(self) -> None:
        for name, kind in kinds_of(Dialect).items():
            value = getattr(self, name)
            if not kind.takes(value):
                raise ValueError(f"{name} must be {kind.allowed}, not {value!r}")


@dataclass
class Speaking:
    """The current dialect of a running sandbox; it can change at any time."""

    dialect: Dialect
