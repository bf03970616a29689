"""The watches of a run: one for each organization in which it has started something."""

from collections.abc import Callable, Collection
from datetime import datetime

from fleet.proof.proof import Proof
from fleet.proof.sought import Sought
from tasks.proving.organization_watch import OrganizationWatch
from tasks.run.backup_lists import BackupLists


class Watches:
    """Begins a watch where the first backup is awaited, and lets it await the others of its organization."""

    def __init__(self, lists: BackupLists, clock: Callable[[], datetime]) -> None:
        """Prepare; nothing is watched yet.

        Args:
            lists: the backup lists of the run.
            clock: the time.
        """
        self._lists = lists
        self._clock = clock
        self._watches: dict[int, OrganizationWatch] = {}

    def over(self, organization: int, sought: Collection[Sought], covered: int | None = None) -> OrganizationWatch:
        """The watch over the list of an organization: begun with what is sought, or told to await this, too.

        Args:
            organization: whose list.
            sought: what was sent.
            covered: how far the list was read before it was sent; by default as far as it is now.
        """
        watch = self._watches.get(organization)
        if watch is None:
            watch = OrganizationWatch(self._lists.of(organization), sought, self._clock)
            self._watches[organization] = watch
        else:
            watch.await_too(sought, covered)
        return watch

    def find(self, organization: int) -> OrganizationWatch | None:
        """The watch over the list of an organization; None if nothing was awaited there."""
        return self._watches.get(organization)

    def ended_at(self) -> dict[str, datetime]:
        """When each backup was seen to have ended, by key."""
        return {key: at for watch in self._watches.values() for key, at in watch.ended_at.items()}

    def proofs(self) -> dict[str, Proof]:
        """What was proven of those that were seen to have ended, by key."""
        return {key: each.watch.proofs[key] for each in self._watches.values() for key in each.ended_at}
