"""The API's own window, as far as the headers of its responses show: when it ends, and how much of it is used.

Each response shows its rank: the position of the request within its window, whoever sent the others. So a request that
was sent after rank 7 was seen cannot get rank 7 or less, except in a new window. A response without a rank, or one that
may belong to either of two windows, is doubtful: it counts until the response to a request that was sent later shows a
rank, which includes it (docs/decisions/0007-the-pace.md).
"""

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf


@dataclass(slots=True)
class Grant:
    """Permission to send requests, of which `count` are unanswered.

    Attributes:
        number: of the grant.
        count: of its requests, how many are unanswered or not sent yet.
        granted_at: its requests were not sent earlier.
        window: number of the window that was assumed to be current.
        floor: the greatest rank seen in that window before.
        above: how many ranks above the floor were seen since.
        expires: when it stops counting because its holder is dead.
    """

    number: int
    count: int
    granted_at: float
    window: int = 0
    floor: int = 0
    above: int = 0
    expires: float = inf


@dataclass(slots=True)
class ReportedWindow:
    """A window of the API, as its headers report it.

    Attributes:
        number: distinguishes it from other windows.
        length: in seconds.
        since: what is sent from then on belongs to this window or a later one; infinite if unknown.
        opened_after: it did not open earlier.
        ends_by: it does not last longer; infinite until a first response shows it.
        rank: the greatest seen.
        told: how many ranks were seen.
        doubtful: when requests were answered without a rank that may count in it and may not be included in `rank`.
        suspected: the same for requests with a rank greater than `rank`, each with its rank.
    """

    def mark(self, grant: Grant) -> None:
        """Note in a new grant which ranks its requests can no longer get."""
        grant.window, grant.floor = self.number, self.rank
        grant.above = len(self.suspected)

    number: int
    length: float
    since: float = inf
    opened_after: float = -inf
    ends_by: float = inf
    rank: int = 0
    told: int = 0
    doubtful: list[float] = field(default_factory=list)
    suspected: list[tuple[float, int]] = field(default_factory=list)

    def next(self, now: float, answered: Iterable[float]) -> "ReportedWindow":
        """The window after this one, which is over by now.

        Args:
            now: in seconds of the caller's clock.
            answered: when requests were answered during the last window's length.
        """
        ended_after = self.opened_after + self.length
        doubtful = [moment for moment in answered if moment > ended_after]
        return ReportedWindow(self.number + 1, self.length, now, opened_after=ended_after, doubtful=doubtful)

    def opened_by(self, sent_at: float, at: float, rank: int, answered: Iterable[float]) -> "ReportedWindow":
        """A new window, whose first known response is this one."""
        doubtful = [moment for moment in answered if moment > sent_at]
        opened = ReportedWindow(self.number + 1, self.length, doubtful=doubtful)
        opened.hear(sent_at, at, rank, ())
        return opened

    def holds(self, grant: Grant, sent_at: float, rank: int) -> bool | None:
        """Whether a request with this response belongs to this window; None if that is unknown.

        False: it belongs to a newer one.
        """
        if grant.window == self.number:
            return rank > grant.floor
        if sent_at >= self.since or (grant.window == self.number - 1 and rank <= grant.floor):
            return True
        return None

    def hear(self, sent_at: float, at: float, rank: int, grants: Iterable[Grant]) -> None:
        """Account for a response of this window; `grants` are those with unanswered requests."""
        self.rank = max(self.rank, rank)
        self.ends_by = min(self.ends_by, at + self.length)
        if rank == 1:
            self.opened_after = max(self.opened_after, sent_at)
        self.doubtful = [moment for moment in self.doubtful if moment > sent_at]
        self.suspected = [each for each in self.suspected if each[0] > sent_at and each[1] > self.rank]
        self._strike_out(rank, grants)

    def suspect(self, at: float, rank: int, grants: Iterable[Grant]) -> None:
        """Account for a response that belongs to this window or to the one before."""
        self._strike_out(rank, grants)
        if rank > self.rank:  # Otherwise `rank` includes it either way.
            insort(self.suspected, (at, rank))

    def _strike_out(self, rank: int, grants: Iterable[Grant]) -> None:
        """Requests in flight cannot get this rank."""
        self.told += 1
        for grant in grants:
            if grant.window == self.number and rank > grant.floor:
                grant.above += 1

    def used(self, grants: Iterable[Grant]) -> int:
        """The most requests that the window has had once all that were granted have arrived.

        An unseen rank is attributed to a request in flight where that is possible: without other programs on the key it
        is right. Grants whose requests have the fewest possible ranks come first.
        """
        in_flight = counted = 0
        for grant in sorted(grants, key=lambda each: (each.window, each.floor), reverse=True):
            missing = self.rank - grant.floor - grant.above if grant.window == self.number else self.rank - self.told
            in_flight += grant.count
            counted = min(counted + grant.count, max(counted, missing))
        return self.rank + self.uncertain + in_flight - counted

    @property
    def uncertain(self) -> int:
        """How many were answered and may not be included in `rank`."""
        return len(self.doubtful) + len(self.suspected)

    def first_to_leave(self) -> float | None:
        """When the first of those was answered; None if there are none."""
        return min((*self.doubtful[:1], *(at for at, _ in self.suspected[:1])), default=None)

    def forget(self, now: float) -> None:
        """Stop counting what was answered a window ago."""
        self.doubtful = [moment for moment in self.doubtful if moment + self.length > now]
        self.suspected = [each for each in self.suspected if each[0] + self.length > now]
