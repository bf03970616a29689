"""What one real backup has shown, without anything that is nobody's business. Pure."""

from dataclasses import dataclass

from fleet.report.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Proven:
    """How one instant backup went, that was watched from its create to its end.

    Attributes:
        outcome: how it ended, as a run says it.
        how: why, in words of our own.
        name: how its name is shown (`fleet.doctor.naming`); empty where it is not known.
        candidates: other rows that may be it, where its name is not shown.
        shown_after: seconds from its create until it showed, at most; None where it never did.
        absent_at: seconds from its create at which it did not show yet; 0 where every look has shown it.
        took: seconds from its create to its end; None where that was not seen.
        words: of its status, in their order, without repetitions.
        looks: how often the list was read for it.
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
