"""Judges rows for an audit: as a target's backup, wherever it lies, by the same rule as a run."""

from collections.abc import Iterable

from fleet.audit.backups.ages import Clock
from fleet.dialect.learner import Learner
from fleet.inventory.target import Target
from fleet.proof.completeness import judge_parts
from fleet.proof.known_api import KnownApi
from fleet.proof.parts import missing_part, parts_of, wanted_parts
from fleet.proof.proof import Completion, Proof
from fleet.serveravatar.models import Backup


class RowJudge:
    """Judges rows by what the API is known to show, and by what an earlier audit has seen."""

    def __init__(self, learner: Learner, clock: Clock, remembered: Iterable[Backup] = ()) -> None:
        """Prepare.

        Args:
            learner: of the API's dialect; it learns from what is judged.
            clock: the time.
            remembered: rows as an earlier audit has seen them.
        """
        self._learner = learner
        self._now = clock.now
        self._remembered = {backup.id: backup for backup in remembered}

    @property
    def _api(self) -> KnownApi:
        return self._learner.dialect.known_api(self._now)

    def proof_of(self, backup: Backup, target: Target) -> Proof:
        """Judge a row as a target's; one that an earlier audit has seen as it is now has had two looks."""
        proof = self._judged(backup, target, seen_before=self._remembered.get(backup.id) == backup)
        self._learner.judged(backup, target.request, proof)
        return proof

    def _judged(self, backup: Backup, target: Target, *, seen_before: bool) -> Proof:
        part, parts = missing_part(backup, target.request), parts_of(backup)
        if not part or not parts:
            return judge_parts(backup, wanted_parts(target.request), self._api, seen_before=seen_before)
        proof = judge_parts(backup, parts, self._api, seen_before=seen_before)
        is_complete = proof.completion is Completion.COMPLETE
        return Proof(Completion.BAD, f"it holds no {part}", backup.id) if is_complete else proof

    def is_whole(self, backup: Backup) -> bool:
        """Whether every part that a row shows is complete, or lacks only another look, whatever a target wants."""
        parts = parts_of(backup)
        if parts is None:
            return False
        proof = judge_parts(backup, parts, self._api)
        return proof.completion is Completion.COMPLETE or proof.needs_another_look
