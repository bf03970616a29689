"""How far the proof of each awaited backup has come, look by look: judged by the rows that were recognised as it."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from fleet.inventory.request import BackupRequest
from fleet.proof.duplicates import judge_all
from fleet.proof.known_api import KnownApi
from fleet.proof.placement import placement_note
from fleet.proof.proof import Completion, Proof
from fleet.proof.recognition import Recognition
from fleet.proof.sought import Sought
from fleet.serveravatar.models import Backup

Judged = Callable[[Backup, BackupRequest, Proof], None]
"""Called with each backup that was judged and its request, so that what the API shows is learned from it."""


class Proving:
    """What is awaited, and what was seen of it.

    Attributes:
        sought: all that was ever awaited, by key.
        awaited: what has not ended yet, by key.
        proofs: how far each backup that was seen is, by key.
        recognition: of what is awaited; it must have taken, and claimed, the rows that are judged.
        ended: called for each that has ended, well or not.
    """

    def __init__(self, sought: Collection[Sought], recognition: Recognition, ended: Callable[[], None]) -> None:
        self.sought = {each.key: each for each in sought}
        self.awaited = dict(self.sought)
        self.proofs: dict[str, Proof] = {}
        self.recognition = recognition
        self.ended = ended
        self._look = 0
        self._as_seen: dict[int, tuple[Backup, int]] = {}

    def begin_look(self) -> None:
        """Begin a look: what was seen before counts as an earlier one."""
        self._look += 1
        self.recognition.begin_look()

    def await_too(self, sought: Collection[Sought]) -> int:
        """Await these, too; return how many of them are new."""
        new = {each.key: each for each in sought if each.key not in self.sought}
        self.sought |= new
        self.awaited |= new
        self.recognition.add(new.values())
        return len(new)

    def judge(self, keys: Collection[str], api: KnownApi, judged: Judged) -> bool:
        """Judge what was just seen of the awaited.

        Args:
            keys: of what is judged.
            api: what the API is known to show.
            judged: called with each backup that was judged.

        Returns:
            Whether some of it still runs, and does not lack merely another look.
        """
        runs = False
        for key in keys:
            if not (rows := self.recognition.rows_of(key)):
                continue
            request = self.sought[key].target.request
            proof = judge_all(rows, request, api, self._seen_before(rows))
            if key not in self.awaited and proof.needs_another_look and key in self.proofs:
                continue  # It had its two looks already.
            proof = self.proofs[key] = self._with_evidence(key, proof)
            if key not in self.awaited:
                continue
            judged(next((row for row in rows if row.id == proof.backup_id), rows[0]), request, proof)
            if proof.completion is not Completion.PENDING:
                self._end(key)
            else:
                runs = runs or not proof.needs_another_look
        return runs

    def conclude(self, api: KnownApi, judged: Judged) -> None:
        """Judge again what lacks nothing but another look: similar backups may have been seen complete since."""
        waiting = [
            key
            for key in self.awaited
            if key in self.proofs
            and self.proofs[key].needs_another_look
            and any(map(self.recognition.was_taken, self.recognition.rows_of(key)))
        ]
        self.judge(waiting, api, judged)

    def _with_evidence(self, key: str, proof: Proof) -> Proof:
        note = "; ".join(part for part in (proof.note, placement_note(self.recognition, key)) if part)
        return replace(proof.recognised_by(self.recognition.evidence_of(key)), note=note)

    def _seen_before(self, rows: Iterable[Backup]) -> frozenset[int]:
        """The ids of rows that an earlier look has shown as they are now; all are remembered as they are now."""
        unchanged = set()
        for row in rows:
            known = self._as_seen.get(row.id)
            if known is None or known[0] != row:
                self._as_seen[row.id] = row, self._look
            elif known[1] < self._look and self.recognition.was_taken(row):
                unchanged.add(row.id)
        return frozenset(unchanged)

    def _end(self, key: str) -> None:
        del self.awaited[key]
        for row in self.recognition.rows_of(key):
            self._as_seen.pop(row.id, None)
        self.ended()
