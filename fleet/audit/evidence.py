"""The evidence for one target: which rows of the list of backups are its backups, and whether more could change it.

A backup of an automatic plan and an instant one serve a target alike, if they hold the parts that it asks for. What is
newer is told by ids, which grow; stamps may be absent or wrong.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from fleet.dialect.learner import Learner
from fleet.inventory.target import Target
from fleet.proof.ages import Clock
from fleet.proof.serving import Match, is_whole, match, parts_of, proof_of
from fleet.proof.verification import DOCUMENTED, Completion, Judging, Proof
from fleet.serveravatar.models import Backup

COMPARED: Final = 5
"""The newest good backup is compared with the median of so many good ones before it."""


class Shown:
    """What the API that was met shows of backups, and what of it an earlier audit has seen."""

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
    def judging(self) -> Judging:
        """What judging a row needs to know now."""
        return self._learner.dialect.judging(self._now)

    def proof_of(self, backup: Backup, target: Target) -> Proof:
        """Judge a row as a target's: one that an earlier audit has seen as it is now was looked at twice."""
        seen_before = self._remembered.get(backup.id) == backup
        proof = proof_of(backup, target.request, self.judging, seen_before=seen_before)
        self._learner.judged(backup, target.request, proof)
        return proof


class Evidence:
    """The backups of one target, as far as the list was read from its newest end on."""

    def __init__(self, target: Target, clock: Clock, shown: Shown) -> None:
        self.target = target
        self._clock = clock
        self._shown = shown
        self._rows: dict[int, tuple[Backup, Proof]] = {}
        self._good: list[Backup] = []
        self._of_other_parts: dict[int, Backup] = {}
        self._elsewhere: dict[int, Backup] = {}

    def take(self, backup: Backup, as_what: Match) -> None:
        """Take a row into account as what it is to the target."""
        if as_what is Match.NOTHING or backup.id in self._rows:
            return
        proof = self._shown.proof_of(backup, self.target)
        if as_what is Match.OTHER_PARTS:
            self._of_other_parts.setdefault(backup.id, backup)
        elif as_what is Match.ELSEWHERE:
            if proof.completion is Completion.COMPLETE:
                self._elsewhere.setdefault(backup.id, backup)
        else:
            self._rows[backup.id] = backup, proof
            if proof.completion is Completion.COMPLETE:
                self._good.append(backup)

    def proof(self, backup: Backup) -> Proof:
        """How far one of its backups is."""
        return self._rows[backup.id][1]

    @property
    def newest_first(self) -> list[Backup]:
        """Its backups, the newest first."""
        return [backup for backup, _ in sorted(self._rows.values(), key=lambda row: row[0].id, reverse=True)]

    @property
    def good(self) -> list[Backup]:
        """Those that are complete, the newest first."""
        return _newest_first(self._good)

    @property
    def dated_good(self) -> Backup | None:
        """The newest good one whose age is known: what is newer than it, is younger."""
        return next((backup for backup in self.good if self._clock.began(backup)), None)

    @property
    def of_other_parts(self) -> list[Backup]:
        """Backups of the application that were not to hold all that the target asks for, the newest first."""
        return _newest_first(self._of_other_parts.values())

    @property
    def elsewhere(self) -> list[Backup]:
        """Complete backups as the target asks for, but for their storage or their database, the newest first."""
        return _newest_first(self._elsewhere.values())

    def is_settled(self, read_back_to: datetime | None) -> bool:
        """Whether older rows of the list could change nothing; they come after all newer ones.

        For a comparison of sizes no older backups count than so many of the target's ages before the newest good one.

        Args:
            read_back_to: the time of the oldest row that was read; None where rows do not tell.
        """
        dated = self.dated_good
        if len(self._good) > COMPARED:
            return True
        if dated is None:
            return False
        if self.target.expectation.max_shrink is None:
            return True
        newest = self._clock.began(dated)
        if newest is None or read_back_to is None:
            return False
        longest = self.target.expectation.longest_age(self.target.request)
        return newest + self._clock.skew - read_back_to > COMPARED * longest


class EvidenceBook:
    """The evidence for all targets of an organization, found by what a row is of."""

    def __init__(self, targets: Iterable[Target], clock: Clock, shown: Shown | None = None) -> None:
        shown = shown or Shown(Learner(), clock)
        self.of: dict[str, Evidence] = {target.place: Evidence(target, clock, shown) for target in targets}
        self._by_application: dict[int, list[Evidence]] = {}
        self._by_database: dict[int, list[Evidence]] = {}
        for evidence in self.of.values():
            request = evidence.target.request
            self._by_application.setdefault(request.application_id, []).append(evidence)
            if request.type == "database" and request.database_id is not None:
                self._by_database.setdefault(request.database_id, []).append(evidence)
        self._open = list(self.of.values())

    def take(self, backups: Iterable[Backup]) -> None:
        """Take rows of the list into account; one that was taken before counts as it was seen first."""
        for backup in backups:
            of_application = self._by_application.get(backup.application_id or 0, ())
            of_database = self._by_database.get(backup.database_id or 0, ())
            matches = [
                (evidence, match(backup, evidence.target.request)) for evidence in [*of_application, *of_database]
            ]
            is_wanted = any(as_what is Match.ITS_OWN for _, as_what in matches)
            for evidence, as_what in matches:
                # A backup of files that another target asks for is no application backup without its database.
                if not is_wanted or as_what not in (Match.INCOMPLETE, Match.OTHER_PARTS):
                    evidence.take(backup, as_what)

    def is_settled(self, read_back_to: datetime | None) -> bool:
        """Whether older rows of the list could change nothing for any target."""
        self._open = [evidence for evidence in self._open if not evidence.is_settled(read_back_to)]
        return not self._open


def _newest_first(backups: Iterable[Backup]) -> list[Backup]:
    return sorted(backups, key=lambda backup: backup.id, reverse=True)


def group_of(backup: Backup) -> tuple[object, ...]:
    """What a row is of: those of one group serve the same targets."""
    storage = backup.cloud_storage_provider_id
    return backup.application_id, backup.database_id, storage, parts_of(backup)


def latest_of_each(backups: Iterable[Backup], judging: Judging = DOCUMENTED) -> list[Backup]:
    """Leave out what no audit will need once newer rows of the same group are known.

    Kept are, of each group, enough of the newest, and enough of the newest that are whole.
    """
    kept: dict[int, Backup] = {}
    of_any: dict[tuple[object, ...], int] = {}
    of_whole: dict[tuple[object, ...], int] = {}
    for backup in _newest_first(backups):
        group = group_of(backup)
        for counts, counted in ((of_any, True), (of_whole, is_whole(backup, judging))):
            if counted and counts.get(group, 0) <= COMPARED:
                counts[group] = counts.get(group, 0) + 1
                kept[backup.id] = backup
    return list(kept.values())
