"""What the response headers of a run show of the API: its clock, and whether it announces the rate limit."""

from collections.abc import Mapping
from statistics import median_low

from fleet.dialect.clock import clock_error
from fleet.dialect.learner import Learner
from fleet.serveravatar.rate_limit.headers import RateLimitHeaders, read_headers

_KEPT = 50


class Headers:
    """Collects from the headers of each response (`fleet.serveravatar.client.Client`)."""

    def __init__(self) -> None:
        self._ahead: list[float] = []
        self._limits = False
        self._heard = False

    def __call__(self, headers: Mapping[str, str], heard_at: float) -> None:
        """Note the headers of one response.

        Args:
            headers: names in lower case.
            heard_at: when it came, in epoch seconds.
        """
        self._heard = True
        self._limits = self._limits or read_headers(headers, heard_at) != RateLimitHeaders()
        ahead = clock_error(headers, heard_at)
        if ahead is not None and len(self._ahead) < _KEPT:
            self._ahead.append(ahead)

    def teach(self, learner: Learner) -> None:
        """Pass on to a learner what was collected; nothing if no response came."""
        if self._heard:
            learner.answered(median_low(self._ahead) if self._ahead else None, limit_headers=self._limits)
