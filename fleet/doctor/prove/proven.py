"""What one real backup has shown, safe to publish. Pure."""

from dataclasses import dataclass

from fleet.report.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Proven:
    """How one instant backup went, watched from its create to its end.

    Attributes:
        outcome: how it ended, as in a run.
        how: why, without any text of the API.
        name: how its name is shown (`fleet.doctor.checks.shown_names`); empty if unknown.
        candidates: how many other rows may be it, if its name is not shown.
        shown_after: seconds from its create after which it was first seen; None if it never was.
        absent_at: seconds from its create at which it did not show yet; 0 if every look has shown it.
        took: seconds from its create to its end; None if no end was seen.
        words: its status words in order, without repetitions.
        looks: how many looks there were.
    """

    outcome: Outcome
    how: str = ""
    name: str = ""
    candidates: int = 0
    shown_after: float | None = None
    absent_at: float = 0.0
    took: float | None = None
    words: tuple[str, ...] = ()
    looks: int = 0
