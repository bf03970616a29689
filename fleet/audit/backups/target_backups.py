"""The backups of each target: which rows of the list are its backups, and whether older rows could change anything.

A plan's backup and an instant one count alike, if they hold the parts that the target wants. Ids, which grow, tell
what is newer; timestamps may be missing or wrong.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from fleet.audit.backups.ages import Clock
from fleet.audit.backups.matching import Match, match
from fleet.audit.backups.row_judge import RowJudge
from fleet.inventory.target import Target
from fleet.proof.parts import parts_of
from fleet.proof.proof import Completion, Proof
from fleet.serveravatar.models import Backup

COMPARED: Final = 5
"""How many good backups before the newest good one its size is compared with, by their median."""


class TargetBackups:
    """The backups of one target, as far as the list was read from its newest end."""

    def __init__(self, target: Target, clock: Clock, judge: RowJudge) -> None:
        self.target = target
        self._clock = clock
        self._judge = judge
        self._rows: dict[int, tuple[Backup, Proof]] = {}
        self._good: list[Backup] = []
        self._of_other_parts: dict[int, Backup] = {}
        self._elsewhere: dict[int, Backup] = {}

    def take(self, backup: Backup, as_what: Match) -> None:
        """Take a row into account as what it is to the target; one that was taken before counts as first seen."""
        if as_what is Match.NOTHING or backup.id in self._rows:
            return
        proof = self._judge.proof_of(backup, self.target)
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
        return _newest_first(backup for backup, _ in self._rows.values())

    @property
    def good(self) -> list[Backup]:
        """Its complete backups, the newest first."""
        return _newest_first(self._good)

    @property
    def dated_good(self) -> Backup | None:
        """The newest good one whose age is known: a newer one is younger."""
        return next((backup for backup in self.good if self._clock.began(backup)), None)

    @property
    def of_other_parts(self) -> list[Backup]:
        """Backups of the application that were not meant to hold all that the target wants, the newest first."""
        return _newest_first(self._of_other_parts.values())

    @property
    def elsewhere(self) -> list[Backup]:
        """Complete backups as the target wants them, except for their storage or database, the newest first."""
        return _newest_first(self._elsewhere.values())

    def is_settled(self, read_back_to: datetime | None) -> bool:
        """Whether older rows of the list, which come after all newer ones, could change nothing.

        Sizes are compared with backups no older than `COMPARED` of the target's longest ages before the newest good
        one.

        Args:
            read_back_to: the time of the oldest row that was read; None if no row shows one.
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


class BackupsByTarget:
    """The backups of all targets of an organization, found by what a row is of.

    Attributes:
        of: the backups of each target, by its place in the fleet file.
    """

    def __init__(self, targets: Iterable[Target], clock: Clock, judge: RowJudge) -> None:
        self.of: dict[str, TargetBackups] = {target.place: TargetBackups(target, clock, judge) for target in targets}
        self._by_application: dict[int, list[TargetBackups]] = {}
        self._by_database: dict[int, list[TargetBackups]] = {}
        for backups in self.of.values():
            request = backups.target.request
            self._by_application.setdefault(request.application_id, []).append(backups)
            if request.type == "database" and request.database_id is not None:
                self._by_database.setdefault(request.database_id, []).append(backups)
        self._open = list(self.of.values())

    def take(self, rows: Iterable[Backup]) -> None:
        """Take rows of the list into account."""
        for row in rows:
            of_application = self._by_application.get(row.application_id or 0, ())
            of_database = self._by_database.get(row.database_id or 0, ())
            matches = [(each, match(row, each.target.request)) for each in [*of_application, *of_database]]
            is_wanted = any(as_what is Match.ITS_OWN for _, as_what in matches)
            for each, as_what in matches:
                # A backup of files that another target wants is no application backup that lost its database.
                if not is_wanted or as_what not in (Match.INCOMPLETE, Match.OTHER_PARTS):
                    each.take(row, as_what)

    def is_settled(self, read_back_to: datetime | None) -> bool:
        """Whether older rows of the list could change nothing for any target (`TargetBackups.is_settled`)."""
        self._open = [backups for backups in self._open if not backups.is_settled(read_back_to)]
        return not self._open


def latest_of_each(rows: Iterable[Backup], judge: RowJudge) -> list[Backup]:
    """Leave out what no audit will need once newer rows of the same thing are known.

    Of rows that are alike in application, database, storage and parts, and so serve the same targets, enough of the
    newest are kept, and enough of the newest that are whole.
    """
    kept: dict[int, Backup] = {}
    of_any: dict[tuple[object, ...], int] = {}
    of_whole: dict[tuple[object, ...], int] = {}
    for row in _newest_first(rows):
        group = row.application_id, row.database_id, row.cloud_storage_provider_id, parts_of(row)
        for counts, counted in ((of_any, True), (of_whole, judge.is_whole(row))):
            if counted and counts.get(group, 0) <= COMPARED:
                counts[group] = counts.get(group, 0) + 1
                kept[row.id] = row
    return list(kept.values())


def _newest_first(backups: Iterable[Backup]) -> list[Backup]:
    return sorted(backups, key=lambda backup: backup.id, reverse=True)
