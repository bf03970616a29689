"""The first line of the page: one sentence and one number. Pure.

A site is an application, or a database without one. It counts as backed up if each of its targets has a good backup
that is young enough; what is muted is not counted.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from fleet.status.row import Row
from fleet.status.standing import Standing


@dataclass(frozen=True, slots=True)
class Headline:
    """How many sites are backed up.

    Attributes:
        good: sites with a good backup that is young enough.
        bad: sites without one.
        unknown: sites of which nobody knows yet.
        muted: sites that are not counted.
        limit: how old a backup may be, in words; empty if not all sites have the same limit.
    """

    good: int
    bad: int
    unknown: int
    muted: int
    limit: str

    @property
    def counted(self) -> int:
        """All sites but the muted."""
        return self.good + self.bad + self.unknown

    @property
    def sentence(self) -> str:
        """For people."""
        if not self.counted:
            return f"All {_sites(self.muted)} are muted." if self.muted else "No run or audit is in the ledger yet."
        young = f"younger than {self.limit}" if self.limit else "as young as expected"
        rest = [f"{self.bad:,} {'does' if self.bad == 1 else 'do'} not"] if self.bad else []
        rest += [f"{self.unknown:,} {_be(self.unknown)} not checked yet"] if self.unknown else []
        share = f"{self.good:,} of {_sites(self.counted)}" if rest else f"All {_sites(self.counted)}"
        if self.counted == 1 and not rest:
            share = "The only site"
        verb = "has" if 1 in (self.good if rest else 0, self.counted) else "have"
        words = "; ".join([f"{share} {verb} a good backup {young}", *([", ".join(rest)] if rest else [])])
        muted = f" {self.muted:,} muted {'site is' if self.muted == 1 else 'sites are'} not counted."
        return f"{words}.{muted if self.muted else ''}"


def headline(rows: Iterable[Row], now: float) -> Headline:
    """Count the sites of a page's rows at a time (epoch seconds)."""
    sites: defaultdict[int, list[Row]] = defaultdict(list)
    limits: set[str] = set()
    for row in rows:
        sites[row.site].append(row)
        if row.standing(now) not in (Standing.MUTED, Standing.UNCOVERED):
            limits.add(row.limit_words)
    counts = {"good": 0, "bad": 0, "unknown": 0, "muted": 0}
    for targets in sites.values():
        counts[_kind(targets, now)] += 1
    return Headline(**counts, limit=limits.pop() if len(limits) == 1 else "")


def _kind(targets: Iterable[Row], now: float) -> str:
    standings = [(row.standing(now), row.is_fresh(now)) for row in targets]
    counted = [each for each in standings if each[0] is not Standing.MUTED]
    if not counted:
        return "muted"
    if all(is_fresh for _, is_fresh in counted):
        return "good"
    return "unknown" if all(fresh or known is Standing.UNKNOWN for known, fresh in counted) else "bad"


def _sites(count: int) -> str:
    return f"{count:,} {'site' if count == 1 else 'sites'}"


def _be(count: int) -> str:
    return "is" if count == 1 else "are"
