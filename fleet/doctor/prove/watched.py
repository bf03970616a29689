"""What was seen of one backup, look by look: how it went, and what its API shows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from fleet.dialect.dialect import OFTEN, Dialect, Order
from fleet.dialect.learner import Learner
from fleet.doctor.checks.shown_names import HIDDEN, how_shown
from fleet.doctor.prove.proven import Proven
from fleet.inventory.request import BackupRequest
from fleet.ledger.entry import Entry
from fleet.proof.absence import Looked
from fleet.proof.proof import Completion, Evidence, Proof
from fleet.report.outcome import Outcome
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Page

CERTAIN: Final = 30.0
"""Seconds after which a row without a name may be taken for it; until then one with its name may still show."""


@dataclass(slots=True)
class Watched:
    """What was seen of one backup; times in seconds from its create.

    Attributes:
        row: as last seen.
        raw: the same, as it came.
        is_named: whether it shows its key.
        candidates: how many rows without a key may be it.
        shown_after: when it was first seen.
        absent_at: when the last look before that was, which did not show it.
        took: when it was first seen to have ended.
        words: its status words, in order.
        looks: how many looks there were.
        looked_at: when the last look was.
        proof: how far it was when last seen.
    """

    row: Backup | None = None
    raw: Mapping[str, object] = field(default_factory=dict)
    is_named: bool = False
    candidates: int = 0
    shown_after: float | None = None
    absent_at: float = 0.0
    took: float | None = None
    words: list[str] = field(default_factory=list)
    looks: int = 0
    looked_at: float = 0.0
    proof: Proof = Proof()  # noqa: RUF009 - frozen

    def look(self, looked: Looked, since: float) -> None:
        """A look has ended."""
        self.looks += 1
        self.looked_at = since
        self.is_named = looked.evidence is Evidence.NAMED
        self.candidates = len(looked.candidates) + (0 if self.is_named else len(looked.rows))

    def see(self, row: Backup, raw: Mapping[str, object], since: float, proof: Proof) -> None:
        """A look shows it; if the row is another than before, what was seen was somebody else's."""
        if self.row is None or self.row.id != row.id:
            self.shown_after, self.absent_at, self.took, self.words = since, self.looked_at, None, []
        self.row, self.raw, self.proof = row, raw, proof
        if row.status and [row.status] != self.words[-1:]:
            self.words.append(row.status)
        if proof.completion is not Completion.PENDING and self.took is None:
            self.took = since

    @property
    def is_over(self) -> bool:
        """Whether further looks can show nothing new."""
        return self.took is not None and (self.is_named or self.looked_at >= CERTAIN)

    @property
    def is_certain(self) -> bool:
        """Whether it is certain which row is it."""
        return self.row is not None and (self.is_named or self.candidates <= 1)

    def disown(self) -> None:
        """The row belongs to another run."""
        self.row, self.raw, self.proof = None, {}, Proof()

    def name(self, sent: str = "") -> str:
        """How its name is shown; empty if it is not certain which row is it."""
        return (how_shown(self.raw, sent) or HIDDEN) if self.is_certain else ""

    def facts(self, entry: Entry, request: BackupRequest) -> Dialect:
        """What it has shown of the dialect, without anything that was known before."""
        learner = Learner()
        if self.row is None or not self.is_certain or entry.sent_at is None:
            return learner.dialect
        learner.take_page(Page([self.raw]))
        learner.judged(self.row, request, self.proof)
        if self.name() == HIDDEN:
            learner.nameless(entry.key)
        else:
            learner.named(entry.key, self.row)
        if not entry.doubtful:  # In doubt, it is unknown when it was accepted.
            self._time(learner, self.row, entry.sent_at)
        # One row is not a list.
        return learner.dialect.model_copy(update={"totals": None, "page_size": None, "order": Order.UNKNOWN})

    def _time(self, learner: Learner, row: Backup, sent_at: float) -> None:
        for _ in range(OFTEN):  # Watched from its intent on, it shows as much as several that are found later.
            learner.dated(row, sent_at)
        if self.shown_after is not None:
            learner.shown(self.shown_after)
            if self.absent_at:
                learner.shown_late(self.shown_after)

    def result(self, sent_name: str, *, in_doubt: bool) -> Proven:
        """How it went.

        Args:
            sent_name: the name that was sent.
            in_doubt: whether the create was left in doubt.
        """
        outcome, how = self._ended(in_doubt=in_doubt)
        return Proven(
            outcome,
            how,
            self.name(sent_name),
            candidates=0 if self.is_named else max(0, self.candidates - 1),
            shown_after=_rounded(self.shown_after),
            absent_at=round(self.absent_at, 1),
            took=_rounded(self.took),
            words=tuple(self.words),
            looks=self.looks,
        )

    def _ended(self, *, in_doubt: bool) -> tuple[Outcome, str]:
        if self.row is None:
            if in_doubt:
                return Outcome.IN_DOUBT, "it may have been created; it was not sent again: check the panel"
            return Outcome.UNVERIFIED, "the API accepted it, but its list never showed it"
        if not self.is_certain:
            return Outcome.IN_DOUBT if in_doubt else Outcome.UNVERIFIED, "several rows without a name may be it"
        how = f"evidence: {self.proof.evidence or 'none'}"
        if self.proof.completion is Completion.COMPLETE:
            return Outcome.VERIFIED, how
        return Outcome.UNVERIFIED, f"{how}; it is {self.proof.completion}"


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
