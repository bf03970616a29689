"""When a reading call is sent again, and after how long.

Creates are not retried here but by Prefect, where people see it.
"""

from dataclasses import dataclass

from fleet.serveravatar.catalogue import Meaning

TRANSIENT = frozenset({Meaning.UNAVAILABLE, Meaning.GATEWAY, Meaning.IN_DOUBT})
"""What may pass by itself: for a reading call doubt does not matter, since reading changes nothing."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Bounds of retrying, in attempts and in time.

    Attributes:
        attempts: how often a call is sent at most.
        seconds: how long after the first attempt no further one is begun.
        base: the longest wait before the second attempt, in seconds; doubled for each further one.
        cap: the longest wait of all, in seconds.
    """

    attempts: int = 5
    seconds: float = 120.0
    base: float = 1.0
    cap: float = 30.0

    def delay(self, attempt: int, elapsed: float, jitter: float) -> float | None:
        """Decide how long to wait before the next attempt.

        Args:
            attempt: how many attempts were made.
            elapsed: seconds since the first of them began.
            jitter: a random number from 0 to 1; the wait is between half and all of the exponential one.

        Returns:
            Seconds to wait, or None when enough was tried.
        """
        if attempt >= self.attempts:
            return None
        wait = min(self.cap, self.base * 2 ** (attempt - 1)) * (1 + jitter) / 2
        return wait if elapsed + wait <= self.seconds else None
