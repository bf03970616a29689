"""Which targets of a run are trusted because of their last good backups, and which those after it may trust."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from fleet.inventory.target import Target
from fleet.ledger.learned.last_goods import LedgerLastGoods
from fleet.observed.trust import LastGood, trusted
from fleet.report.seen_good import no_longer_good, seen_good
from tasks.run.results import Results


class Trust:
    """Recalls the last good backups before a run, and remembers the new ones after it."""

    def __init__(self, last_goods: LedgerLastGoods, period: timedelta) -> None:
        """Prepare.

        Args:
            last_goods: in the ledger.
            period: how long a good backup counts at most; none: no target is trusted.
        """
        self._last_goods = last_goods
        self._period = period
        self._checked_at = 0.0

    async def recall(self, targets: Sequence[Target], now: datetime) -> Mapping[str, LastGood]:
        """What is known of the targets of which only the server is looked up, by place."""
        self._checked_at = now.timestamp()
        known = await self._last_goods.recall(targets) if self._period else {}
        return trusted(targets, known, self._checked_at, self._period)

    async def remember(self, results: Results) -> None:
        """Keep what the run has shown of its targets; that never costs a run its report."""
        ended = results.settled()
        took = {result.target.place: results.attempts(result.target).took for result in ended}
        good = seen_good(ended, results.observed, self._checked_at, took)
        await self._last_goods.remember(good, no_longer_good(ended))
