"""The report of `schedules`."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field


class UpcomingRuns(BaseModel):
    """One schedule of a deployment, and its next runs.

    Attributes:
        deployment: its name.
        starts: what starts its runs: `scheduled`; `triggered` by an event on the Prefect server; or `manual`, by a
            person only.
        trigger: when an event starts them, in words; empty otherwise.
        schedule: in words; null without a schedule.
        timezone: IANA name of its zone; null without a schedule.
        active: false if the schedule is turned off, or there is none.
        next_runs: times of the next runs, in that zone, with the offset from UTC; also of a schedule turned off.
    """

    deployment: str
    starts: Literal["scheduled", "triggered", "manual"] = "scheduled"
    trigger: str = ""
    schedule: str | None
    timezone: str | None
    active: bool
    next_runs: list[datetime]

    @classmethod
    def without_schedule(cls, deployment: str, trigger: str) -> Self:
        """A deployment that an event starts, or else a person."""
        return cls(
            deployment=deployment,
            starts="triggered" if trigger else "manual",
            trigger=trigger,
            schedule=None,
            timezone=None,
            active=False,
            next_runs=[],
        )


class Upcoming(BaseModel):
    """The next runs of the deployments.

    Attributes:
        schema: version of this format.
        schedules: each schedule of each deployment, in the order of the file; of a server by name.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    version: Literal[1] = Field(1, alias="schema")
    schedules: list[UpcomingRuns]
