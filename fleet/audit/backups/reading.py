"""The walk of an audit over the backup list: from its newest end, and no further back than any target needs.

The order of the list is not documented: newest first and oldest first are used as long as they are seen; any other is
read to the end. Rows that move while the list is read are not missed (`fleet.pagination.walk`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.audit.backups.ages import Clock
from fleet.audit.backups.descent import Descent
from fleet.audit.backups.row_judge import RowJudge
from fleet.audit.backups.target_backups import BackupsByTarget, latest_of_each
from fleet.backup_list.sightings import Sightings
from fleet.dialect.learner import Learner
from fleet.inventory.target import Target
from fleet.pagination.traversal import UnprovenError
from fleet.pagination.walk import Walk
from fleet.serveravatar.backup_rows import read_backups as read_backup_rows
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.listing import Send
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import list_backups, read_page


@dataclass(frozen=True, slots=True)
class Reading:
    """What a walk has shown.

    Attributes:
        backups: of each target.
        sightings: what to remember.
        pages: how many pages were read.
        doubt: why it is unproven that no row slipped through; empty if it is proven.
    """

    backups: BackupsByTarget
    sightings: Sightings
    pages: int
    doubt: str


async def read_backups(
    send: Send,
    organization: int,
    targets: Sequence[Target],
    remembered: Sightings | None,
    clock: Clock,
    learner: Learner,
) -> Reading:
    """Read the list until older rows could change nothing for any target.

    Args:
        send: sends a request and returns the JSON of its response.
        organization: whose list.
        targets: whose backups are looked for.
        remembered: what the last audit saw; None to read it all again.
        clock: the time.
        learner: of the API's dialect.

    Raises:
        ApiError: a page could not be read, or the list did not hold still.
        ApiUnusableError: no request of this run can succeed.
    """
    walk, gathered = Walk[Backup](), _Gathered(targets, remembered, clock, learner)
    while (number := walk.next_page) is not None:
        request, traversals = list_backups(organization, number), walk.traversals
        page = read_page(request, await send(request))
        learner.take_page(page)
        try:
            rows = walk.take(page, read_backup_rows(page.rows))
            if walk.traversals > traversals:
                gathered = _Gathered(targets, remembered, clock, learner)
            if gathered.take(rows, is_in_order=walk.is_in_order) and walk.is_going_down:
                walk.enough()
        except UnprovenError as error:
            raise ApiError(request.call, Meaning.IN_DOUBT, str(error)) from None
    sightings = gathered.whole(walk.seen) if walk.is_whole else gathered.part(walk.seen)
    return Reading(gathered.backups, sightings, walk.pages, walk.doubt)


class _Gathered:
    """What one traversal of the list has gathered, with what is remembered once it has come down to that."""

    def __init__(self, targets: Sequence[Target], remembered: Sightings | None, clock: Clock, learner: Learner) -> None:
        self._judge = RowJudge(learner, clock, remembered.backups if remembered else ())
        self.backups = BackupsByTarget(targets, clock, self._judge)
        self._now = clock.now
        self._descent = Descent()
        self._remembered = remembered
        self._read_down_to = remembered.read_down_to if remembered else 0
        self._is_joined = False
        self._floor = 2**63
        self._kept: tuple[Backup, ...] = ()

    def take(self, rows: Sequence[Backup], *, is_in_order: bool) -> bool:
        """Take rows; return whether older ones could change nothing."""
        self._descent.take(rows)
        self.backups.take(rows)
        if not is_in_order or not self._descent.times_fall:
            return False
        self.backups.take(self._joined())
        return self._floor == 0 or self.backups.is_settled(self._oldest)

    def whole(self, seen: dict[int, Backup]) -> Sightings:
        """What is known once the whole list was read."""
        latest = latest_of_each(seen.values(), self._judge)
        return Sightings(tuple(latest), 0, self._descent.oldest, self._now, self._now)

    def part(self, seen: dict[int, Backup]) -> Sightings:
        """What is known if reading stopped before the end."""
        rows = [*seen.values(), *(row for row in self._kept if row.id not in seen)]
        since = self._remembered.since if self._remembered and self._is_joined else self._now
        floor = min(self._descent.lowest, self._floor)
        return Sightings(tuple(latest_of_each(rows, self._judge)), floor, self._oldest, self._now, since)

    def _joined(self) -> tuple[Backup, ...]:
        """What is remembered of the rows below those read, when reading has just come down to them; otherwise nothing.

        A remembered row above them that was not seen again was deleted.
        """
        if self._remembered is None or self._is_joined or self._descent.lowest > self._read_down_to:
            return ()
        self._is_joined, self._floor = True, self._remembered.floor
        self._kept = tuple(row for row in self._remembered.backups if row.id < self._descent.lowest)
        return self._kept

    @property
    def _oldest(self) -> datetime | None:
        """The time of the oldest row that was read, now or earlier."""
        known = self._remembered.oldest if self._remembered and self._is_joined else None
        return min(filter(None, (known, self._descent.oldest)), default=None)
