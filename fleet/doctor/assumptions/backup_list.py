"""What is assumed of the backup list: its pages, what its rows show, its times, and the first backups of plans."""

from typing import Final

from fleet.doctor.assumptions.assumption import PROVE, Assumption, in_dialect
from fleet.doctor.checks import dialect_checks, list_checks, row_checks

_LIST: Final = "vendor: list of backups"
_NOWHERE: Final = "not documented"

PAGES: Final = (
    Assumption(
        name="names",
        documented="nothing (the only example has `backup_configuration.name: null`); "
        "assumed: it is the name of an instant backup",
        source=_LIST,
        look=row_checks.names,
        recall=dialect_checks.names,
        follows="backups are still recognised if at least 8 digits of their key show; if not, by what they hold and "
        "when they were made, and reports say so (`evidence: placed`)",
        open=PROVE,
    ),
    Assumption(
        name="order of backups",
        documented="nothing; assumed: newest first",
        source=_NOWHERE,
        look=in_dialect(dialect_checks.order),
        recall=dialect_checks.order,
        follows="runs and audits read more pages: from the other end, or all of them",
    ),
    Assumption(
        name="page sizes",
        documented="10 backups, applications and databases, 12 servers, 8 storage providers a page",
        source="vendor: reading calls",
        look=list_checks.page_sizes,
        follows="the sizes that pages show are used; a run may need more requests, or fewer",
    ),
    Assumption(
        name="totals",
        documented="each page shows how many rows the whole list has",
        source="vendor: reading calls",
        look=in_dialect(dialect_checks.totals),
        recall=dialect_checks.totals,
        follows="a list that changes while it is read cannot be proven whole: more of it is read, and audits say so",
    ),
)

ROWS: Final = (
    Assumption(
        name="ids",
        documented="every row has an id; assumed: newer rows have higher ids",
        source=_LIST,
        look=row_checks.ids,
        follows="a backup without a name may be mistaken for an older one; nothing is resent on the strength of ids",
    ),
    Assumption(
        name="form of ids",
        documented="numbers",
        source=_LIST,
        look=in_dialect(dialect_checks.form_of_ids),
        recall=dialect_checks.form_of_ids,
        follows="they are read as numbers anyway",
    ),
    Assumption(
        name="words of status",
        documented="`Completed`, and no other word; assumed: any other means waiting or failed",
        source=_LIST,
        look=row_checks.words,
        recall=dialect_checks.words,
        follows="a backup with an unknown word counts as complete if sizes and storage flags show it, the same on two "
        "looks (`evidence: inferred`)",
        open=PROVE,
    ),
    Assumption(
        name="sizes",
        documented="each backup shows the size of its archive",
        source=_LIST,
        look=row_checks.sizes,
        recall=dialect_checks.sizes,
        follows="the other fields decide, and reports say that sizes are not shown",
        open=PROVE,
    ),
    Assumption(
        name="empty archives",
        documented="one example has an archive of 0 MB, and 505.28 MB before packing; assumed: an archive has a size",
        source="vendor: archived backups",
        look=row_checks.zeros,
        recall=dialect_checks.zeros,
        follows="open one of them in the panel; a size of 0 alone is never a reason to back up again",
    ),
    Assumption(
        name="form of sizes",
        documented="numbers, in MB",
        source=_LIST,
        look=in_dialect(dialect_checks.form_of_sizes),
        recall=dialect_checks.form_of_sizes,
        follows="a size with a unit is converted to MB",
    ),
    Assumption(
        name="storage flags",
        documented="each backup shows whether it is in the storage",
        source=_LIST,
        look=in_dialect(dialect_checks.flags),
        recall=dialect_checks.flags,
        follows="the other fields decide, and reports say that storage flags are not shown",
        open=PROVE,
    ),
    Assumption(
        name="form of flags",
        documented="1 and 0",
        source=_LIST,
        look=in_dialect(dialect_checks.form_of_flags),
        recall=dialect_checks.form_of_flags,
        follows="true, yes and on are read as 1, and their opposites as 0",
    ),
)

TIMES: Final = (
    Assumption(
        name="form of times",
        documented="`2025-02-11 11:12:22`, without a time zone",
        source=_LIST,
        look=in_dialect(dialect_checks.form_of_timestamps),
        recall=dialect_checks.form_of_timestamps,
        follows="ISO 8601 and epoch seconds are read, too; any other text is no time, and ids alone show what is newer",
    ),
    Assumption(
        name="zone of times",
        documented="nothing; assumed: UTC",
        source=_NOWHERE,
        look=row_checks.zone,
        recall=dialect_checks.zone,
        follows="times are corrected once the difference is known; until then ids alone show what is newer",
        open=f"ids alone show what is newer; {PROVE}",
    ),
    Assumption(
        name="delay of the list",
        documented="nothing; assumed: a new backup shows within 5 s",
        source=_NOWHERE,
        look=in_dialect(dialect_checks.delay),
        recall=dialect_checks.delay,
        follows="what is in doubt is looked for until the list must show it",
        open=PROVE,
    ),
    Assumption(
        name="backups that are gone",
        documented="nothing; one example has passed its `expires_at`",
        source=_LIST,
        look=row_checks.gone,
        follows="",
        open="expired and deleted backups count as gone, wherever they show",
    ),
    Assumption(
        name="other organizations",
        documented="the list holds only the organization's own backups",
        source=_LIST,
        look=row_checks.organizations,
        follows="rows of other organizations are ignored",
    ),
)

PLANS: Final = (
    Assumption(
        name="first backups of plans",
        documented="nothing; assumed: a plan that starts now makes its first backup at once",
        source=_NOWHERE,
        look=in_dialect(dialect_checks.first_backups),
        recall=dialect_checks.first_backups,
        follows="a plan in doubt is not created again before a day has passed without its first backup",
        open="runs find out with the first plan that they create",
    ),
)
