"""The fields of a fleet file: a new one begins here, or in `request` where it is sent to the API."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from fleet.inventory.expectation import Expectation, MutedThing
from fleet.inventory.matching.criteria import ApplicationCriteria, ServerCriteria
from fleet.inventory.matching.database_criteria import DatabaseCriteria
from fleet.inventory.request import Flag, Identifier, RequestLayer
from fleet.inventory.window import GivenWindow

Cap = Annotated[int, Field(strict=True, ge=1)]


class BackupLayer(RequestLayer):
    """The fields of a `defaults`, a group or one entry of `backups`: those of the request, and more."""

    expect: Expectation | None = Field(
        None,
        description="What is expected of these backups; checked by `fleet-backup audit`.",
    )
    window: GivenWindow | None = Field(
        None,
        description='When backups may start: "01:00-05:00 Europe/Berlin"; plans that start later are not held back.',
    )
    start_in_window: Flag | None = Field(
        None, description="Whether an automatic plan starts at a minute chosen within its window."
    )


class Server(BaseModel):
    """One server of the fleet file and its backups."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Identifier = Field(description="The id of the server.")
    name: str | None = Field(None, min_length=1, description="A name for people; preferably the panel's.")
    organization: Identifier | None = Field(None, description="The organization, if not the file's.")
    tags: list[str] = Field(default_factory=list, description="Words to select servers by: --limit tag:production.")
    groups: list[str] = Field(default_factory=list, description="Groups to inherit from; the first listed wins.")
    defaults: BackupLayer | None = Field(None, description="Fields for every backup of this server.")
    backups: list[BackupLayer] = Field(min_length=1, description="The backups of this server.")


class Rule(BaseModel):
    """One rule of `select`: everything it matches at each run gets a backup."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organization: Identifier | None = Field(None, description="The organization, if not the file's.")
    servers: ServerCriteria | None = Field(None, description="Which servers; all by default.")
    applications: ApplicationCriteria | None = Field(
        None, description="Which applications on these servers; all by default."
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
    servers: list[Server] | None = Field(None, min_length=1, description="Servers listed one by one.")
    select: list[Rule] | None = Field(
        None, min_length=1, description="Rules that find further applications at each run."
    )
    max_running_per_server: Cap | None = Field(None, description="Maximum concurrent backups per server.")
    max_running_per_provider: Cap | None = Field(
        None, description="Maximum concurrent backups per cloud storage provider."
    )
    muted: list[MutedThing] = Field(
        default_factory=list, description="What is left without a backup on purpose (`fleet-backup audit`)."
    )
