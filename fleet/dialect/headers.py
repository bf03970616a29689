"""What the headers of all answers of a run say of the API: its clock, and whether it tells the rate limit."""

from collections.abc import Mapping
from statistics import median_low

from fleet.dialect.clock import clock_error
from fleet.dialect.learner import Learner
from fleet.serveravatar.rate_limit.headers import RateLimitHeaders, read_headers

_KEPT = 50


class Headers:
    """Hears the headers of each answer (`fleet.serveravatar.client.Client`)."""

    def __init__(self) -> None:
        self._ahead: list[float] = []
        self._limits = False
        self._heard = False

    def __call__(self, headers: Mapping[str, str], heard_at: float) -> None:
        """Take note of the headers of one answer.

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
        """Tell a learner what was heard; nothing where no answer came."""
        if self._heard:
            learner.answered(median_low(self._ahead) if self._ahead else None, limit_headers=self._limits)
