"""The report of an audit: the contract that other programs read. Fields are added, never renamed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from fleet.audit.finding import WELL, Audit, Finding, Status
from fleet.report.outcome import Exit
from fleet.report.report import Requests
from fleet.report.selection import Selection

_NAMED: Final = 3
"""Targets of one status that the verdict names; if there are more, it only counts them."""
_ORDER: Final = {status: place for place, status in enumerate(Status)}


class AuditedTarget(BaseModel):
    """What was found of one target, or of an application or database that nothing in the fleet file wants.

    Attributes:
        organization: its organization's id.
        server_id: its server's id; null where the API does not show it.
        server: its server's name.
        application_id: its application's id; null for a database that nothing wants.
        application: its application's name.
        domain: the application's primary domain; empty when unknown.
        database_id: its database's id; null without one.
        database: its database's name; empty when unknown.
        type: what is to be backed up; null where nothing wants it.
        provider: the storage that is wanted; null where nothing wants it.
        automatic_backup: true for an automatic plan; null where nothing wants it.
        place: where the fleet file asks for it; empty where it does not.
        status: its status.
        found: the status it would have without a mute.
        reason: why, in words to act on.
        newest_good_id: the id of its newest good backup.
        newest_good_at: when that backup began. If its date is missing or in the future, the date of the good one
            before it; null if no good backup has a date.
        newest_good_mb: its size in MB.
    """

    organization: int
    server_id: int | None
    server: str
    application_id: int | None
    application: str
    domain: str
    database_id: int | None
    database: str
    type: str | None
    provider: str | None
    automatic_backup: bool | None
    place: str
    status: Status
    found: Status
    reason: str
    newest_good_id: int | None
    newest_good_at: datetime | None
    newest_good_mb: float | None


class AuditReport(BaseModel):
    """What an audit found, the gravest first. Times are UTC.

    Attributes:
        schema: version of this format.
        fleet: the fleet file's name.
        audited_at: when the audit began; ages are counted to this time.
        requests: the requests it sent.
        totals: number of entries by status.
        verdict: what all findings mean together, in one line.
        exit_code: of the command.
        unread: what could not be read; nothing is known of it.
        notes: what else a person should know.
        api_changes: how the API differs from what earlier runs learned.
        selection: how the audit came to its targets.
        targets: one entry for each target, and for each application or database that nothing wants.
    """

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    version: Literal[1] = Field(1, alias="schema")
    fleet: str
    audited_at: datetime
    requests: Requests
    totals: dict[Status, int]
    verdict: str
    exit_code: int
    unread: list[str]
    notes: list[str]
    api_changes: list[str] = []
    selection: Selection = Selection()
    targets: list[AuditedTarget]

    @property
    def oldest_newest_good(self) -> AuditedTarget | None:
        """Of all targets with a good backup that are not muted, the one whose latest good backup is the oldest."""
        dated = [
            (target.newest_good_at, place)
            for place, target in enumerate(self.targets)
            if target.newest_good_at and target.status is not Status.MUTED
        ]
        return self.targets[min(dated)[1]] if dated else None


def build(fleet: str, audited_at: datetime, calls: Mapping[str, int], audit: Audit) -> AuditReport:
    """Build the report of an audit.

    Args:
        fleet: the fleet's name.
        audited_at: when it began; ages are counted to this time.
        calls: requests by call.
        audit: its findings.
    """
    findings = sorted(audit.findings, key=lambda finding: _ORDER[finding.status])
    totals = Counter(finding.status for finding in findings)
    return AuditReport(
        fleet=fleet,
        audited_at=audited_at,
        requests=Requests(total=sum(calls.values()), by_call=dict(sorted(calls.items()))),
        totals={status: totals[status] for status in Status if totals[status]},
        verdict=_verdict(audit, findings),
        exit_code=int(_exit(audit, findings)),
        unread=audit.unread,
        notes=audit.notes,
        api_changes=audit.api_changes,
        selection=audit.selection,
        targets=[_audited(finding) for finding in findings],
    )


def _exit(audit: Audit, findings: Sequence[Finding]) -> Exit:
    if audit.unread:
        return Exit.API_UNUSABLE
    return Exit.DONE if all(finding.status in WELL for finding in findings) else Exit.TO_DO


def _verdict(audit: Audit, findings: Sequence[Finding]) -> str:
    """For example `1 stale (web-0002 · shop), 391 fine`; what could not be read comes first."""
    counted = ", ".join(_phrase(status, findings) for status in Status if any(it.status is status for it in findings))
    return "; ".join([*audit.unread, *([counted] if counted else [])])


def _phrase(status: Status, findings: Sequence[Finding]) -> str:
    of_this = [finding for finding in findings if finding.status is status]
    count = f"{len(of_this)} {status}"
    if status in WELL or len(of_this) > _NAMED:
        return count
    return f"{count} ({', '.join(label(_audited(finding)) for finding in of_this)})"


def label(target: AuditedTarget) -> str:
    """Name a target for people: `web-0001 · shop`, with its type if it is not the whole application."""
    if target.application_id is None:
        name = f"{target.database} (database)"
    else:
        kind = "" if target.type in (None, "application") else f" ({target.type})"
        name = f"{target.application}{kind}"
    return f"{target.server} · {name}" if target.server else name


def _audited(finding: Finding) -> AuditedTarget:
    target, newest = finding.target, finding.newest_good
    return AuditedTarget(
        organization=finding.organization,
        server_id=finding.server_id,
        server=finding.server,
        application_id=finding.application_id,
        application=finding.application,
        domain=finding.domain,
        database_id=finding.database_id,
        database=finding.database,
        type=target.request.type if target else None,
        provider=target.request.provider if target else None,
        automatic_backup=target.request.automatic_backup if target else None,
        place=target.place if target else "",
        status=finding.status,
        found=finding.found,
        reason=finding.reason,
        newest_good_id=newest.id if newest else None,
        newest_good_at=finding.newest_good_at,
        newest_good_mb=finding.size_mb,
    )
