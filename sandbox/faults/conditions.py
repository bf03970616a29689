"""How things are now: the dialect that is spoken, and the faults that stand over it."""

from dataclasses import dataclass

from sandbox.dialects.dialect import Dialect, Order, Speaking
from sandbox.faults.book import FaultBook


@dataclass(frozen=True)
class Conditions:
    """Dialect and faults of one sandbox; both may change while it runs."""

    speaking: Speaking
    faults: FaultBook

    @property
    def dialect(self) -> Dialect:
        """What is spoken now."""
        return self.speaking.dialect

    def order(self) -> Order:
        """The order of the list of backups: a fault's, or the dialect's."""
        return self.faults.order() or self.dialect.order

    def late_seconds(self) -> float:
        """How long after its creation a backup appears in the list: the longer of the two."""
        return max(self.dialect.shows_after, self.faults.late_seconds())

    def skew_seconds(self) -> float:
        """How far the API's clock is ahead: both together."""
        return self.dialect.clock_error + self.faults.skew_seconds()
