"""The report of `check`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from fleet.report.report import ReportedTarget


class CheckReport(BaseModel):
    """Which targets can be backed up now, and why the others cannot.

    Attributes:
        schema: version of this format.
        verdict: what the check found, in one line.
        exit_code: 0 if every target can be backed up, 3 if some cannot, 4 if none can.
        notes: what could not be checked or deserves attention, for people.
        targets: every target; its outcome is `planned` or `unmet`.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    version: Literal[1] = Field(1, alias="schema")
    verdict: str
    exit_code: int
    notes: list[str]
    targets: list[ReportedTarget]
