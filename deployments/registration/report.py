"""The report of `deploy`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Pool(BaseModel):
    """A work pool that the deployments use.

    Attributes:
        name: of the work pool.
        state: what became of it: `created`, `exists`, or `exists, but is paused` and how to resume it.
    """

    name: str
    state: str


class DeployedSchedule(BaseModel):
    """A schedule of a deployment, as it is on the server.

    Attributes:
        schedule: in words.
        timezone: IANA name of its zone.
        active: false if it is turned off.
        added_in_ui: true if a person added it on the server; the file does not have it.
    """

    schedule: str
    timezone: str
    active: bool
    added_in_ui: bool


class DeployedDeployment(BaseModel):
    """What became of a deployment of the file.

    Attributes:
        name: its full name: `flow/deployment`.
        change: what the server needed.
        paused: true if it is paused on the server, with all its schedules.
        schedules: those of the file, then those that people added.
        removed_schedules: those on the server that the file no longer has, in words.
    """

    name: str
    change: Literal["created", "changed", "unchanged"]
    paused: bool
    schedules: list[DeployedSchedule]
    removed_schedules: list[str]


class DeployReport(BaseModel):
    """What `deploy` did on the Prefect server.

    Attributes:
        schema: version of this format.
        work_pools: the work pools of the deployments.
        deployments: those of the file, in its order.
        not_in_file: full names of our deployments on the server that the file no longer has; they stay.
        warning: what is wrong with the server's settings; empty if nothing was found.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    version: Literal[1] = Field(1, alias="schema")
    work_pools: list[Pool]
    deployments: list[DeployedDeployment]
    not_in_file: list[str]
    warning: str
