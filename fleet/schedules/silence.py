"""For how long a run has been silent, by the clock of whoever watches it: no clocks of two machines are compared."""

import time
from collections.abc import Callable


class Silence:
    """What one watcher has seen of a run so far.

    Attributes:
        is_broken: whether the run was heard since the watcher began.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.is_broken = False
        self._clock = clock
        self._sign: str | None = None
        self._heard_at = clock()
        self._expired_at: float | None = None

    def heard(self, sign: str) -> float:
        """Take note of the run's last sign of life, whatever it is; return the seconds since another one came."""
        if sign != self._sign:
            self.is_broken = self._sign is not None
            self._sign, self._heard_at = sign, self._clock()
        return self._clock() - self._heard_at

    def expired(self, *, is_expired: bool) -> float:
        """Take note of whether the run's lease has expired; return for how many seconds it has been so."""
        if not is_expired:
            self._expired_at = None
            return 0.0
        self._expired_at = self._clock() if self._expired_at is None else self._expired_at
        return self._clock() - self._expired_at
