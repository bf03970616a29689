"""A model of the API and of the ledger, small enough to be believed, for the state machine of the protocol."""

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from fleet.backup_list.backup_list import BackupList
from fleet.backup_list.ownership import Ownership
from fleet.dialect.dialect import Dialect, Names
from fleet.dialect.learner import Learner
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry
from fleet.proof.absence import Looked
from fleet.proof.sought import Sought
from fleet.serveravatar.wire import Request
from tests.unit.fleet.builders import backup_row

PER_PAGE = 3
ORGANIZATION = 5
Order = Literal["newest", "oldest", "rotated"]
Value = TypeVar("Value")


def finished(coroutine: Coroutine[Any, Any, Value]) -> Value:
    """Run a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        value: Value = end.value
        return value
    raise AssertionError("it waits for something")


@dataclass
class Row:
    """A backup in the API, which shows in the list from `visible_at` on."""

    id: int
    application: int
    name: str | None
    plan_id: int
    visible_at: float
    status: str = "In Progress"

    def listed(self) -> dict[str, Any]:
        return backup_row(
            self.id,
            self.name,
            application_id=self.application,
            backup_config_id=self.plan_id,
            status=self.status,
        )


@dataclass
class Plan:
    """An automatic plan, which makes its first backup at `first_at`; perhaps never."""

    id: int
    target: Target | None
    application: int
    first_at: float
    has_run: bool = False


@dataclass
class Api:
    """Makes backups and plans, and lists the backups with their names, in an order of its own, perhaps late."""

    rows: list[Row] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    order: Order = "newest"
    now: float = 1000.0
    _last_id: int = 100

    def new_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def create(self, target: Target, name: str | None, visible_at: float, first_at: float) -> Row | None:
        application = target.request.application_id
        if target.request.automatic_backup:
            self.plans.append(Plan(self.new_id(), target, application, first_at))
            return None
        row = Row(self.new_id(), application, name, self.new_id(), visible_at)
        self.rows.append(row)
        return row

    def plan_runs(self, plan: Plan) -> None:
        plan.has_run = True
        self.rows.append(Row(self.new_id(), plan.application, None, plan.id, self.now))

    def of_key(self, key: str) -> list[Row]:
        return [row for row in self.rows if row.name and key in row.name]

    def plans_of(self, target: Target) -> list[Plan]:
        return [plan for plan in self.plans if plan.target == target]

    async def send(self, request: Request) -> Mapping[str, Any]:
        for plan in self.plans:
            if plan.first_at <= self.now and not plan.has_run:
                self.plan_runs(plan)
        listed = [row.listed() for row in self.rows if row.visible_at <= self.now]
        if self.order == "newest":
            listed.reverse()
        if self.order == "rotated":
            listed = listed[len(listed) // 2 :] + listed[: len(listed) // 2]
        page = int(request.query.get("page", 1))
        last = max(1, -(-len(listed) // PER_PAGE))
        return {"current_page": page, "data": listed[(page - 1) * PER_PAGE : page * PER_PAGE], "last_page": last}


class LostLeaseError(Exception):
    """Somebody else owns the entry."""


@dataclass
class Ledger:
    """What is durable: entries and who owns them, and whose rows are."""

    entries: dict[str, Entry] = field(default_factory=dict)
    owners: dict[str, int] = field(default_factory=dict)
    claims: dict[int, str] = field(default_factory=dict)

    async def claim(self, organization: int, wanted: Mapping[int, str]) -> dict[int, str]:
        """As `fleet.backup_list.ownership.Claims`: who claims a row first has it."""
        assert organization == ORGANIZATION
        for row, key in wanted.items():
            self.claims.setdefault(row, key)
        return {row: self.claims[row] for row in wanted}

    def take(self, fresh: Entry, run: int) -> Entry | None:
        """The entry, if it is ours now."""
        if self.owners.setdefault(fresh.key, run) != run:
            return None
        return self.entries.setdefault(fresh.key, fresh)

    def save(self, entry: Entry, run: int) -> Entry:
        if self.owners.get(entry.key) != run:
            raise LostLeaseError
        self.entries[entry.key] = replace(entry)
        return entry

    def free(self, key: str) -> None:
        self.owners.pop(key, None)


def list_of(api: Api, ledger: Ledger) -> BackupList:
    """The list as a run reads it that has met this API before."""
    plans = frozenset(entry.plan_id for entry in ledger.entries.values() if entry.plan_id is not None)
    learner = Learner(Dialect(names=Names.SHOWN))
    return BackupList(api.send, ORGANIZATION, Ownership(ORGANIZATION, learner, ledger, plans, lambda: api.now))


def looked(backups: BackupList, sought: Sought, *, thorough: bool = False) -> Looked:
    """Look for one, as the product does."""
    return finished(backups.find([sought], thorough=thorough, exactly=True)).looked(sought.key)
