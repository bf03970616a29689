"""The report of `history`."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from fleet.proof.proof import Evidence
from fleet.report.outcome import Outcome

OPEN: Literal["open"] = "open"
"""The outcome of an entry without one: a run is processing it, or died while doing so."""


class HistoryEntry(BaseModel):
    """What the ledger holds of one target in one run, or of one automatic plan.

    Attributes:
        updated_at: when the entry last changed.
        run_key: of the run that changed it last.
        key: identifies the target in its run; of a plan, in every run.
        organization: its organization's id.
        server_id: its server's id.
        server: its server's name.
        application_id: its application's id.
        application: its application's name.
        automatic_backup: true for an automatic plan, false for an instant backup.
        outcome: how it ended; `open` while a run is processing it, or if that run died.
        doubtful: whether a create was sent of which nobody knows yet what it did.
        reason: why it ended so, in words to act on.
        attempts: how often its create was sent.
        looked: how often the backup list was read for it after its create was in doubt.
        sent_at: when its create was last sent, or its response came or was lost; null if never.
        backup_id: the id of its backup, if known.
        plan_id: the id of its plan, if known.
        evidence: how its backup was recognized; null where none was.
        request: the request body, as it was or will be sent.
    """

    updated_at: datetime
    run_key: str
    key: str
    organization: int
    server_id: int
    server: str
    application_id: int
    application: str
    automatic_backup: bool
    outcome: Outcome | Literal["open"]
    doubtful: bool
    reason: str
    attempts: int
    looked: int
    sent_at: datetime | None
    backup_id: int | None
    plan_id: int | None
    evidence: Evidence | None
    request: dict[str, Any]


class History(BaseModel):
    """The matching entries of the ledger, newest first. Times are UTC.

    Attributes:
        schema: version of this format.
        entries: one for each target of a run, and for each automatic plan.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    version: Literal[1] = Field(1, alias="schema")
    entries: list[HistoryEntry]
