"""One budget for all processes of an account: small grants from the pace they share in the ledger's database.

A ledger that is unreachable or locked must not stop a run: the process then follows its own pace, which has counted
everything it sent, logs that, and tries again later (docs/decisions/0009-one-budget.md).
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from fleet.ledger.budget.shared_pace import NoLedgerError, SharedPace
from fleet.ledger.database.engine import LedgerError
from fleet.serveravatar.account import Account
from fleet.serveravatar.rate_limit.budget import Sent
from fleet.serveravatar.rate_limit.headers import RateLimitHeaders
from fleet.serveravatar.rate_limit.pace import MARGIN, Cause, Hold, Pace
from fleet.serveravatar.rate_limit.window import Grant

PART: Final = 20
"""A grant is this part of the allowance, and at least one request."""
LONGEST_USE: Final = 5.0
"""Seconds within which a grant must be used; a quarter of the window if that is shorter."""
ALONE_SECONDS: Final = 30.0
"""How long a process paces itself before it tries an unusable ledger again."""


@dataclass(frozen=True, slots=True)
class _Counted(Sent):
    """A request that also counts in the process's own pace; `grant` is 0 if it is not shared with other processes."""

    own: int


@dataclass(frozen=True, slots=True)
class _Report:
    """A response to share with the other processes."""

    sent: Sent
    at: float
    headers: RateLimitHeaders
    refused: bool


class SharedBudget:
    """The budget of one process of an account (`fleet.serveravatar.rate_limit.budget.Budget`)."""

    def __init__(
        self, url: str, account: Account, clock: Callable[[], float], warn: Callable[[str], None] = lambda _: None
    ) -> None:
        """Prepare it; the ledger is opened when the first request asks.

        Args:
            url: of the ledger.
            account: whose budget it is.
            clock: the client's clock.
            warn: called when the process paces itself, with the reason.
        """
        self.ask_again: float | None = min(0.2, account.window / 20)
        self._shared = SharedPace(url, account)
        self._own = Pace(account.requests_per_minute, account.window, account.share)
        self._clock = clock
        self._warn = warn
        self._use_seconds = min(LONGEST_USE, account.window / 4)
        self._grant, self._left, self._use_by = 0, 0, -inf
        self._in_flight: Counter[int] = Counter()
        self._reports: list[_Report] = []
        self._blocked_until = -inf
        self._alone_until = -inf
        self._lock = asyncio.Lock()
        self._beat: asyncio.Task[None] | None = None
        self._urgent: asyncio.Task[Hold | None] | None = None

    @property
    def allowance(self) -> int:
        """Requests per window for the whole account."""
        return self._own.allowance

    @property
    def window(self) -> float:
        """Its length in seconds."""
        return self._own.window

    def take(self, now: float) -> Sent | None:
        """Count a request as sent if the current grant has room."""
        if now < self._alone_until:
            return None if self._own.hold(now) else _Counted(0, now, self._own.grant(now).number)
        if not self._has_room(now):
            return None
        self._left -= 1
        self._in_flight[self._grant] += 1
        return _Counted(self._grant, now, self._own.grant(now).number)

    async def ask(self, now: float) -> Hold | None:
        """Ask for a grant; from its own pace if the ledger cannot be used."""
        if now < self._alone_until:
            return self._own.hold(now)
        if now < self._blocked_until:
            return Hold(self._blocked_until - now, Cause.LIMIT)
        return await self._settle(wanted=True)

    def unsend(self, sent: Sent) -> None:
        """Uncount a request that was not sent after all."""
        self._own.give_back(self._of(sent).own, 1)
        self._in_flight[sent.grant] -= 1
        if sent.grant == self._grant:
            self._left += 1

    def answered(self, sent: Sent, now: float, headers: RateLimitHeaders) -> None:
        """Note a response; it is shared with the next request for a grant, or soon."""
        self._own.answered(self._of(sent).own, sent.at, now, headers)
        self._note(_Report(sent, now, headers, refused=False))

    def refused(self, sent: Sent, now: float, headers: RateLimitHeaders) -> float:
        """Note a 429; it is shared at once."""
        seconds = self._own.refused(self._of(sent).own, now, headers)
        self._blocked_until = max(self._blocked_until, now + seconds)
        self._note(_Report(sent, now, headers, refused=True))
        self._urgent = asyncio.create_task(self._settle(wanted=False))
        return seconds

    async def close(self) -> None:
        """Return what was not used, and share the last responses."""
        if self._beat:
            self._beat.cancel()
        await asyncio.gather(*filter(None, (self._beat, self._urgent)), return_exceptions=True)
        self._use_by = -inf
        if self._has_news():
            await self._settle(wanted=False)
        await self._shared.close()

    def _has_room(self, now: float) -> bool:
        return self._left > 0 and self._blocked_until <= now < self._use_by

    @staticmethod
    def _of(sent: Sent) -> _Counted:
        if not isinstance(sent, _Counted):
            raise TypeError("this request was counted by another budget")
        return sent

    def _note(self, report: _Report) -> None:
        self._in_flight[report.sent.grant] -= 1
        self._reports.append(report)
        if self._beat is None or self._beat.done():
            self._beat = asyncio.create_task(self._beating(self._use_seconds))

    def _has_news(self) -> bool:
        return bool(self._reports or self._left or +self._in_flight) and self._clock() >= self._alone_until

    async def _beating(self, seconds: float) -> None:
        """Share at intervals, for as long as there is something to share."""
        await asyncio.sleep(seconds)
        while self._has_news():
            await self._settle(wanted=False)
            await asyncio.sleep(self._use_seconds)

    async def _settle(self, *, wanted: bool) -> Hold | None:
        """Share responses and unused requests; take a new grant if one is wanted."""
        async with self._lock:
            if wanted and self._has_room(self._clock()):
                return None
            try:
                return await self._exchange(wanted=wanted)
            except NoLedgerError:
                self._alone_until = inf  # A dry run without a ledger.
            except (LedgerError, TimeoutError) as error:
                self._go_alone(str(error) or "the ledger does not respond")
            return self._own.hold(self._clock()) if wanted else None

    def _go_alone(self, why: str) -> None:
        self._alone_until = self._clock() + ALONE_SECONDS
        self._left = 0
        del self._reports[: -10 * PART]  # Late reports are worth little to the others.
        self._warn(f"the request budget is not shared with other runs for now; this run paces itself: {why}")

    async def _exchange(self, *, wanted: bool) -> Hold | None:
        reports = list(self._reports)
        unused = self._left if self._clock() >= self._use_by or self._clock() < self._blocked_until else 0
        self._left -= unused

        def act(pace: Pace, now: float) -> tuple[Hold | None, Grant | None, int]:
            shift = now - self._clock()
            expires = now + self._use_seconds + pace.window + MARGIN
            pace.give_back(self._grant, unused)
            for report in reports:
                if report.refused:
                    pace.refused(report.sent.grant, report.at + shift, report.headers)
                else:
                    pace.answered(report.sent.grant, report.sent.at + shift, report.at + shift, report.headers)
            for number in +self._in_flight:
                pace.extend(number, expires)
            hold = pace.hold(now)
            if hold or not wanted:
                return hold, None, pace.limit
            grant = pace.grant(now, max(1, pace.allowance // PART), expires)
            return None, replace(grant, granted_at=now - shift), pace.limit

        hold, grant, self._own.limit = await self._shared.change(act)
        del self._reports[: len(reports)]
        if grant:
            self._grant, self._left, self._use_by = grant.number, grant.count, grant.granted_at + self._use_seconds
        if hold and hold.cause is Cause.LIMIT:  # Another process was refused.
            self._blocked_until = max(self._blocked_until, self._clock() + (hold.seconds or 0.0))
        return hold
