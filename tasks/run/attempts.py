"""How often a run has sent the create of each target."""

import time
from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Attempts:
    """How often the create of one target was sent in this run, and how long that took.

    Attributes:
        count: how often it was sent.
        began: when it was first sent, in seconds of the monotonic clock.
        ended: when the last response arrived or was lost.
        in_flight: whether a request is in flight.
        sent_at: when it was last sent, by the clock of the run; None if never.
        complete: when its backup was seen complete; 0 if it was not.
        acted: whether this run took the target on, and did not merely find it ended by another.
    """

    count: int = 0
    began: float = 0.0
    ended: float = 0.0
    in_flight: bool = False
    sent_at: datetime | None = None
    complete: float = 0.0
    acted: bool = False

    @property
    def seconds(self) -> float:
        """How long all attempts took together."""
        return max(0.0, self.ended - self.began) if self.count else 0.0

    @property
    def took(self) -> float:
        """Seconds from the last response until its backup was seen complete; 0 if it was not."""
        return max(0.0, self.complete - self.ended)

    def begin(self, now: datetime) -> None:
        """Count an attempt that is being made."""
        self.began = self.began or time.monotonic()
        self.count += 1
        self.in_flight = True
        self.sent_at = now

    def end(self) -> None:
        """Note the time of a response, or of its absence."""
        self.ended = time.monotonic()
        self.in_flight = False
