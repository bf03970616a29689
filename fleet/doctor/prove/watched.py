"""What was seen of one backup, look by look, and what follows from it: how it went, and what its API shows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from fleet.dialect.dialect import OFTEN, Dialect, Order
from fleet.dialect.learner import Learner
from fleet.doctor.naming import HIDDEN, how_shown
from fleet.doctor.prove.proven import Proven
from fleet.inventory.request import BackupRequest
from fleet.ledger.entry import Entry
from fleet.proof.proof import Completion, Proof
from fleet.report.outcome import Outcome
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Page

CERTAIN: Final = 30.0
"""Seconds after which a row without a name may be taken for it: until then its own, with the name, may still show."""


@dataclass(slots=True)
class Watched:
    """What was seen of one backup; times in seconds from its create.

    Attributes:
        row: as it was seen last.
        raw: the same as it came.
        is_named: whether it shows its key.
        candidates: how many rows without a key may be it.
        shown_after: when it was first seen.
        absent_at: when the last look before that did not show it.
        took: when it had ended.
        words: of its status, in their order.
        looks: how many there were.
        looked_at: when the last one was.
        proof: how far it was when it was seen last.
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

    def look(self, since: float) -> None:
        """A look has ended."""
        self.looks += 1
        self.looked_at = since

    def see(self, row: Backup, raw: Mapping[str, object], since: float, proof: Proof) -> None:
        """A look shows it; another row than before, and what was seen was somebody else's."""
        if self.row is None or self.row.id != row.id:
            self.shown_after, self.absent_at, self.took, self.words = since, self.looked_at, None, []
        self.row, self.raw, self.proof = row, raw, proof
        if row.status and [row.status] != self.words[-1:]:
            self.words.append(row.status)
        if proof.completion is not Completion.PENDING and self.took is None:
            self.took = since

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be seen."""
        return self.took is not None and (self.is_named or self.looked_at >= CERTAIN)

    @property
    def is_certain(self) -> bool:
        """Whether it is known which row is it."""
        return self.row is not None and (self.is_named or self.candidates <= 1)

    def disown(self) -> None:
        """The row belongs to another run."""
        self.row, self.raw, self.proof = None, {}, Proof()

    def name(self, sent: str = "") -> str:
        """How its name is shown; empty where it is not known which row is it."""
        return (how_shown(self.raw, sent) or HIDDEN) if self.is_certain else ""

    def facts(self, entry: Entry, request: BackupRequest) -> Dialect:
        """What it has shown of the dialect, without anything that was known before."""
        eyes = Learner()
        if self.row is None or not self.is_certain or entry.sent_at is None:
            return eyes.dialect
        eyes.take_page(Page([self.raw]))
        eyes.judged(self.row, request, self.proof)
        if self.name() == HIDDEN:
            eyes.nameless(entry.key)
        else:
            eyes.named(entry.key, self.row)
        if not entry.doubtful:  # Else when it was taken on is not known.
            self._time(eyes, self.row, entry.sent_at)
        # One row is no list.
        return eyes.dialect.model_copy(update={"totals": None, "page_size": None, "order": Order.UNKNOWN})

    def _time(self, eyes: Learner, row: Backup, sent_at: float) -> None:
        for _ in range(OFTEN):  # One that was watched from its intent on tells as much as several found later.
            eyes.dated(row, sent_at)
        if self.shown_after is not None:
            eyes.shown(self.shown_after)
            if self.absent_at:
                eyes.shown_late(self.shown_after)

    def result(self, sent_name: str, *, in_doubt: bool) -> Proven:
        """How it went."""
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
                return Outcome.IN_DOUBT, "nobody knows whether it was created; it was not sent again: look in the panel"
            return Outcome.UNVERIFIED, "the API has accepted it, and its list never showed it"
        if not self.is_certain:
            return Outcome.IN_DOUBT if in_doubt else Outcome.UNVERIFIED, "several rows without a name may be it"
        how = f"evidence: {self.proof.evidence or 'none'}"
        if self.proof.completion is Completion.COMPLETE:
            return Outcome.VERIFIED, how
        return Outcome.UNVERIFIED, f"{how}; it is {self.proof.completion}"


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
