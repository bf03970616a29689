"""How a budget is given out: a number of requests per window of some seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How the budget is given out.

    Attributes:
        allowance: requests per window.
        window: length of the window in seconds.
    """

    allowance: int
    window: float
