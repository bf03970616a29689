"""The fleets of a file, each with everything that it inherits."""

from dataclasses import dataclass
from pathlib import Path

from fleet.fleets.fields import Together
from fleet.inventory.caps import Caps
from fleet.inventory.request import Schedule


def tag_of(fleet: str) -> str:
    """The tag of a fleet's deployments and runs in Prefect."""
    return f"fleet:{fleet}"


@dataclass(frozen=True, slots=True)
class Times:
    """When the deployments of a fleet run; None keeps what is declared.

    Attributes:
        zone: the time zone of every schedule.
        nightly_at: the time of day of `nightly`.
        nightly_every: its schedule, one of the API's names.
        plans_at: the time of day of `plans`.
        audit_at: the time of day of `audit`.
        hourly: the pattern of the servers of `hourly`.
    """

    zone: str | None = None
    nightly_at: str | None = None
    nightly_every: Schedule | None = None
    plans_at: str | None = None
    audit_at: str | None = None
    hourly: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the runs of deployments execute, and as which account; None keeps what is declared.

    Attributes:
        credentials: the name of a block.
        pool: the work pool.
        queue: the work queue.
    """

    credentials: str | None = None
    pool: str | None = None
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    """One fleet.

    Attributes:
        name: of the fleet.
        file: its fleet file.
        token_file: with the account's token; None: a block has it, or the environment.
        times: of its deployments.
        place: of its runs.
        caps: in place of the fleet file's.
    """

    name: str
    file: Path
    token_file: Path | None
    times: Times
    place: Place
    caps: Caps


@dataclass(frozen=True, slots=True)
class Fleets:
    """What a file lists.

    Attributes:
        source: what the file is called in messages.
        fleets: in the order of the file.
        shared: the place of the deployments that belong to no fleet.
        together: when all are backed up together; None: each at its own time.
        zone: the time zone of `together`.
    """

    source: str
    fleets: tuple[Fleet, ...]
    shared: Place
    together: Together | None
    zone: str | None
