"""The report of a run: the contract that other programs read. Fields are added, never renamed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from fleet.inventory.request import BackupType
from fleet.proof.proof import Evidence
from fleet.report.least_requests import least_requests
from fleet.report.outcome import Outcome, Result, Verdict
from fleet.report.selection import Selection


class Requests(BaseModel):
    """How many requests were sent.

    Attributes:
        total: all of them.
        by_call: by call.
        least: how few such a run takes at least (`fleet.report.least_requests`); null in old reports.
    """

    total: int
    by_call: dict[str, int]
    least: int | None = None

    @property
    def words(self) -> str:
        """For people: how many, and how many of them more than the least possible."""
        counted = f"{self.total:,} request{'' if self.total == 1 else 's'}"
        if self.least is None or self.total <= self.least:
            return counted
        return f"{counted}, {self.total - self.least:,} more than the least possible"


Subject = tuple[int, int, int, int | None, str, bool]
"""Organization, server, application, database, type, and whether it is an automatic plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedTarget:
    """How one target ended. Old reports have no `domain`, `evidence`, `twins` or `sent`.

    Attributes:
        organization: its organization's id.
        server_id: its server's id.
        server: its server's name.
        application: its application's name.
        domain: the application's primary domain; empty if unknown.
        application_id: its application's id.
        database_id: its database's id; null if none is backed up.
        type: what is backed up.
        automatic_backup: true for an automatic plan, false for an instant backup.
        outcome: how it ended.
        reason: why, so that a person can act on it; may be empty.
        backup_id: the backup's id in the backup list; null until seen there.
        attempts: how often the create was sent.
        seconds: from the first attempt to the last response.
        evidence: how its backup was recognised; null if it was not.
        twins: the ids of all its backups, if it was created more than once.
        sent: whether its create was sent in this run. Usually false for `unmet`; true if the API has refused a target
            that was trusted and is not met (docs/decisions/0030-trusted-targets.md).
    """

    organization: int
    server_id: int
    server: str
    application: str
    domain: str = ""
    application_id: int
    database_id: int | None
    type: BackupType
    automatic_backup: bool
    outcome: Outcome
    reason: str
    backup_id: int | None
    attempts: int
    seconds: float
    evidence: Evidence | None = None
    twins: tuple[int, ...] = ()
    sent: bool = False

    @property
    def subject(self) -> Subject:
        """What makes it the same target across runs."""
        place = self.organization, self.server_id, self.application_id, self.database_id
        return (*place, str(self.type), self.automatic_backup)


class Report(BaseModel):
    """What a run did, target by target in the order of the fleet file. Times are UTC.

    Attributes:
        schema: version of this format.
        run_key: the idempotency key of the run.
        started_at: when the run started.
        ended_at: when the run ended.
        requests: the requests it sent.
        totals: number of targets by outcome.
        verdict: what all outcomes mean together, in one line.
        exit_code: of the command.
        selection: how the targets were selected.
        notes: what else a person should know; not failures.
        api_changes: how the API differs from what earlier runs learned.
        targets: one entry per target.
    """

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    version: Literal[1] = Field(1, alias="schema")
    run_key: str
    started_at: datetime
    ended_at: datetime
    requests: Requests
    totals: dict[Outcome, int]
    verdict: str
    exit_code: int
    selection: Selection = Selection()
    notes: list[str] = []
    api_changes: list[str] = []
    targets: list[ReportedTarget]


def build(
    run_key: str,
    span: tuple[datetime, datetime],
    calls: Mapping[str, int],
    results: Sequence[Result],
    verdict: Verdict,
    selection: Selection = Selection(),  # noqa: B008 - nobody changes it
) -> Report:
    """Build the report of a run.

    Args:
        run_key: of the run.
        span: when it began and ended.
        calls: requests by call.
        results: of all targets.
        verdict: what they mean together.
        selection: how the targets were selected.
    """
    totals = Counter(result.outcome for result in results)
    return Report(
        run_key=run_key,
        started_at=span[0],
        ended_at=span[1],
        requests=Requests(
            total=sum(calls.values()), by_call=dict(sorted(calls.items())), least=least_requests(results)
        ),
        totals={outcome: totals[outcome] for outcome in Outcome if totals[outcome]},
        verdict=verdict.text,
        exit_code=int(verdict.exit),
        selection=selection,
        targets=[reported(result) for result in results],
    )


def reported(result: Result) -> ReportedTarget:
    """The report's row for one target."""
    request = result.target.request
    return ReportedTarget(
        organization=result.target.organization,
        server_id=result.target.server_id,
        server=result.server,
        application=result.application,
        domain=result.domain,
        application_id=request.application_id,
        database_id=request.database_id,
        type=request.type,
        automatic_backup=request.automatic_backup,
        outcome=result.outcome,
        reason=result.reason,
        backup_id=result.backup_id,
        attempts=result.attempts,
        seconds=round(result.seconds, 3),
        evidence=result.evidence,
        twins=result.twins,
        sent=result.attempts > 0,
    )
