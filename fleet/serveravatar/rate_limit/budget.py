"""Who decides whether a request may be sent: this process alone, or all processes of the account together."""

from dataclasses import dataclass
from typing import Protocol

from fleet.serveravatar.rate_limit.headers import RateLimitHeaders
from fleet.serveravatar.rate_limit.pace import Hold, Pace


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that counts as sent: when, and under which grant."""

    grant: int
    at: float


class Budget(Protocol):
    """The request budget of one account. Times are seconds of a monotonic clock.

    Attributes:
        ask_again: seconds after which to ask again while the budget depends on responses to other processes; None if
            there are none.
    """

    ask_again: float | None

    @property
    def allowance(self) -> int:
        """Requests per window."""

    @property
    def window(self) -> float:
        """Length of the window in seconds."""

    def take(self, now: float) -> Sent | None:
        """Count a request as sent, if the budget in this process allows it."""

    async def ask(self, now: float) -> Hold | None:
        """Ask for more; None if `take` can be called again now."""

    def unsend(self, sent: Sent) -> None:
        """Stop counting a request: it was not sent after all."""

    def answered(self, sent: Sent, now: float, headers: RateLimitHeaders) -> None:
        """Account for a response, or for the failure to get one."""

    def refused(self, sent: Sent, now: float, headers: RateLimitHeaders) -> float:
        """Account for a 429; returns the seconds until requests are sent again."""

    async def close(self) -> None:
        """Return what is unused."""


class OwnBudget:
    """The budget of a process that knows no other."""

    ask_again: float | None = None

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    @property
    def allowance(self) -> int:
        """Requests per window."""
        return self._pace.allowance

    @property
    def window(self) -> float:
        """Length of the window in seconds."""
        return self._pace.window

    def take(self, now: float) -> Sent | None:
        """Count a request as sent, if the budget allows it."""
        return None if self._pace.hold(now) else Sent(self._pace.grant(now).number, now)

    async def ask(self, now: float) -> Hold | None:
        """What holds requests back; None if nothing does."""
        return self._pace.hold(now)

    def unsend(self, sent: Sent) -> None:
        """Stop counting a request: it was not sent after all."""
        self._pace.give_back(sent.grant, 1)

    def answered(self, sent: Sent, now: float, headers: RateLimitHeaders) -> None:
        """Account for a response."""
        self._pace.answered(sent.grant, sent.at, now, headers)

    def refused(self, sent: Sent, now: float, headers: RateLimitHeaders) -> float:
        """Account for a 429."""
        return self._pace.refused(sent.grant, now, headers)

    async def close(self) -> None:
        """Nothing to return."""
