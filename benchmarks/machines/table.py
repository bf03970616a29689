"""What the evenings came to, side by side: a row for each, and what is not as it should be. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

MINUTE: Final = 60.0
_HEADER: Final = (
    "workers",
    "seconds",
    "least",
    "of it",
    "last begins",
    "longest run",
    "good",
    "twice",
    "lost",
    "429s",
    "runs on each worker",
)


@dataclass(frozen=True)
class Evening:
    """One evening.

    Attributes:
        workers: how many there were.
        lost_at: after how many creates a machine lost its power; None: none did.
        seconds: from the start of `all-fleets` to its verdict.
        last_begins: seconds from that start until the last run of a fleet has begun.
        longest_run: seconds of the longest run of a fleet.
        targets: how many backups were asked for.
        made: how many exist of each application.
        complete: how many are complete.
        requests: of each account.
        refused: answers with the status 429.
        taken: runs that each worker has taken: of the fleets, of `all-fleets`, and those that continue dead ones.
        continued: runs that died and were continued.
        verdict: the name and the message of the state of `all-fleets`.
        misnamed: names of runs that are not as people expect them.
    """

    workers: int
    lost_at: int | None
    seconds: float
    last_begins: float
    longest_run: float
    targets: int
    made: Counter[tuple[int, int]]
    complete: int
    requests: Sequence[int]
    refused: int
    taken: Sequence[int]
    continued: int
    verdict: tuple[str, str]
    misnamed: Sequence[str]

    @property
    def twice(self) -> int:
        """Applications with more than one backup."""
        return sum(count > 1 for count in self.made.values())

    @property
    def lost(self) -> int:
        """Applications without a backup."""
        return self.targets - len(self.made)

    def least(self, limit: int) -> float:
        """The fewest seconds that the accounts' limit, in requests a minute, allows: the busiest account's."""
        return max(1, *self.requests) * MINUTE / limit

    def problems(self) -> Iterator[str]:
        """What is not as it should be."""
        if self.twice or self.lost or self.complete != self.targets:
            yield f"{self.twice} twice, {self.lost} lost, {self.complete} of {self.targets} complete"
        if self.verdict[0] != "Completed":
            yield f"all-fleets ended as {': '.join(self.verdict)}"
        if self.misnamed:
            yield f"names of runs: {', '.join(self.misnamed)}"
        if (self.lost_at is None) != (self.continued == 0):
            yield f"{self.continued} runs were continued"


def table(evenings: Sequence[Evening], limit: int) -> Iterator[str]:
    """The rows, in columns."""
    rows = [_HEADER, *(_row(evening, limit) for evening in evenings)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    for row in rows:
        yield "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))


def problems(evenings: Sequence[Evening]) -> list[str]:
    """What is not as it should be: of each evening, and if more workers do not shorten it."""
    found = [f"{evening.workers} workers: {problem}" for evening in evenings for problem in evening.problems()]
    whole = sorted((each.workers, each.seconds) for each in evenings if each.lost_at is None)
    found += [
        f"{after} workers took {longer:.0f} s, {before} took {shorter:.0f} s"
        for (before, shorter), (after, longer) in pairwise(whole)
        if longer >= shorter
    ]
    return found


def _row(evening: Evening, limit: int) -> tuple[str, ...]:
    return (
        f"{evening.workers}" if evening.lost_at is None else f"{evening.workers}, one lost",
        f"{evening.seconds:.0f}",
        f"{evening.least(limit):.0f}",
        f"{evening.seconds / evening.least(limit):.1f}",
        f"{evening.last_begins:.0f}",
        f"{evening.longest_run:.0f}",
        f"{sum(count == 1 for count in evening.made.values())}",
        f"{evening.twice}",
        f"{evening.lost}",
        f"{evening.refused}",
        " + ".join(map(str, evening.taken)),
    )
