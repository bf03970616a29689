"""The doctor's report: safe to paste into a public issue, so it holds counts and forms, and no values."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from fleet.doctor.checks.seen import Status
from fleet.doctor.prove.proven import Proven
from fleet.doctor.redaction import public_word
from fleet.report.outcome import Outcome
from fleet.report.report import Requests


class Looked(BaseModel):
    """How many organizations were looked at; without their ids.

    Attributes:
        looked_at: those that were.
        left_out: those that were not, because of the request limit.
    """

    looked_at: int
    left_out: int


class Finding(BaseModel):
    """One assumption, and what was seen of it.

    Attributes:
        name: of the assumption.
        status: how it compares.
        documented: what is documented of it.
        source: where.
        seen: what was seen now.
        earlier: what earlier runs have seen; empty if nothing.
        follows: what follows; empty if the API is as assumed.
    """

    name: str
    status: Status
    documented: str
    source: str
    seen: str
    earlier: str = ""
    follows: str = ""


class ReportedProof(BaseModel):
    """What one real backup has shown; times in seconds from its create.

    Attributes:
        outcome: how it ended.
        how: how it was recognized.
        name: how the list shows its name.
        candidates: other rows that might be it, where its name is not shown.
        shown_after: when the list first showed it, at most; null if it never did.
        absent_at: the latest time at which it did not show yet; 0 if every look showed it.
        took: how long it took to its end; null if that was not seen.
        words: its status words, in their order.
        looks: how often the list was read.
    """

    outcome: Outcome
    how: str
    name: str
    candidates: int
    shown_after: float | None
    absent_at: float
    took: float | None
    words: list[str]
    looks: int

    @classmethod
    def of(cls, proven: Proven) -> Self:
        """The reported form of what was proven."""
        return cls(
            outcome=proven.outcome,
            how=proven.how,
            name=proven.name,
            candidates=proven.candidates,
            shown_after=proven.shown_after,
            absent_at=proven.absent_at,
            took=proven.took,
            words=[public_word(word) for word in proven.words],
            looks=proven.looks,
        )


class DoctorReport(BaseModel):
    """What `fleet-backup doctor --json` prints. Fields are added, never renamed.

    Attributes:
        schema: version of this format.
        at: when it began.
        api: the vendor's address; any other is not named.
        requests: that were sent.
        organizations: how many were examined.
        totals: how many findings there are of each status.
        verdict: in one line.
        exit_code: of the command.
        findings: one for each assumption, always all of them.
        changes: what differs from what earlier runs have seen.
        proof: what a real backup has shown; null without one.
    """

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    version: Literal[1] = Field(1, alias="schema")
    at: datetime
    api: str
    requests: Requests
    organizations: Looked
    totals: dict[str, int]
    verdict: str
    exit_code: int
    findings: list[Finding]
    changes: list[str]
    proof: ReportedProof | None
