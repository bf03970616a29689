"""The inventory of a fleet: the shape of the fleet file, and the servers and targets that it resolves to."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from fleet.expectation import Expectation, MutedThing
from fleet.request import Identifier, RequestLayer
from fleet.target import Target


class BackupLayer(RequestLayer):
    """What a `defaults`, a group or one entry of `backups` may say: fields of the request, and what is not sent."""

    expect: Expectation | None = Field(None, description="What is expected of these backups (`fleet-backup audit`).")


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


class FleetFile(BaseModel):
    """The inventory of a fleet: which backups are wanted on which servers."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="fleet-backup fleet file")

    organization: Identifier | None = Field(None, description="The organization of every server that names no other.")
    defaults: BackupLayer | None = Field(None, description="Fields for every backup of the fleet.")
    groups: dict[str, BackupLayer] = Field(default_factory=dict, description="Named sets of fields to inherit from.")
    servers: list[Server] = Field(min_length=1, description="The servers of the fleet.")
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
class Inventory:
    """Every target of a fleet file, server by server in its order; and what is left without a backup on purpose."""

    servers: tuple[InventoryServer, ...]
    muted: tuple[MutedThing, ...] = ()

    @property
    def targets(self) -> tuple[Target, ...]:
        """All targets in the order of the file."""
        return tuple(target for server in self.servers for target in server.targets)
