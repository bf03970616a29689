"""What is sought, found by what a row of the backup list shows: a key, an application, a database. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from fleet.inventory.naming import KEY_DIGITS, LEAST_DIGITS
from fleet.proof.sought import Sought
from fleet.serveravatar.models import Backup

_Fact = tuple[str, object]
"""What a row may show: a kind, and a value of it."""


class SoughtIndex:
    """Finds what is sought; it may extend a shared index that keeps growing.

    What it holds itself comes before what the shared one holds, and replaces what that one holds under the same key.
    """

    def __init__(self, sought: Iterable[Sought] = (), shared: "SoughtIndex | None" = None) -> None:
        self._shared = shared
        self._by_key: dict[str, Sought] = {}
        self._by_fact: defaultdict[_Fact, dict[str, Sought]] = defaultdict(dict)
        for each in sought:
            self.add(each)

    def add(self, each: Sought) -> None:
        """Find this, too; it replaces what is held under its key."""
        request = each.target.request
        facts: list[_Fact] = [("application", request.application_id)]
        if request.type == "database" and request.database_id is not None:
            facts.append(("database", request.database_id))
        if not request.automatic_backup:
            facts.append(("key", each.key[:LEAST_DIGITS]))
        self._by_key[each.key] = each
        for fact in facts:
            self._by_fact[fact][each.key] = each

    def holds(self, key: str) -> bool:
        """Whether this index itself, not the shared one, holds a key."""
        return key in self._by_key

    def get(self, key: str) -> Sought | None:
        """What is sought under a key."""
        return self._by_key.get(key) or (self._shared.get(key) if self._shared else None)

    def __iter__(self) -> Iterator[Sought]:
        yield from self._by_key.values()
        yield from (each for each in self._shared or () if not self.holds(each.key))

    def of_same_thing(self, backup: Backup) -> Iterable[Sought]:
        """What is sought of the application of a row, or of its database if it shows no application."""
        if backup.application_id is None:
            return self.showing(("database", backup.database_id or 0)).values()
        return self.showing(("application", backup.application_id)).values()

    def named_by(self, marks: Iterable[str]) -> tuple[Sought, bool] | None:
        """Find what the marks in a row's names stand for (`fleet.inventory.naming.marks_in`).

        Returns:
            What is sought, and whether its key is whole; None if there is none, or two keys begin like that.
        """
        for mark in marks:
            alike = [each for key, each in self.showing(("key", mark[:LEAST_DIGITS])).items() if key.startswith(mark)]
            if len(alike) == 1:
                return alike[0], len(mark) == KEY_DIGITS
        return None

    def showing(self, fact: _Fact) -> dict[str, Sought]:
        """What a fact may belong to, by key."""
        shared = self._shared.showing(fact) if self._shared else {}
        return {**self._by_fact.get(fact, {}), **{key: each for key, each in shared.items() if not self.holds(key)}}
