"""When a reading call is retried, and after how long.

Creates are not retried here but by Prefect, where people see it.
"""

from dataclasses import dataclass

from fleet.serveravatar.catalogue import Meaning

TRANSIENT = frozenset({Meaning.UNAVAILABLE, Meaning.GATEWAY, Meaning.IN_DOUBT})
"""What may be transient; doubt does not matter for a reading call, which changes nothing."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Bounds for retries, in attempts and in time.

    Attributes:
        attempts: maximum number of attempts.
        seconds: after the first attempt, until which another one may start.
        base: longest wait before the second attempt, in seconds; doubled for each one after it.
        cap: longest wait of all, in seconds.
    """

    attempts: int = 5
    seconds: float = 120.0
    base: float = 1.0
    cap: float = 30.0

    def delay(self, attempt: int, elapsed: float, jitter: float) -> float | None:
        """Decide how long to wait before the next attempt.

        Args:
            attempt: number of attempts so far.
            elapsed: seconds since the first of them began.
            jitter: a random number from 0 to 1; the wait is between half and all of the exponential one.

        Returns:
            Seconds to wait, or None if no attempt is left.
        """
        if attempt >= self.attempts:
            return None
        wait = min(self.cap, self.base * 2 ** (attempt - 1)) * (1 + jitter) / 2
        return wait if elapsed + wait <= self.seconds else None
