"""Which rows of the backup list are what was sent: by evidence, the strongest first. Pure.

*Named*: the row shows the key of an instant backup (`fleet.inventory.naming`). *Placed*: the row matches in
organization, server, application, database, storage and parts, is newer than an exact mark from before the intent, and
belongs to nobody else. The ledger knows whose a placed row is: it is claimed there before anything is concluded from
it, so that no two targets, and no two runs, share one. Source: docs/decisions/0019-the-dialect.md.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from fleet.inventory.naming import marks_in
from fleet.proof.duplicates import twins
from fleet.proof.matching import NO_GROUNDS, Grounds, matches, mismatch
from fleet.proof.proof import Evidence
from fleet.proof.sought import Sought
from fleet.proof.sought_index import SoughtIndex
from fleet.serveravatar.models import Backup


class Recognition:
    """Recognises what is sought among the rows of the list, row by row.

    Attributes:
        grounds: what is known of the list.
        index: what is sought.
    """

    def __init__(
        self,
        sought: Iterable[Sought],
        grounds: Grounds = NO_GROUNDS,
        sent: SoughtIndex | None = None,
        owners: dict[int, str] | None = None,
    ) -> None:
        """Begin with no rows.

        Args:
            sought: what is looked for.
            grounds: what is known of the list.
            sent: recognised as well; it may grow meanwhile.
            owners: the key that each claimed row belongs to, by the row's id; it may grow meanwhile.
        """
        self.grounds = grounds
        self.index = SoughtIndex(sought, sent)
        self._named: dict[str, tuple[Backup, ...]] = {}
        self._nameless: dict[str, dict[int, Backup]] = {}
        self._owners: dict[int, str] = {} if owners is None else owners
        self._first_of_plan: dict[int, int] = {}
        self._with_key: set[int] = set()
        self._in_this_look: set[int] = set()

    def begin_look(self) -> None:
        """Begin a look: rows taken from now on are as the list shows them now."""
        self._in_this_look.clear()

    def was_taken(self, backup: Backup) -> bool:
        """Whether this look has shown a row; one that only an earlier look has shown may be gone."""
        return backup.id in self._in_this_look

    def add(self, sought: Collection[Sought]) -> None:
        """Recognise these, too."""
        for each in sought:
            if not self.index.holds(each.key):
                self.index.add(each)

    def claim(self, owners: Mapping[int, str]) -> None:
        """Learn from the ledger's claims whose rows are."""
        self._owners.update(owners)

    def take(self, backup: Backup) -> list[str]:
        """Take a row, new or as it is now; return the keys that it is known to belong to."""
        self._in_this_look.add(backup.id)
        if (plan := backup.backup_config_id) is not None:
            self._first_of_plan[plan] = min(backup.id, self._first_of_plan.get(plan, backup.id))
        if marks := marks_in(backup.names):
            self._with_key.add(backup.id)  # Whoever was given it before it showed a key was given a wrong row.
            return self._take_named(backup, marks)
        recognised = []
        for each in self.index.of_same_thing(backup):
            rows = self._nameless.setdefault(each.key, {})
            # A row that once matched stays known, so that its end is seen.
            if backup.id in rows or matches(backup, each):
                rows[backup.id] = backup
                recognised += [each.key] if self._is_own(backup, each) else []
        return recognised

    def _take_named(self, backup: Backup, marks: Iterable[str]) -> list[str]:
        named = self.index.named_by(marks)
        if named is None:
            return []
        each, is_whole = named
        # Part of a key on a row of something else belongs to another key.
        if backup.id <= each.since.backup or (not is_whole and mismatch(backup, each.target.request)):
            return []
        self._named[each.key] = _with(backup, self._named.get(each.key, ()))
        return [each.key]

    def sought(self, key: str) -> Sought:
        """What is sought under a key.

        Raises:
            KeyError: nothing is.
        """
        if (each := self.index.get(key)) is None:
            raise KeyError(key)
        return each

    def is_sought(self, key: str) -> bool:
        """Whether something is sought under a key."""
        return self.index.get(key) is not None

    @property
    def named(self) -> Mapping[str, tuple[Backup, ...]]:
        """The rows that show a key, by key."""
        return self._named

    def rows_of(self, key: str) -> list[Backup]:
        """The rows that were recognised as one target's, each as last seen."""
        if named := self._named.get(key):
            return list(named)
        rows = self._nameless.get(key, {})
        return [rows[number] for number in sorted(rows) if self._is_own(rows[number], self.sought(key))]

    @property
    def found(self) -> dict[str, list[Backup]]:
        """The rows that were recognised, by key."""
        return {key: rows for key in self.keys_met if (rows := self.rows_of(key))}

    @property
    def keys_met(self) -> list[str]:
        """The keys of what rows show, or may belong to."""
        return [*self._named, *(key for key in self._nameless if key not in self._named)]

    def evidence_of(self, key: str) -> Evidence | None:
        """How a target's rows were recognised; None if none were."""
        if key in self._named:
            return Evidence.NAMED
        return Evidence.PLACED if self.rows_of(key) else None

    def candidates_of(self, key: str) -> list[Backup]:
        """The rows without a key that may be a target's, whoever has claimed them; by id."""
        rows, each = self._nameless.get(key, {}), self.sought(key)
        return [rows[number] for number in sorted(rows) if self._may_be(rows[number], each, self.grounds)]

    def other_candidates_of(self, key: str) -> list[int]:
        """The ids of candidates that were not recognised as the target's."""
        own = {row.id for row in self.rows_of(key)}
        return [row.id for row in self.candidates_of(key) if row.id not in own]

    def twins_of(self, key: str) -> tuple[int, ...]:
        """The ids of all rows that are, or may be, of one target that was sent more than once; empty for one row."""
        candidates = [] if key in self._named else self.candidates_of(key)
        automatic = self.sought(key).target.request.automatic_backup
        return twins([*self.rows_of(key), *candidates], automatic=automatic)

    def is_alone(self, key: str) -> bool:
        """Whether no other target can own a row of this one, and no row of another plan can be its own."""
        rows, candidates = self.rows_of(key), self.candidates_of(key)
        others = (
            each for row in rows for each in self.index.of_same_thing(row) if each.key != key and matches(row, each)
        )
        disputed = any(self._may_be(row, each, self.grounds) for each in others for row in rows)
        return not disputed and len({row.backup_config_id for row in [*rows, *candidates]}) == 1

    @property
    def unplaced(self) -> list[Sought]:
        """What is sought, has rows without a key, and owns none yet."""
        placed = {*(key for row, key in self._owners.items() if row not in self._with_key), *self._named}
        return [self.sought(key) for key, rows in self._nameless.items() if rows and key not in placed]

    def is_claimed(self, row: int) -> bool:
        """Whether a row belongs to a key."""
        return row in self._owners

    @property
    def contradicts_names(self) -> bool:
        """Whether an accepted backup shows no name, though the list shows names, and a row without one may be it."""
        hidden = replace(self.grounds, names_shown=False)
        return self.grounds.names_shown and any(
            each.accepted and key not in self._named and any(self._may_be(row, each, hidden) for row in rows.values())
            for key, rows in self._nameless.items()
            if not (each := self.sought(key)).target.request.automatic_backup
        )

    def _may_be(self, backup: Backup, each: Sought, grounds: Grounds) -> bool:
        plan = backup.backup_config_id
        if each.attempts == 0 or backup.id <= each.since.backup or backup.id in self._with_key:
            return False
        # If it was sent more than once, an earlier attempt may have made the row.
        if each.attempts == 1 and grounds.is_dated_before(backup, each.sent_at):
            return False
        if self._is_of_old_plan(backup, each):
            return False
        if plan in grounds.known_plans and self._owners.get(backup.id) != each.key:
            return False
        if each.target.request.automatic_backup:
            is_instant = grounds.names_shown and bool(backup.names)
            return plan is not None and plan > each.since.plan and not is_instant
        return not grounds.names_shown

    def _is_of_old_plan(self, backup: Backup, each: Sought) -> bool:
        """Whether the plan of a row had made backups before this was sent."""
        plan = backup.backup_config_id
        return plan is not None and self._first_of_plan.get(plan, backup.id) <= each.since.backup

    def _is_own(self, backup: Backup, each: Sought) -> bool:
        """Whether a row is claimed for a target, or comes from the same plan as its claimed row."""
        if backup.id in self._with_key or self._is_of_old_plan(backup, each):
            return False
        if self._owners.get(backup.id) == each.key:
            return True
        if not each.target.request.automatic_backup or backup.id in self._owners or backup.backup_config_id is None:
            return False
        rows = self._nameless[each.key]
        return any(
            row.backup_config_id == backup.backup_config_id
            for number, row in rows.items()
            if self._owners.get(number) == each.key
        )


def _with(backup: Backup, rows: tuple[Backup, ...]) -> tuple[Backup, ...]:
    """The rows with one as it was last seen."""
    if all(row.id != backup.id for row in rows):
        return (*rows, backup)
    return tuple(backup if row.id == backup.id else row for row in rows)
