"""The inventory of a fleet: the shape of the fleet file, and the servers and targets that it resolves to."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from fleet.inventory.caps import UNCAPPED, Caps
from fleet.inventory.criteria import ApplicationCriteria, ServerCriteria
from fleet.inventory.database_criteria import DatabaseCriteria
from fleet.inventory.expectation import Expectation, MutedThing
from fleet.inventory.narrowing import EVERYTHING, Narrowing
from fleet.inventory.request import BackupRequest, Flag, Identifier, RequestLayer
from fleet.inventory.target import Target
from fleet.inventory.window import GivenWindow, Window

Cap = Annotated[int, Field(strict=True, ge=1)]


class BackupLayer(RequestLayer):
    """What a `defaults`, a group or one entry of `backups` may say: fields of the request, and what is not sent."""

    expect: Expectation | None = Field(
        None,
        description="What is expected of these backups; `fleet-backup audit` looks at it.",
    )
    window: GivenWindow | None = Field(
        None, description='When backups may start: "01:00-05:00 Europe/Berlin"; what starts by itself is not held back.'
    )
    start_in_window: Flag | None = Field(
        None, description="Whether an automatic plan starts at a minute of its window that is chosen for it."
    )


class Server(BaseModel):
    """One server of the fleet file and the backups it is to have."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Identifier = Field(description="The id of the server.")
    name: str | None = Field(None, min_length=1, description="A name for people; the panel's name is a good one.")
    organization: Identifier | None = Field(None, description="The organization, where it is not the file's.")
    tags: list[str] = Field(default_factory=list, description="Words to select servers by: --limit tag:production.")
    groups: list[str] = Field(default_factory=list, description="Groups to inherit from; the first listed wins.")
    defaults: BackupLayer | None = Field(None, description="Fields for every backup of this server.")
    backups: list[BackupLayer] = Field(min_length=1, description="The backups of this server.")


class Rule(BaseModel):
    """One rule of `select`: what it finds in the panel at each run gets a backup."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organization: Identifier | None = Field(None, description="The organization, where it is not the file's.")
    servers: ServerCriteria | None = Field(None, description="Which servers; without it every one.")
    applications: ApplicationCriteria | None = Field(
        None, description="Which applications of these servers; without it every one."
    )
    databases: DatabaseCriteria | None = Field(None, description="Which database is backed up with an application.")
    groups: list[str] = Field(default_factory=list, description="Groups to inherit from; the first listed wins.")
    defaults: BackupLayer | None = Field(None, description="Fields for every backup of this rule.")


class FleetFile(BaseModel):
    """The inventory of a fleet: which backups are wanted on which servers."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        title="fleet-backup fleet file",
        json_schema_extra={"anyOf": [{"required": ["servers"]}, {"required": ["select"]}]},
    )

    organization: Identifier | None = Field(None, description="The organization of every server that names no other.")
    defaults: BackupLayer | None = Field(None, description="Fields for every backup of the fleet.")
    groups: dict[str, BackupLayer] = Field(default_factory=dict, description="Named sets of fields to inherit from.")
    servers: list[Server] | None = Field(None, min_length=1, description="The servers of the fleet that are named.")
    select: list[Rule] | None = Field(None, min_length=1, description="Rules that find the others at each run.")
    max_running_per_server: Cap | None = Field(None, description="So many backups of a server run at once at most.")
    max_running_per_provider: Cap | None = Field(
        None, description="So many backups into one cloud storage provider run at once at most."
    )
    muted: list[MutedThing] = Field(
        default_factory=list, description="What is left without a backup on purpose (`fleet-backup audit`)."
    )


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
    """A rule of `select` with everything inherited, as it is applied to what the API shows.

    Attributes:
        place: where it stands in the fleet file, for people: `select[0]`.
        organization: the id of the organization.
        servers: which servers; None for every one.
        applications: which of their applications; None for every one.
        databases: which database goes with an application; None for none.
        groups: that it inherits from, for `--limit`.
        request: the backup request, but for the application and the database.
        expectation: what is expected of the backups.
        window: when they may start; None for at any time.
        start_in_window: whether they are plans whose start is chosen within their window.
        sent_plans: where their start has passed, the keys of the plans that were sent: no other can be made.
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
        servers: that are named in the file; with what the rules found, once they are resolved.
        rules: that are not resolved yet (`fleet.selection.living`).
        narrowing: what of it a run is about; still to be applied where there are rules (`fleet.selection.selection`).
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
