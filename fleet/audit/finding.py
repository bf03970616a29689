"""What an audit finds: how things stand with a target, or with an application or a database that nothing wants."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from fleet.inventory.expectation import Mute
from fleet.inventory.target import Target
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
        server_id: the id of the server; None where the API does not tell it.
        server: its name, for people.
        status: how things stand.
        found: how they would stand without a mute.
        reason: in words that a person can act on.
        application_id: the application; None for a database that nothing wants.
        application: its name.
        domain: its primary domain; empty when unknown.
        database_id: the database, if one is meant.
        database: its name; empty when unknown.
        target: what was asked for; None where nothing wants it.
        newest_good: the newest backup that is complete.
        newest_good_at: when it began, or, where its stamp does not tell, the one before: it is no older than that.
        size_mb: its size in MB, of the parts that are asked for.
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


def muted_by(finding: Finding, mute: Mute | None, today: date) -> Finding:
    """Mute a finding; a mute that has ended is told, and counts no more."""
    if mute is None:
        return finding
    if not mute.holds(today):
        reason = f"{finding.reason}; its mute ended on {mute.until} ({mute.reason})"
        return replace(finding, reason=reason)
    reason = f"{mute.reason} (until {mute.until}); {finding.found}: {finding.reason}"
    return replace(finding, status=Status.MUTED, reason=reason)
