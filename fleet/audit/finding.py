"""What an audit finds: how things stand with a target, or with an application or a database that nothing wants."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from fleet.inventory.expectation import Mute
from fleet.inventory.target import Target
from fleet.report.selection import Selection
from fleet.serveravatar.models import Backup


class Status(StrEnum):
    """How things stand with a target, an application or a database; the gravest first."""

    UNCOVERED = "uncovered"
    GONE = "gone"
    NEVER = "never"
    UNPROVEN = "unproven"
    STALE = "stale"
    SHRUNK = "shrunk"
    MUTED = "muted"
    FINE = "fine"


WELL: Final = frozenset({Status.MUTED, Status.FINE})


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one target, or of an application or a database that nothing wants.

    Attributes:
        organization: the id of the organization.
        server_id: the id of the server; None if the API does not show it.
        server: its name, for people.
        status: how things stand.
        found: the status without a mute.
        reason: why, so that a person can act on it.
        application_id: the application; None for a database that nothing wants.
        application: its name.
        domain: its primary domain; empty when unknown.
        database_id: the database, if one is meant.
        database: its name; empty when unknown.
        target: what is wanted; None if nothing wants it.
        newest_good: the newest backup that is complete.
        newest_good_at: when it began, or, if its timestamp does not show that, when the one before did.
        size_mb: its size in MB, of the parts that are wanted.
    """

    organization: int
    server_id: int | None
    server: str
    status: Status
    found: Status
    reason: str
    application_id: int | None = None
    application: str = ""
    domain: str = ""
    database_id: int | None = None
    database: str = ""
    target: Target | None = None
    newest_good: Backup | None = None
    newest_good_at: datetime | None = None
    size_mb: float | None = None


@dataclass(slots=True)
class Audit:
    """What an audit has found.

    Attributes:
        findings: of the targets in the order of the fleet file, then of what nothing wants.
        unread: what could not be read, in words; there are no findings of its organization, or of its server.
        notes: what else a person should know.
        api_changes: how the API has changed since earlier runs.
        pages: pages of backup lists that were read.
        selection: how the targets were selected.
    """

    findings: list[Finding] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    api_changes: list[str] = field(default_factory=list)
    pages: int = 0
    selection: Selection = field(default_factory=Selection)


def muted_by(finding: Finding, mute: Mute | None, today: date) -> Finding:
    """Mute a finding; a mute that has ended is mentioned, but has no effect."""
    if mute is None:
        return finding
    if not mute.holds(today):
        reason = f"{finding.reason}; its mute ended on {mute.until} ({mute.reason})"
        return replace(finding, reason=reason)
    reason = f"{mute.reason} (until {mute.until}); {finding.found}: {finding.reason}"
    return replace(finding, status=Status.MUTED, reason=reason)
