"""How far the proof of one backup has come, and what it rests on: the values that runs, audits and reports share."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Completion(StrEnum):
    """How far a backup is; the best first."""

    COMPLETE = "complete"
    PENDING = "pending"
    DOUBTFUL = "doubtful"
    """It has ended and is not, or not certainly, what was requested: a person checks it; it is not made again."""
    BAD = "bad"
    """It has ended without a usable archive: the next run of the key makes it again."""


class Evidence(StrEnum):
    """How a backup was recognised as the requested one, and its end; the strongest first."""

    NAMED = "named"
    """The list shows its key in its name, and everything that is documented of a complete backup."""
    PLACED = "placed"
    """The list shows no name: the row is newer than the intent, of the same thing and storage, and claimed by no one
    else."""
    INFERRED = "inferred"
    """Something undocumented is shown, or something documented is missing; the rest was the same on two looks."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How far the proof of one backup has come.

    Attributes:
        completion: how far the backup was when last seen.
        reason: what is missing or wrong; empty when complete.
        backup_id: its id in the list, once seen there.
        twins: the ids of all its backups, if there is more than one.
        inferred: whether it is complete, or would be on a second equal look, despite something undocumented.
        note: what else a person should know about it.
        evidence: how it was recognised and judged; None if it was not seen.
        total_mb: MB of the wanted parts before packing; None if the row does not show them all.
    """

    completion: Completion = Completion.PENDING
    reason: str = "no backup found"
    backup_id: int | None = None
    twins: tuple[int, ...] = ()
    inferred: bool = False
    note: str = ""
    evidence: Evidence | None = None
    total_mb: float | None = None

    @property
    def remark(self) -> str:
        """What a person should know besides how it ended: its duplicates, and what the list does not show."""
        ids = ", ".join(map(str, self.twins))
        more = f"made {len(self.twins)} times, backups {ids}: delete all but one"
        if self.evidence not in (None, Evidence.NAMED):
            more = f"sent more than once; each of backups {ids} may be it or somebody else's: compare them in the panel"
        return "; ".join(part for part in (more if self.twins else "", self.note) if part)

    def recognised_by(self, evidence: Evidence | None) -> "Proof":
        """The proof of a backup that was recognised by this evidence; complete by inference outweighs it."""
        is_inferred = self.inferred and self.completion is Completion.COMPLETE
        return replace(self, evidence=Evidence.INFERRED if is_inferred else evidence)

    @property
    def needs_another_look(self) -> bool:
        """Whether nothing but a second, equal look is missing."""
        return self.inferred and self.completion is Completion.PENDING
