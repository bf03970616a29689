"""The current conditions: the dialect, and the faults that override it."""

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
        """The current dialect."""
        return self.speaking.dialect

    def order(self) -> Order:
        """The order of the backup list: a fault's, or else the dialect's."""
        return self.faults.order() or self.dialect.order

    def late_seconds(self) -> float:
        """How long after its creation a backup appears in the list: the longer of the two delays."""
        return max(self.dialect.shows_after, self.faults.late_seconds())

    def skew_seconds(self) -> float:
        """How far the API's clock is ahead: the sum of both."""
        return self.dialect.clock_error + self.faults.skew_seconds()
