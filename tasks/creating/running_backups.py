"""The backups that hold a place under a cap: watched until each has ended, or is given up."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from prefect import get_run_logger

from fleet.backup_list.look_times import LookTimes
from fleet.inventory.target import Target
from fleet.proof.sought import Sought
from fleet.report.outcome import Exit, Halt
from fleet.report.progress import listener
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from tasks.proving.organization_watch import FIRST_OF_A_PLAN, OrganizationWatch
from tasks.proving.watches import Watches
from tasks.run.results import Results


@dataclass(frozen=True, slots=True)
class _Running:
    """A backup that holds a place: since when, and how long it may stay unseen, or unfinished."""

    target: Target
    began: float
    unseen_for: float
    overdue_after: float


@dataclass(slots=True)
class _Watched:
    """What runs in one organization, and the task that watches it."""

    running: dict[str, _Running] = field(default_factory=dict)
    times: LookTimes = field(default_factory=LookTimes)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    watching: asyncio.Task[None] | None = None


def _nobody_waits(_ended: Sequence[Target], _seconds: float) -> None:
    return


class RunningBackups:
    """Looks at what runs when it may have ended, beside the creates, and reports what has.

    Attributes:
        looked: called after each look with what has ended, and with the seconds until the next look may show more.
    """

    def __init__(
        self, watches: Watches, results: Results, page_seconds: Callable[[], float], overdue_after: float
    ) -> None:
        """Prepare; nothing is watched yet.

        Args:
            watches: over the backup lists.
            results: know whether the run has stopped.
            page_seconds: how long the account's budget makes a page of the list take.
            overdue_after: seconds after which an incomplete backup gives its place back all the same.
        """
        self.looked: Callable[[Sequence[Target], float], None] = _nobody_waits
        self._watches = watches
        self._results = results
        self._page_seconds = page_seconds
        self._overdue_after = overdue_after
        self._watched: defaultdict[int, _Watched] = defaultdict(_Watched)

    async def close(self) -> None:
        """Stop watching."""
        watching = [watched.watching for watched in self._watched.values() if watched.watching]
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)

    def covered(self, organization: int) -> int | None:
        """How far the backup list of an organization was read by now; None if it is not watched."""
        watch = self._watches.find(organization)
        return watch.watch.covered if watch else None

    def hold(self, target: Target, sought: Sought, *, covered: int | None, is_sure: bool) -> None:
        """Let a backup hold its place until it is seen to have ended.

        Args:
            target: whose backup.
            sought: what to look for.
            covered: how far the list was read before it was sent.
            is_sure: whether it certainly runs; what may not exist gives its place back sooner.
        """
        watch = self._watches.over(target.organization, [sought], covered)
        watch.watch.reads_on = True
        unseen_for = self._overdue_after if is_sure else min(FIRST_OF_A_PLAN, self._overdue_after)
        watched = self._watched[target.organization]
        watched.running[sought.key] = _Running(target, _now(), unseen_for, self._overdue_after)
        watched.changed.set()
        if watched.watching is None or watched.watching.done():
            watched.watching = asyncio.create_task(self._watch(watch, watched))
            watched.watching.add_done_callback(self._ended)

    async def _watch(self, watch: OrganizationWatch, watched: _Watched) -> None:
        """Look at what runs, when it may have ended, until nothing runs any more."""
        last = _now()
        while watched.running and not self._results.halt:
            since_last = _now() - last
            ages = [_now() - each.began for each in watched.running.values()]
            seconds = watched.times.next(ages, since_last, watch.pages * self._page_seconds())
            if await _happens(watched.changed, seconds):
                continue  # One more runs: the look may come sooner.
            ended = await self._look(watch, watched, last)
            last = _now()
            self.looked(ended, watched.times.expected or seconds)

    async def _look(self, watch: OrganizationWatch, watched: _Watched, last: float) -> list[Target]:
        """Look once, and return what has ended, or is given up."""
        try:
            await watch.look()
        except ApiUnusableError as error:
            self._results.stop(Halt(Exit.API_UNUSABLE, error.reason))
        except ApiError as error:
            listener.get().waiting(f"the backup list could not be read: {error}", 0)
        now = _now()
        over: list[Target] = []
        for key, each in list(watched.running.items()):
            age = now - each.began
            if key in watch.ended_at:
                watched.times.ended(age, now - last)
            elif age >= each.overdue_after or (age >= each.unseen_for and watch.watch.is_unseen(key)):
                watch.give_up(key)
            else:
                continue
            del watched.running[key]
            over.append(each.target)
        return over

    def _ended(self, watching: asyncio.Task[None]) -> None:
        """A watch that fails must not leave those waiting that it would have let begin."""
        if watching.cancelled():
            return
        if error := watching.exception():
            words = "the watch over the backup list failed"
            get_run_logger().error(words, exc_info=error)
            self._results.stop(Halt(Exit.UNEXPECTED, f"{words}: {error!r}"))
        self.looked([], 0)


def _now() -> float:
    """Seconds of the event loop's clock."""
    return asyncio.get_running_loop().time()


async def _happens(event: asyncio.Event, seconds: float) -> bool:
    """Whether something happens within this many seconds."""
    event.clear()
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
