"""The one message of a run: what people read on a telephone. Problems first, and short however large the fleet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fleet.monitoring.streaks import Repeated, Streaks
from fleet.report.outcome import Outcome
from fleet.report.report import Report
from fleet.report.summary import line

_MOST_LINES: Final = 10
"""So many targets are named of each kind; the others are counted."""
_LONGEST_LINE: Final = 200
_ORDER: Final = {outcome: place for place, outcome in enumerate(Outcome)}


@dataclass(frozen=True, slots=True)
class News:
    """What is told of a run.

    Attributes:
        text: its one message: the verdict, what lasts, what is new, what is well again.
        alarmed: targets whose alarm is due with this run.
        recovered: targets that had one and are well again.
    """

    text: str
    alarmed: Sequence[Repeated] = ()
    recovered: Sequence[Repeated] = ()


def news_of(report: Report, streaks: Streaks, after: int) -> News:
    """Decide what to tell of a run.

    Args:
        report: of the run.
        streaks: of its targets.
        after: with so many bad runs in a row a target has an alarm, and later a word when it recovers.
    """
    recovered = streaks.recovered(after)
    alarmed = [each for each in streaks.lasting() if each.runs == after]
    return News(_digest(report, streaks.lasting(), recovered), alarmed, recovered)


def _digest(report: Report, lasting: Sequence[Repeated], recovered: Sequence[Repeated]) -> str:
    lasting = sorted(lasting, key=lambda each: (-each.runs, _ORDER[each.target.outcome]))
    old = [each for each in lasting if each.runs > 1]
    lines = [
        report.verdict,
        *_listed([f"{each.runs} runs in a row: {line(each.target)}" for each in old]),
        *_listed([f"new: {line(each.target)}" for each in lasting if each.runs == 1]),
        *_listed(
            [
                f"well again after {each.runs} bad runs: {each.target.server} · {each.target.application}"
                for each in recovered
            ]
        ),
    ]
    return "\n".join(lines)


def _listed(lines: Sequence[str]) -> list[str]:
    shown = [text if len(text) <= _LONGEST_LINE else f"{text[: _LONGEST_LINE - 1]}…" for text in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        shown.append(f"… and {len(lines) - _MOST_LINES} more")
    return shown


def named(repeated: Sequence[Repeated]) -> str:
    """Name targets in one line: `web-1 · shop, web-2 · blog and 3 more`."""
    names = [f"{each.target.server} · {each.target.application}" for each in repeated[:_MOST_LINES]]
    more = f" and {len(repeated) - _MOST_LINES} more" if len(repeated) > _MOST_LINES else ""
    return ", ".join(names) + more
