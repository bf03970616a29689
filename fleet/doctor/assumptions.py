"""What the product assumes of the API: one table, each row with what is documented, how it is seen, and what follows.

Sources: the vendor's public API documentation ("vendor"), the seed document ("seed"), the framework that the API is
made with ("framework"). Nothing here decides whether a backup counts: each row may be otherwise, and the product is
right either way (docs/decisions/0019-the-dialect.md).
"""

from collections.abc import Callable
from typing import Final

from fleet.dialect.dialect import Dialect
from fleet.doctor import lists, points, rows
from fleet.doctor.assumption import Assumption, Seen

_PROVE: Final = "`--prove APPLICATION` settles it with one real backup"


def _point(
    name: str, documented: str, source: str, point: Callable[[Dialect], Seen], follows: str, is_open: str = ""
) -> Assumption:
    """An assumption that is read off the dialect, now and as earlier runs have left it."""
    return Assumption(name, documented, source, lambda answers: point(answers.now), follows, is_open, point)


ASSUMPTIONS: Final[tuple[Assumption, ...]] = (
    Assumption(
        "reading",
        "every reading call answers 200 with what it is about",
        "vendor: reading calls",
        lists.readable,
        "what could not be read is not checked; what hangs on it is unknown below",
    ),
    Assumption(
        "token",
        "the Authorization header holds the bare token; `Bearer` is said to work, too",
        "vendor: authentication",
        lists.scheme,
        "set SERVERAVATAR_AUTH_SCHEME to the other one: runs are refused until then",
    ),
    Assumption(
        "limit",
        "60 to 210 requests a minute by the account's plan; answers tell it in X-RateLimit headers",
        "vendor: limits; framework: headers",
        lists.limit,
        "set SERVERAVATAR_REQUESTS_PER_MINUTE to what the API tells; runs keep to its headers meanwhile",
        "runs keep to what is set",
    ),
    _point(
        "clock",
        "nothing; assumed: the API's clock is right to two minutes",
        "not documented",
        points.clock,
        "check this machine's clock first; times of backups are compared with the difference taken out",
    ),
    Assumption(
        "names",
        "nothing; the only example has `backup_configuration.name: null`; assumed: the name of an instant backup there",
        "vendor: list of backups",
        rows.names,
        "by at least 8 digits of its key a backup is recognised all the same; where none is shown, by what it is of, "
        "and runs say so (`evidence: placed`)",
        _PROVE,
        points.names,
    ),
    _point(
        "order of backups",
        "nothing; assumed: newest first",
        "not documented",
        points.order,
        "runs and audits read more pages, from the other end or all of them",
    ),
    Assumption(
        "page sizes",
        "10 backups, applications and databases, 12 servers, 8 storage providers a page",
        "vendor: reading calls",
        lists.page_sizes,
        "the sizes that pages tell are used; a run may need more requests, or fewer",
    ),
    _point(
        "totals",
        "each page tells how many rows the whole list has",
        "vendor: reading calls",
        points.totals,
        "nobody can tell whether a list was read whole while it changed: more of it is read, and audits say so",
    ),
    Assumption(
        "ids",
        "every row has an id; assumed: newer rows have higher ones",
        "vendor: list of backups",
        rows.ids,
        "a backup without a name may be taken for an older one: nothing is resent that rests on ids",
    ),
    _point(
        "form of ids",
        "numbers",
        "vendor: list of backups",
        points.form_of_ids,
        "they are read as numbers all the same",
    ),
    Assumption(
        "words of status",
        "`Completed`; no other word; assumed: any other speaks of waiting or of failing",
        "vendor: list of backups",
        rows.words,
        "a word that nobody knows counts as complete when sizes and storage show it, equal on two looks "
        "(`evidence: inferred`)",
        _PROVE,
        points.words,
    ),
    Assumption(
        "sizes",
        "backups show the size of their archive",
        "vendor: list of backups",
        rows.sizes,
        "the rest of the proof decides, and reports say that sizes are not shown",
        _PROVE,
        points.sizes,
    ),
    Assumption(
        "empty archives",
        "one example shows an archive of 0 MB beside 505.28 MB before packing; assumed: an archive has a size",
        "vendor: archived backups",
        rows.zeros,
        "open one of them in the panel; a size of 0 alone is never a reason to back up again",
        recall=points.zeros,
    ),
    _point(
        "form of sizes",
        "numbers, in MB",
        "vendor: list of backups",
        points.form_of_sizes,
        "a size with its unit is read in MB",
    ),
    _point(
        "storage flags",
        "backups show whether they are in the storage",
        "vendor: list of backups",
        points.flags,
        "the rest of the proof decides, and reports say that it is not shown",
        _PROVE,
    ),
    _point(
        "form of flags",
        "1 and 0",
        "vendor: list of backups",
        points.form_of_flags,
        "true, yes and on are read as 1, and their opposites as 0",
    ),
    _point(
        "form of times",
        "`2025-02-11 11:12:22`, without a zone",
        "vendor: list of backups",
        points.form_of_stamps,
        "ISO 8601 and epoch seconds are read, too; other words are no time, and ids alone say what is newer",
    ),
    Assumption(
        "zone of times",
        "nothing; assumed: UTC",
        "not documented",
        rows.zone,
        "times are moved by the difference once it is known; until then ids alone say what is newer",
        f"ids alone say what is newer; {_PROVE}",
        points.zone,
    ),
    _point(
        "delay of the list",
        "nothing; assumed: a new backup shows within 5 s",
        "not documented",
        points.delay,
        "what is in doubt is looked for until the list must show it",
        _PROVE,
    ),
    Assumption(
        "backups that are gone",
        "nothing; one example has passed its `expires_at`",
        "vendor: list of backups",
        rows.gone,
        "",
        "expired and deleted backups count as gone, wherever they show",
    ),
    Assumption(
        "other organizations",
        "the list holds the organization's own backups",
        "vendor: list of backups",
        rows.organizations,
        "rows of another organization are passed over",
    ),
    Assumption(
        "servers",
        "each server tells whether it is connected (`agent_status`)",
        "vendor: list of servers",
        lists.servers,
        "a server that does not tell is taken for connected, and the API refuses what it cannot do",
    ),
    Assumption(
        "disks",
        "a server's `latest_monitor_log` tells how full its disk is; it may be missing",
        "vendor: list of servers",
        lists.disks,
        "",
        "the disk of each server is asked for: one request more for each",
    ),
    Assumption(
        "servers of applications",
        "the organization's list may name the server of each application, or of none: its example is cut short",
        "vendor: list of applications",
        lists.applications,
        "applications are read server by server: one request or more for each",
    ),
    Assumption(
        "servers of databases",
        "the organization's list names the server of each database",
        "vendor: list of databases",
        lists.databases,
        "databases are read server by server: one request or more for each",
    ),
    Assumption(
        "storage providers",
        "each is one of the six kinds that a request names",
        "seed: provider",
        lists.providers,
        "a provider of another kind cannot be named in a fleet file",
    ),
    Assumption(
        "presets",
        "twelve schedules and six retention periods",
        "seed: schedule, retention_period; vendor: presets",
        lists.presets,
        "a schedule that the API does not offer is refused; one that only the API knows cannot be named",
    ),
    _point(
        "first backups of plans",
        "nothing; assumed: a plan that starts now makes its first backup at once",
        "not documented",
        points.first_backups,
        "a plan in doubt is not created again before a day has passed without its first backup",
        "runs find out with the first plan that they create",
    ),
)
"""In the order in which people read them."""
