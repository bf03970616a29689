"""The report of several fleets that were run together, and the one verdict about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from fleet.report.outcome import Exit, Verdict
from fleet.report.report import Report
from fleet.serveravatar.text import one_line

NAMED: Final = 10
"""Fleets that the verdict names with their reason; of more, it has only the names."""
_LONGEST: Final = 300
"""Characters of one fleet's verdict within the verdict."""


class FleetEnding(BaseModel):
    """How the run of one fleet ended.

    Attributes:
        fleet: its name.
        file: its fleet file; empty where only its deployment is known.
        exit_code: what `run` of this fleet alone would have ended with.
        verdict: what happened, in one line; of a fleet that could not be run, what is wrong.
        report: of the run; null if it did not begin.
    """

    fleet: str
    file: str = ""
    exit_code: int
    verdict: str
    report: Report | None = None


class FleetsReport(BaseModel):
    """What became of each fleet, in the order of the file. Times are UTC.

    Attributes:
        schema: version of this format.
        started_at: when the first fleet began.
        ended_at: when the last one ended.
        verdict: what all fleets mean together, in one line.
        exit_code: of the command.
        fleets: one entry per fleet.
    """

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    version: Literal[1] = Field(1, alias="schema")
    started_at: datetime
    ended_at: datetime
    verdict: str
    exit_code: int
    fleets: list[FleetEnding]

    @classmethod
    def of(cls, endings: Sequence[FleetEnding], span: tuple[datetime, datetime]) -> Self:
        """Put the report together from how each fleet ended, and when the first began and the last ended."""
        verdict = decide(endings)
        return cls(
            started_at=span[0],
            ended_at=span[1],
            verdict=verdict.text,
            exit_code=int(verdict.exit),
            fleets=list(endings),
        )


def decide(endings: Sequence[FleetEnding]) -> Verdict:
    """Decide what all fleets together mean: the gravest exit code, and which fleets are not backed up and why.

    A fleet whose file or settings are wrong counts as one of which nothing could be started, unless nothing was
    started at all: only then "nothing was sent" is true of them together (docs/decisions/0029-several-fleets.md).
    """
    bad = [ending for ending in endings if ending.exit_code != Exit.DONE]
    if not bad:
        return Verdict(Exit.DONE, f"all {len(endings)} fleets done" if len(endings) > 1 else "1 fleet done")
    codes = {ending.exit_code for ending in endings}
    gravest = Exit.USAGE if codes == {Exit.USAGE} else max(map(_weight, codes))
    reasons = [f"{each.fleet}: {_shortened(each.verdict)}" for each in bad[:NAMED]]
    if more := [each.fleet for each in bad[NAMED:]]:
        reasons.append(f"and {len(more)} more: {_shortened(', '.join(more))}")
    return Verdict(Exit(gravest), f"{len(endings) - len(bad)} of {len(endings)} fleets done; {'; '.join(reasons)}")


def _weight(code: int) -> int:
    return Exit.NONE_STARTED if code == Exit.USAGE else code


def _shortened(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
