"""How a budget is given out: so many requests in each window of so many seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How the budget is given out.

    Attributes:
        allowance: requests a window.
        window: its length in seconds.
    """

    allowance: int
    window: float
