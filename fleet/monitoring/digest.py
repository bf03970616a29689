"""The one message about a run, as read on a phone: problems first, and short however large the fleet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fleet.monitoring.streaks import Repeated, Streaks
from fleet.report.outcome import Outcome
from fleet.report.report import Report
from fleet.report.summary import line

_MOST_LINES: Final = 10
"""Targets named per kind; the others are counted."""
_LONGEST_LINE: Final = 200
_ORDER: Final = {outcome: place for place, outcome in enumerate(Outcome)}


@dataclass(frozen=True, slots=True)
class News:
    """What to report about a run.

    Attributes:
        text: its message: the verdict, lasting failures, new failures, recoveries.
        alarmed: targets whose alarm is due with this run.
        recovered: targets that had an alarm and have recovered.
    """

    text: str
    alarmed: Sequence[Repeated] = ()
    recovered: Sequence[Repeated] = ()


def news_of(report: Report, streaks: Streaks, after: int) -> News:
    """Decide what to report about a run.

    Args:
        report: of the run.
        streaks: of its targets.
        after: consecutive failed runs after which a target has an alarm, and a message when it recovers.
    """
    recovered = streaks.recovered(after)
    alarmed = [each for each in streaks.lasting() if each.runs == after]
    return News(_digest(report, streaks.lasting(), recovered), alarmed, recovered)


def _digest(report: Report, lasting: Sequence[Repeated], recovered: Sequence[Repeated]) -> str:
    lasting = sorted(lasting, key=lambda each: (-each.runs, _ORDER[each.target.outcome]))
    old = [each for each in lasting if each.runs > 1]
    lines = [
        report.verdict,
        *_listed([f"{each.runs} consecutive runs: {line(each.target)}" for each in old]),
        *_listed([f"new: {line(each.target)}" for each in lasting if each.runs == 1]),
        *_listed([_recovery(each) for each in recovered]),
    ]
    return "\n".join(lines)


def _recovery(each: Repeated) -> str:
    runs = f"{each.runs} failed run{'' if each.runs == 1 else 's'}"
    return f"recovered after {runs}: {each.target.server} · {each.target.application}"


def _listed(lines: Sequence[str]) -> list[str]:
    shown = [text if len(text) <= _LONGEST_LINE else f"{text[: _LONGEST_LINE - 1]}…" for text in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        shown.append(f"… and {len(lines) - _MOST_LINES} more")
    return shown


def named(repeated: Sequence[Repeated]) -> str:
    """Targets in one line: `web-1 · shop, web-2 · blog and 3 more`."""
    names = [f"{each.target.server} · {each.target.application}" for each in repeated[:_MOST_LINES]]
    more = f" and {len(repeated) - _MOST_LINES} more" if len(repeated) > _MOST_LINES else ""
    return ", ".join(names) + more
