"""Who says whether a request may be sent: this process by itself, or all processes of the account together."""

from dataclasses import dataclass
from typing import Protocol

from fleet.serveravatar.rate_limit.headers import RateLimitHeaders
from fleet.serveravatar.rate_limit.pace import Hold, Pace


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that was counted as sent: when, and under which grant."""

    grant: int
    at: float


class Budget(Protocol):
    """The room of one account. Times are seconds of a monotonic clock.

    Attributes:
        ask_again: after how many seconds to ask again when the room depends on answers to other processes; None when
            there are none.
    """

    ask_again: float | None

    @property
    def allowance(self) -> int:
        """How many requests a window gives."""

    @property
    def window(self) -> float:
        """Its length in seconds."""

    def take(self, now: float) -> Sent | None:
        """Count a request as sent if that is possible without asking anybody."""

    async def ask(self, now: float) -> Hold | None:
        """Ask for room; None when `take` has some now."""

    def unsend(self, sent: Sent) -> None:
        """Count a request no more: it was not sent after all."""

    def answered(self, sent: Sent, now: float, headers: RateLimitHeaders) -> None:
        """Take an answer into account, or the failure to get one."""

    def refused(self, sent: Sent, now: float, headers: RateLimitHeaders) -> float:
        """Take a 429 into account; returns the seconds until something is sent again."""

    async def close(self) -> None:
        """Give back what is not used."""


class OwnBudget:
    """The budget of a process that knows of no other one."""

    ask_again: float | None = None

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    @property
    def allowance(self) -> int:
        """How many requests a window gives."""
        return self._pace.allowance

    @property
    def window(self) -> float:
        """Its length in seconds."""
        return self._pace.window

    def take(self, now: float) -> Sent | None:
        """Count a request as sent if there is room."""
        return None if self._pace.hold(now) else Sent(self._pace.grant(now).number, now)

    async def ask(self, now: float) -> Hold | None:
        """What keeps a request from being sent."""
        return self._pace.hold(now)

    def unsend(self, sent: Sent) -> None:
        """Count a request no more: it was not sent after all."""
        self._pace.give_back(sent.grant, 1)

    def answered(self, sent: Sent, now: float, headers: RateLimitHeaders) -> None:
        """Take an answer into account."""
        self._pace.answered(sent.grant, sent.at, now, headers)

    def refused(self, sent: Sent, now: float, headers: RateLimitHeaders) -> float:
        """Take a 429 into account."""
        return self._pace.refused(sent.grant, now, headers)

    async def close(self) -> None:
        """There is nothing to give back."""
