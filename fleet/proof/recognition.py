"""Which rows of the list of backups are what was sent for: by evidence, the strongest first. Pure.

*Named*: the key of an instant backup stands in the row (`fleet.inventory.naming`). *Placed*: the row is of the same
organization, server, application, database, storage and parts, is newer than an exact mark that was taken before the
intent, and belongs to nobody else. Whose a placed row is, the ledger says: it is claimed there before anything is
concluded from it, so that no two targets, and no two runs, share one. Source: docs/decisions/0019-the-dialect.md.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from fleet.inventory.naming import KnownKeys, marks_in
from fleet.inventory.request import BackupRequest
from fleet.proof.serving import Parts, parts_of
from fleet.proof.sought import Sought
from fleet.proof.status_words import Speech, speech_of
from fleet.proof.verification import Evidence, misplaced, twins
from fleet.serveravatar.models import Backup

CLOCK_TOLERANCE: Final = timedelta(minutes=2)
"""A row may be dated so long before its create was sent: clocks differ, and stamps are cut to seconds."""
CHANGE_OF_CLOCKS: Final = timedelta(hours=1)
"""A zone that was learned on another day may be off by as much."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What is known of the list that makes placing sound.

    Attributes:
        names_shown: whether the list shows the name of every instant backup, so that one without ours is not ours.
        known_plans: the ids of plans that the ledger knows: their rows are theirs.
        offset: how far stamps are from UTC; None where nobody knows: then ids alone decide what is newer.
        tolerance: how much older than its create a row may be dated all the same.
    """

    names_shown: bool = False
    known_plans: frozenset[int] = frozenset()
    offset: timedelta | None = None
    tolerance: timedelta = CLOCK_TOLERANCE + CHANGE_OF_CLOCKS

    def is_dated_before(self, backup: Backup, sent_at: float | None) -> bool:
        """Whether a row is certainly older than what was sent at that time."""
        if backup.created_at is None or self.offset is None or sent_at is None:
            return False
        return backup.created_at - self.offset < datetime.fromtimestamp(sent_at, UTC) - self.tolerance


def is_like(backup: Backup, each: Sought) -> bool:
    """Whether a row is of the same thing, in the same storage, with the same parts.

    What a row does not show is not held against it, but for what it is of: application or database.
    """
    target, request = each.target, each.target.request
    if backup.organization_id not in (None, target.organization) or backup.server_id not in (None, target.server_id):
        return False
    if backup.deleted_at is not None or misplaced(backup, request):
        return False
    of_application = backup.application_id == request.application_id
    of_database = backup.database_id is not None and backup.database_id == request.database_id
    if not of_application and not (request.type == "database" and backup.application_id is None and of_database):
        return False
    return _has_its_parts(backup, request)


def _has_its_parts(backup: Backup, request: BackupRequest) -> bool:
    parts, wanted = parts_of(backup), Parts(request.wants_application, request.wants_database)
    if parts is None or parts == wanted:
        return True
    has_more = parts.application > wanted.application or parts.database > wanted.database
    tells = bool(backup.application_extension or backup.database_extension)
    # Of one that goes on, a part may only have no size yet.
    return not (has_more or tells) and speech_of(backup.status) is not Speech.DONE


class Recognition:
    """Recognises what is sought among the rows of the list, row by row."""

    def __init__(self, sought: Collection[Sought], grounds: Grounds = Grounds()) -> None:
        self.grounds = grounds
        self._sought: dict[str, Sought] = {}
        self._keys = KnownKeys()
        self._of_application: defaultdict[int, list[Sought]] = defaultdict(list)
        self._of_database: defaultdict[int, list[Sought]] = defaultdict(list)
        self._named: dict[str, tuple[Backup, ...]] = {}
        self._nameless: dict[str, dict[int, Backup]] = {}
        self._owners: dict[int, str] = {}
        self._old_plans: set[int] = set()
        self._oldest_mark = 2**63
        self._taken: set[int] = set()
        self._marked: set[int] = set()
        self.add(sought)

    def begin_look(self) -> None:
        """Begin to look: what is taken from now on is as the list has it now."""
        self._taken.clear()

    def was_taken(self, backup: Backup) -> bool:
        """Whether this look has shown a row; what only an earlier one has shown may have gone since."""
        return backup.id in self._taken

    def add(self, sought: Collection[Sought]) -> None:
        """Recognise these, too."""
        new = [each for each in sought if each.key not in self._sought]
        self._sought |= {each.key: each for each in new}
        self._keys.add([each.key for each in new if not each.target.request.automatic_backup])
        for each in new:
            request = each.target.request
            self._of_application[request.application_id].append(each)
            if request.type == "database" and request.database_id is not None:
                self._of_database[request.database_id].append(each)
            self._oldest_mark = min(self._oldest_mark, each.since.backup)

    def take(self, backup: Backup) -> list[str]:
        """Look at one row, or again at one that may have gone on; return the keys that it is known to be of."""
        self._taken.add(backup.id)
        if backup.backup_config_id is not None and backup.id <= self._oldest_mark:
            self._old_plans.add(backup.backup_config_id)
        if marks := marks_in(backup.names):
            self._marked.add(backup.id)  # Whoever has taken it for its own before it showed a key was wrong.
            return self._take_named(backup, marks)
        recognised = []
        for each in self._sought_of(backup):
            rows = self._nameless.setdefault(each.key, {})
            # One that was like it stays known, so that its end is seen.
            if backup.id in rows or is_like(backup, each):
                rows[backup.id] = backup
                recognised += [each.key] if self._is_own(backup, each.key) else []
        return recognised

    def _sought_of(self, backup: Backup) -> Iterable[Sought]:
        if backup.application_id is None:
            return self._of_database.get(backup.database_id or 0, ())
        return self._of_application.get(backup.application_id, ())

    def _take_named(self, backup: Backup, marks: Iterable[str]) -> list[str]:
        named = self._keys.named_by(marks)
        if named is None:
            return []
        key, is_whole = named
        each = self._sought[key]
        # Half a key that stands on a row of something else is another key's.
        if backup.id <= each.since.backup or (not is_whole and misplaced(backup, each.target.request)):
            return []
        self._named[key] = _with(backup, self._named.get(key, ()))
        return [key]

    def candidates_of(self, key: str) -> list[Backup]:
        """The rows without a key that may be a target's, whoever has claimed them; by id."""
        rows = self._nameless.get(key, {})
        each = self._sought[key]
        return [rows[number] for number in sorted(rows) if self._may_be(rows[number], each, self.grounds)]

    def _may_be(self, backup: Backup, each: Sought, grounds: Grounds) -> bool:
        plan = backup.backup_config_id
        if each.attempts == 0 or backup.id <= each.since.backup or backup.id in self._marked:
            return False
        # Of what was sent more than once, an earlier attempt may have made it.
        if each.attempts == 1 and grounds.is_dated_before(backup, each.sent_at):
            return False
        if plan in self._old_plans or (plan in grounds.known_plans and self._owners.get(backup.id) != each.key):
            return False
        if each.target.request.automatic_backup:
            is_instant = grounds.names_shown and bool(backup.names)
            return plan is not None and plan > each.since.plan and not is_instant
        return not grounds.names_shown

    def proposals(self, is_ripe: Callable[[Sought], bool] = lambda _: True) -> dict[int, str]:
        """Whose the rows without a key may be that nobody has claimed: each row one target's, each target one row.

        What the API has accepted has a row, so that comes first, and what is in doubt gets what it leaves. Without an
        exact mark nothing is known to be newer, and nothing is placed.

        Args:
            is_ripe: whether a target may be given a row already; else it is waited for its name.
        """
        proposed: dict[int, str] = {}
        awaited: set[int] = set()  # By what is not ripe: nobody else takes its row meanwhile.
        placed = {*(key for row, key in self._owners.items() if row not in self._marked), *self._named}
        open_keys = [key for key, rows in self._nameless.items() if rows and key not in placed]
        for each in sorted(
            map(self._sought.__getitem__, open_keys), key=lambda one: (not one.accepted, one.sent_at or 0)
        ):
            taken = self._owners.keys() | proposed.keys() | awaited
            free = (row.id for row in self.candidates_of(each.key) if row.id not in taken)
            if not each.since.exact or (row := next(free, None)) is None:
                continue
            if is_ripe(each):
                proposed[row] = each.key
            else:
                awaited.add(row)
        return proposed

    def claim(self, owners: Mapping[int, str]) -> None:
        """Learn whose rows are, by the ledger's claims."""
        self._owners |= owners

    def evidence_of(self, key: str) -> Evidence | None:
        """By what a target's rows were recognised; None where none were."""
        if key in self._named:
            return Evidence.NAMED
        return Evidence.PLACED if self.rows_of(key) else None

    def twins_of(self, key: str) -> tuple[int, ...]:
        """The ids of all rows that are, or may be, of one that was sent more than once; empty for a single row."""
        candidates = [] if key in self._named else self.candidates_of(key)
        automatic = self._sought[key].target.request.automatic_backup
        return twins([*self.rows_of(key), *candidates], automatic=automatic)

    def is_alone(self, key: str) -> bool:
        """Whether the rows of a target can be of no other that is sought, and no row of another plan can be its own."""
        rows, candidates = self.rows_of(key), self.candidates_of(key)
        others = (each for row in rows for each in self._sought_of(row) if each.key != key and is_like(row, each))
        disputed = any(self._may_be(row, each, self.grounds) for each in others for row in rows)
        return not disputed and len({row.backup_config_id for row in [*rows, *candidates]}) == 1

    def placing(self, key: str) -> str:
        """What a person is to know of a row without a name; empty where there is nothing to say."""
        rows, each = self.rows_of(key), self._sought[key]
        if key in self._named or not rows:
            return ""
        if each.target.request.automatic_backup:
            # The API has accepted it, or it has shown more than one: then it is there.
            is_sure = each.accepted or len(rows) > 1
            return "" if is_sure else f"placed: backup {rows[0].id} may be its first; a second one will confirm it"
        own = {row.id for row in rows}
        others = [str(row.id) for row in self.candidates_of(key) if row.id not in own]
        either = f"backup {rows[0].id}, or {' or '.join(others)}" if others else f"backup {rows[0].id}"
        return f"placed: {either} shows no name and may be somebody else's of the same site"

    def rows_of(self, key: str) -> list[Backup]:
        """The rows that were recognised as one target's, each as it was seen last."""
        if named := self._named.get(key):
            return list(named)
        rows = self._nameless.get(key, {})
        return [rows[number] for number in sorted(rows) if self._is_own(rows[number], key)]

    def _is_own(self, backup: Backup, key: str) -> bool:
        """Whether a row is claimed for a target, or was made by the plan that the claimed row of it shows."""
        if backup.id in self._marked:
            return False
        if self._owners.get(backup.id) == key:
            return backup.backup_config_id not in self._old_plans
        if not self._sought[key].target.request.automatic_backup or backup.id in self._owners:
            return False
        claimed = {
            self._nameless[key][row].backup_config_id for row in self._nameless[key] if self._owners.get(row) == key
        }
        return backup.backup_config_id in claimed - {None} - self._old_plans

    @property
    def named(self) -> Mapping[str, tuple[Backup, ...]]:
        """The rows that show a key, by key."""
        return self._named

    @property
    def all_sought(self) -> Collection[Sought]:
        """All that is looked for."""
        return self._sought.values()

    def is_sought(self, key: str) -> bool:
        """Whether a key is looked for."""
        return key in self._sought

    def sought(self, key: str) -> Sought:
        """What is looked for under a key."""
        return self._sought[key]

    @property
    def contradicts_names(self) -> bool:
        """Whether a backup that the API has accepted shows no name, and a row without one may be it."""
        hidden = replace(self.grounds, names_shown=False)
        return self.grounds.names_shown and any(
            each.accepted and key not in self._named and any(self._may_be(row, each, hidden) for row in rows.values())
            for key, rows in self._nameless.items()
            if not (each := self._sought[key]).target.request.automatic_backup
        )

    @property
    def keys_found(self) -> set[str]:
        """The keys that rows show, or that rows are claimed for."""
        return {*self._named, *(key for key in self._owners.values() if key in self._sought)}

    @property
    def found(self) -> dict[str, list[Backup]]:
        """The rows that were recognised, by key."""
        return {key: rows for key in self.keys_found if (rows := self.rows_of(key))}


def _with(backup: Backup, rows: tuple[Backup, ...]) -> tuple[Backup, ...]:
    """The rows with one as it was seen last. A tuple: nearly always it is the only one, of every target of a fleet."""
    if all(row.id != backup.id for row in rows):
        return (*rows, backup)
    return tuple(backup if row.id == backup.id else row for row in rows)
