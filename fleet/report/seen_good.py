"""What the results of a run say about its targets to the next one: which were seen good, and which no longer. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from fleet.observed.observed import Observed
from fleet.observed.trust import LastGood, digest_of
from fleet.report.outcome import Outcome, Result

_GOOD: Final = frozenset({Outcome.VERIFIED, Outcome.ADOPTED})
_NO_LONGER_GOOD: Final = frozenset(
    {Outcome.IN_DOUBT, Outcome.UNVERIFIED, Outcome.EXHAUSTED, Outcome.REJECTED, Outcome.UNMET}
)
"""The others say nothing new: nothing was tried, or not proven."""


def seen_good(
    results: Iterable[Result], observed: Observed, checked_at: float, took: Mapping[str, float]
) -> dict[str, LastGood]:
    """What is known of the instant backups that were seen good, by their key without a run.

    Args:
        results: of a run.
        observed: what its check has shown.
        checked_at: when it checked; epoch seconds.
        took: seconds from the acceptance of a backup until it was seen complete, by place; as before where unknown.
    """
    return {
        result.target.key(""): LastGood(
            digest_of(result.target),
            checked_at,
            result.total_mb or observed.size_mb(result.target),
            result.application,
            result.domain,
            took.get(result.target.place) or _took_before(result, observed),
        )
        for result in results
        if result.outcome in _GOOD and not result.target.request.automatic_backup
    }


def _took_before(result: Result, observed: Observed) -> float:
    last = observed.trusted.get(result.target.place)
    return last.seconds if last else 0.0


def no_longer_good(results: Iterable[Result]) -> list[str]:
    """The keys, without a run, of targets that a later run must look up again."""
    return [result.target.key("") for result in results if result.outcome in _NO_LONGER_GOOD]
