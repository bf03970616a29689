"""The API's own window, as far as the headers of its answers tell: when it ends, and how much of it is used.

Each answer tells its rank: the how-manieth request of its window it was, whoever sent the others. So a request that
was sent after rank 7 was heard of cannot be told rank 7 or less, but in a new window. What was answered without a
rank, or may belong to either of two windows, is doubtful: it counts until an answer to a request that was sent later
is told a rank, which includes it (docs/decisions/0007-the-pace.md).
"""

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf


@dataclass(slots=True)
class Grant:
    """Leave to send some requests, of which `count` are not answered yet.

    Attributes:
        number: its name.
        count: how many of its requests are not answered, or not even sent.
        granted_at: not before this were they sent.
        window: the number of the window that was thought current.
        floor: the greatest rank that was heard of in that window before.
        above: how many ranks above the floor were heard of since.
        expires: when it counts no more: its holder is dead.
    """

    number: int
    count: int
    granted_at: float
    window: int = 0
    floor: int = 0
    above: int = 0
    expires: float = inf


@dataclass(slots=True)
class ToldWindow:
    """A window of the API, as its headers tell of it.

    Attributes:
        number: to tell it from others.
        length: in seconds.
        since: what is sent from then on belongs to this window or to a later one; never, if that is not known.
        opened_after: it did not open earlier.
        ends_by: it does not last longer; for ever, until a first answer tells.
        rank: the greatest that was told.
        told: how many ranks were told.
        doubtful: when the requests were answered, without a rank, that may count in it and may not be in `rank`.
        suspected: the same of requests with a greater rank than `rank`, and that.
    """

    def mark(self, grant: Grant) -> None:
        """Note in a new grant which ranks its requests cannot be told any more."""
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

    def next(self, now: float, answered: Iterable[float]) -> "ToldWindow":
        """The window after this one, which is over by now.

        Args:
            now: in seconds of the caller's clock.
            answered: when the requests of the last window's length were answered.
        """
        ended_after = self.opened_after + self.length
        doubtful = [moment for moment in answered if moment > ended_after]
        return ToldWindow(self.number + 1, self.length, now, opened_after=ended_after, doubtful=doubtful)

    def opened_by(self, sent_at: float, at: float, rank: int, answered: Iterable[float]) -> "ToldWindow":
        """A new window, of which the first that is heard is this answer."""
        doubtful = [moment for moment in answered if moment > sent_at]
        opened = ToldWindow(self.number + 1, self.length, doubtful=doubtful)
        opened.hear(sent_at, at, rank, ())
        return opened

    def holds(self, grant: Grant, sent_at: float, rank: int) -> bool | None:
        """Whether a request with this answer belongs to this window; None if that cannot be told.

        False says that it belongs to a newer one.
        """
        if grant.window == self.number:
            return rank > grant.floor
        if sent_at >= self.since or (grant.window == self.number - 1 and rank <= grant.floor):
            return True
        return None

    def hear(self, sent_at: float, at: float, rank: int, grants: Iterable[Grant]) -> None:
        """Take an answer of this window into account; `grants` are those that are not answered in full."""
        self.rank = max(self.rank, rank)
        self.ends_by = min(self.ends_by, at + self.length)
        if rank == 1:
            self.opened_after = max(self.opened_after, sent_at)
        self.doubtful = [moment for moment in self.doubtful if moment > sent_at]
        self.suspected = [each for each in self.suspected if each[0] > sent_at and each[1] > self.rank]
        self._strike_out(rank, grants)

    def suspect(self, at: float, rank: int, grants: Iterable[Grant]) -> None:
        """Take an answer into account that belongs to this window or to the one before."""
        self._strike_out(rank, grants)
        if rank > self.rank:  # Else it is no more than `rank` either way.
            insort(self.suspected, (at, rank))

    def _strike_out(self, rank: int, grants: Iterable[Grant]) -> None:
        """What is under way was not told this rank."""
        self.told += 1
        for grant in grants:
            if grant.window == self.number and rank > grant.floor:
                grant.above += 1

    def used(self, grants: Iterable[Grant]) -> int:
        """How many requests the window has had at most when all that were granted have arrived.

        A rank that nobody was told is taken for that of a request whose answer is awaited, where that can be: without
        other programs on the key it is. Those that could have been told least are looked at first.
        """
        under_way = counted = 0
        for grant in sorted(grants, key=lambda each: (each.window, each.floor), reverse=True):
            missing = self.rank - grant.floor - grant.above if grant.window == self.number else self.rank - self.told
            under_way += grant.count
            counted = min(counted + grant.count, max(counted, missing))
        return self.rank + self.uncertain + under_way - counted

    @property
    def uncertain(self) -> int:
        """How many were answered and may not be in `rank`."""
        return len(self.doubtful) + len(self.suspected)

    def first_to_leave(self) -> float | None:
        """When the first of those was answered."""
        return min((*self.doubtful[:1], *(at for at, _ in self.suspected[:1])), default=None)

    def forget(self, now: float) -> None:
        """Count no more what was answered a window ago."""
        self.doubtful = [moment for moment in self.doubtful if moment + self.length > now]
        self.suspected = [each for each in self.suspected if each[0] + self.length > now]
