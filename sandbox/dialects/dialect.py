"""The points of a dialect: how the sandbox speaks where the API's documentation leaves it open."""

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
    """How an API speaks; the defaults are what the vendor's examples show.

    Attributes:
        full_application_rows: `O/applications` has the same fields as `S/applications` (else cut short).
        null_server_ids: `server_id` is null in the list of backups.
        plain_lists: a plain list where a page is documented.
        monitor_logs: servers have a `latest_monitor_log` (else null for all of them).
        unknown_fields: rows carry fields that nobody documented.
        full_stops: "... not found." instead of "... not found!".
        names: how the name of an instant backup comes back: in `backup_configuration`, whole (`configuration`),
            `cut`, `dated` (a time behind it), `slugged`, `upper`, `prefixed` or `underscored`; `null`; `absent`
            (no `backup_configuration` at all); as the row's own `name` (`top`) or `name_field` (`title`).
        name_length: letters that `cut` leaves.
        name_prefix: what `prefixed` puts before it.
        name_field: the field of `title`.
        order: of the list of backups; a standing fault outranks it.
        page_size: rows of one page of the list of backups.
        totals: pages tell `total` and `last_page`; with `no` only `next_page_url`; `simple` is Laravel's
            `simplePaginate`.
        shows_after: seconds until a backup shows in the list.
        shows_expired: backups past their `expires_at` stay in the list.
        shows_deleted: deleted backups stay in the list, with `deleted_at`.
        expires_after: days from a backup to its `expires_at`; None: by its retention period.
        pending_status: word for a backup that waits.
        in_progress_status: word for one that is being made.
        completed_status: word for one that is complete.
        failed_status: word for one that failed.
        flags: flags as documented for each field, or all in one form; `null` and `absent` are about backups only.
        sizes: of backups: MB as a number, as text, with a unit, with a comma; `bytes` with a unit; `zero`: of the
            archives only, beside real `total_*` sizes; `null`; `absent`.
        ids: ids as numbers or as text.
        stamps: `naive` in `zone`; `iso` with its offset; `z` in UTC; `epoch` seconds; `absent`: no row tells when
            it was created or updated.
        zone: IANA name, or minutes ahead of UTC.
        start_zone: zone in which `start_backup` is read, likewise.
        clock_error: seconds that the API's clock is ahead, in the `Date` header and in stamps.
        limit_headers: answers tell of the rate limit.
        automatic_backup_flips: a database tells that a plan is about it.
        duplicate_plans: a plan like one that is there is accepted, refused, or accepted and not made (`silent`).
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
    """The dialect that a running sandbox speaks now; an API may change from one day to the next."""

    dialect: Dialect
