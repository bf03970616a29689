"""The inventory of a fleet: the servers, targets and rules that a fleet file resolves to."""

from collections.abc import Collection
from dataclasses import dataclass

from fleet.inventory.caps import UNCAPPED, Caps
from fleet.inventory.expectation import Expectation, MutedThing
from fleet.inventory.matching.criteria import ApplicationCriteria, ServerCriteria
from fleet.inventory.matching.database_criteria import DatabaseCriteria
from fleet.inventory.narrowing import EVERYTHING, Narrowing
from fleet.inventory.request import BackupRequest
from fleet.inventory.target import Target
from fleet.inventory.window import Window


@dataclass(frozen=True, slots=True)
class InventoryServer:
    """A server of the inventory with its targets, for selection."""

    id: int
    name: str | None
    tags: tuple[str, ...]
    groups: tuple[str, ...]
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Selector:
    """A rule of `select` with everything inherited, to be applied to what the API shows.

    Attributes:
        place: its place in the fleet file, for people: `select[0]`.
        organization: the id of the organization.
        servers: which servers; None for all.
        applications: which of their applications; None for all.
        databases: which database belongs to an application; None for none.
        groups: the groups it inherits from, for `--limit`.
        request: the backup request, without application and database.
        expectation: what is expected of the backups.
        window: when they may start; None for any time.
        start_in_window: whether they are plans whose start is chosen within their window.
        sent_plans: if their start has passed, the keys of the plans that were sent; no other can be created.
    """

    place: str
    organization: int
    servers: ServerCriteria | None
    applications: ApplicationCriteria | None
    databases: DatabaseCriteria | None
    groups: tuple[str, ...]
    request: BackupRequest
    expectation: Expectation
    window: Window | None = None
    start_in_window: bool = False
    sent_plans: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a fleet file asks for, server by server in its order.

    Attributes:
        servers: those named in the file; once rules are resolved, also those they found.
        rules: those not resolved yet (`fleet.selection.living`).
        narrowing: which part a run covers; not applied yet if there are rules (`fleet.selection.selection`).
        caps: how many backups may run at once.
        muted: what is left without a backup on purpose.
    """

    servers: tuple[InventoryServer, ...]
    rules: tuple[Selector, ...] = ()
    narrowing: Narrowing = EVERYTHING
    caps: Caps = UNCAPPED
    muted: tuple[MutedThing, ...] = ()

    @property
    def targets(self) -> tuple[Target, ...]:
        """All targets in the order of the file."""
        return tuple(target for server in self.servers for target in server.targets)
