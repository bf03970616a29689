"""What the lists other than the backup list, and the responses themselves, show of an assumption. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, get_args

from fleet.doctor.answers import Answers, Listed, Unread
from fleet.doctor.checks.seen import Seen, as_assumed, differs, unknown
from fleet.inventory.request import Provider, RetentionPeriod, Schedule
from fleet.serveravatar.models import FLAGS
from fleet.serveravatar.wire import Call, Page

PAGE_SIZES: Final[Mapping[Call, int]] = {
    Call.LIST_BACKUPS: 10,
    Call.LIST_SERVERS: 12,
    Call.LIST_APPLICATIONS: 10,
    Call.LIST_DATABASES: 10,
    Call.LIST_PROVIDERS: 8,
}
NOT_ASKED: Final = "not requested"


def readable(answers: Answers) -> Seen:
    """Whether every reading call succeeded."""
    parts = [*(page for pages in answers.lists.values() for page in pages), answers.presets]
    asked = [part for part in parts if part is not None]
    failed = [part for part in asked if isinstance(part, Unread)]
    if failed:
        return differs("; ".join(dict.fromkeys(f"{part.call}: {part.words}" for part in failed)))
    return as_assumed(f"all of {len(asked)}")


def scheme(answers: Answers) -> Seen:
    """How the API accepts the token."""
    taken = "bare" if answers.scheme == "token" else "as `Bearer`"
    if answers.scheme == answers.account.scheme:
        return as_assumed(taken)
    return differs(f"{taken} only; SERVERAVATAR_AUTH_SCHEME is {answers.account.scheme}")


def page_sizes(answers: Answers) -> Seen:
    """How many rows a full page of each list has."""
    seen = {
        call: page.size
        for call, pages in answers.lists.items()
        for page in pages[:1]
        if isinstance(page, Page) and page.size and call in PAGE_SIZES
    }
    other = [f"{call}: {size} instead of {PAGE_SIZES[call]}" for call, size in seen.items() if size != PAGE_SIZES[call]]
    if other:
        return differs("; ".join(other))
    return as_assumed(f"in {len(seen)} list{'s' if len(seen) > 1 else ''}") if seen else unknown("no page shows it")


def limit(answers: Answers) -> Seen:
    """Whether responses show the rate limit, and which."""
    mine = answers.account.requests_per_minute
    if not answers.limits:
        return unknown(f"not shown; SERVERAVATAR_REQUESTS_PER_MINUTE is {mine}")
    least = min(answers.limits)
    text = f"{least} requests a minute"
    return differs(f"{text}; SERVERAVATAR_REQUESTS_PER_MINUTE is {mine}") if least < mine else as_assumed(text)


def servers(answers: Answers) -> Seen:
    """Whether servers show that they are connected."""
    rows = _rows(answers.servers)
    if not rows:
        return unknown(_nothing(answers.servers))
    silent = sum(str(row.get("agent_status")).strip().casefold() not in FLAGS for row in rows)
    return differs(f"{silent} of {_counted(rows)} do not show it") if silent else as_assumed(_counted(rows))


def disks(answers: Answers) -> Seen:
    """Whether servers show how full their disk is."""
    rows = _rows(answers.servers)
    if not rows:
        return unknown(_nothing(answers.servers))
    logs = [row.get("latest_monitor_log") for row in rows]
    shown = sum(isinstance(log, Mapping) and log.get("disk_usage") is not None for log in logs)
    return as_assumed(f"{shown} of {_counted(rows)}") if shown else unknown(f"none of {_counted(rows)}")


def applications(answers: Answers) -> Seen:
    """Whether the organization's list of applications names the server of each."""
    rows = _rows(answers.applications)
    if not rows:
        return unknown(_nothing(answers.applications))
    shown = sum(row.get("server_id") is not None for row in rows)
    if shown in (0, len(rows)):
        return as_assumed(f"{'none' if not shown else 'each'} of {_counted(rows)}")
    return differs(f"{shown} of {_counted(rows)}")


def databases(answers: Answers) -> Seen:
    """Whether the organization's list of databases names the server of each."""
    rows = _rows(answers.databases)
    if not rows:
        return unknown(_nothing(answers.databases))
    shown = sum(row.get("server_id") is not None for row in rows)
    return as_assumed(f"each of {_counted(rows)}") if shown == len(rows) else differs(f"{shown} of {_counted(rows)}")


def providers(answers: Answers) -> Seen:
    """Whether storage providers are of the kinds that a request can name."""
    rows = _rows(answers.providers)
    if not rows:
        return unknown(_nothing(answers.providers))
    strange = sum(row.get("provider") not in get_args(Provider) for row in rows)
    return differs(f"{strange} of {_counted(rows)} of another kind") if strange else as_assumed(_counted(rows))


def presets(answers: Answers) -> Seen:
    """Whether the API offers the schedules and retention periods of the seed document, and no others."""
    if not isinstance(answers.presets, Mapping):
        return unknown("could not be read" if isinstance(answers.presets, Unread) else NOT_ASKED)
    parts = [
        _compared(answers.presets.get("schedules"), get_args(Schedule), "schedules"),
        _compared(answers.presets.get("retentionPeriod"), get_args(RetentionPeriod), "retention periods"),
    ]
    other = "; ".join(part for part in parts if part)
    return differs(other) if other else as_assumed("the twelve schedules and the six retention periods")


def _compared(offered: object, ours: Collection[str], what: str) -> str:
    """What is missing, by name, and how many are offered besides."""
    if not isinstance(offered, list):
        return f"no {what}"
    missing = [word for word in ours if word not in offered]
    more = len([word for word in offered if word not in ours])
    words = [f"without {', '.join(missing)}"] if missing else []
    return f"{what}: {'; '.join([*words, f'{more} more' if more else ''])}".rstrip("; ") if missing or more else ""


def _rows(page: Listed) -> Sequence[Mapping[str, object]]:
    return [row for row in page.rows if isinstance(row, Mapping)] if isinstance(page, Page) else []


def _counted(rows: Sequence[object]) -> str:
    return f"{len(rows)} row{'' if len(rows) == 1 else 's'}"


def _nothing(page: Listed) -> str:
    if page is None:
        return NOT_ASKED
    return "could not be read" if isinstance(page, Unread) else "none in the list"
