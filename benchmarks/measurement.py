"""What was measured of one program on one fleet, and the file that holds it all."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel


class Measurement(BaseModel):
    """One program on one fleet under one set of conditions.

    Attributes:
        peer: name of the program.
        conditions: name of the conditions.
        targets: backups that were asked for.
        seconds: from the start of the program to its end.
        api_seconds: from its first request to its last, as the API has them; None where none was sent.
        memory_mb: peak of its largest process.
        exit_code: what it said of itself: 0 for success.
        requests: that it has sent.
        by_call: the same by call.
        refused: of them answered with 429.
        duplicates: backups that exist beyond the first complete one of their target.
        lost: targets without a complete backup.
    """

    peer: str
    conditions: str
    targets: int
    seconds: float
    api_seconds: float | None
    memory_mb: float
    exit_code: int
    requests: int
    by_call: dict[str, int]
    refused: int
    duplicates: int
    lost: int


class NotRun(BaseModel):
    """A program that was not run on a fleet because it would have taken too long.

    Attributes:
        peer: name of the program.
        conditions: name of the conditions.
        targets: backups that would have been asked for.
        expected_seconds: what the next smaller fleet tells.
    """

    peer: str
    conditions: str
    targets: int
    expected_seconds: float


class Machine(BaseModel):
    """Where it was measured; no host names, no paths."""

    cores: int
    system: str
    python: str
    prefect: str
    ansible: str


class Comparison(BaseModel):
    """Everything that one run of the comparison has measured.

    Attributes:
        date: when it began, as `2026-11-23`.
        command: what makes it.
        revision: the commit that was measured.
        machine: where.
        measured: in the order in which they were run.
        not_run: what would have taken too long.
    """

    date: str
    command: str
    revision: str
    machine: Machine
    measured: list[Measurement]
    not_run: list[NotRun]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` has written."""
        return cls.model_validate_json(path.read_text("utf-8"))

    def write(self, path: Path) -> None:
        """Write it for people to read and programs to plot."""
        path.write_text(self.model_dump_json(indent=1) + "\n", "utf-8")

    def of(self, peer: str, conditions: str) -> list[Measurement]:
        """What was measured of a program under some conditions, the smallest fleet first."""
        found = [row for row in self.measured if (row.peer, row.conditions) == (peer, conditions)]
        return sorted(found, key=lambda row: row.targets)


def count_truth(wanted: Iterable[int], backups: Iterable[Mapping[str, Any]]) -> tuple[int, int]:
    """Compare what exists at the API with what was asked for.

    Args:
        wanted: application ids, each once.
        backups: rows of the sandbox's own list of all backups.

    Returns:
        How many complete backups are there beyond the first of each application, and how many applications have none.
    """
    complete = Counter(row["application_id"] for row in backups if row["status"] == "Completed")
    duplicates = sum(number - 1 for number in complete.values())
    return duplicates, sum(application not in complete for application in wanted)
