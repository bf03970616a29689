"""How what a program costs grows with the fleet; pure."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

TOLERANCE: Final = 1.35
"""How many times dearer another target may be over the last stretch of sizes than over the first, to be linear."""
MEASURED_SIZES: Final = 3
"""With fewer sizes nothing can be said of a bend."""


@dataclass(frozen=True, slots=True)
class Growth:
    """A straight line through what was measured, and how much the last stretch bends away from the first.

    Attributes:
        start: cost of a fleet of none.
        each: cost of one more target.
        r_squared: how much of the differences the line explains; 1 is all.
        bend: cost of one more target over the last stretch, as a multiple of that over the first. None: not measured.
    """

    start: float
    each: float
    r_squared: float
    bend: float | None

    @property
    def is_linear(self) -> bool:
        """Whether a larger fleet costs no more a target than a smaller one; a cheaper one is no fault."""
        return self.bend is None or self.bend <= TOLERANCE


def fit(points: Sequence[tuple[int, float]]) -> Growth:
    """Fit a line to (targets, cost), the smallest fleet first.

    Raises:
        ValueError: there are not two sizes.
    """
    targets, costs = [float(number) for number, _ in points], [cost for _, cost in points]
    if len(set(targets)) < MEASURED_SIZES - 1:
        raise ValueError("a line needs two sizes of fleets")
    line = statistics.linear_regression(targets, costs)
    same = len(set(costs)) == 1
    r_squared = 1.0 if same else statistics.correlation(targets, costs) ** 2
    return Growth(line.intercept, line.slope, r_squared, _bend(points))


def _bend(points: Sequence[tuple[int, float]]) -> float | None:
    if len(points) < MEASURED_SIZES:
        return None
    first, last = _slope(points[0], points[1]), _slope(points[-2], points[-1])
    return last / first if first > 0 else None


def _slope(smaller: tuple[int, float], larger: tuple[int, float]) -> float:
    return (larger[1] - smaller[1]) / (larger[0] - smaller[0])
