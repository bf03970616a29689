"""What becomes of a run that Prefect still takes for running although nothing is heard of it.

Prefect hears a run only through its server: a run whose machine is off, a run on a machine that was cut off, and a run
that went on while the server was away look the same there. The ledger tells them apart: a run that is alive renews its
lease there (docs/decisions/0027-dead-runs.md).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

GRACE_SECONDS: Final = 200.0
"""How long a run of which the ledger shows nothing may be silent: it has not reached the ledger yet, is ending, or uses
another ledger and is heard again once its Prefect server is back. Prefect's own heartbeats come every 180 s."""
EXPIRED_SECONDS: Final = 30.0
"""How long a lease must have expired: after an outage of the ledger, a run that is alive renews it within seconds."""
MOST_CONTINUATIONS: Final = 3
"""A run that kills its machine each time is not continued forever."""

_DEAD: Final = "its process is dead"


class ShownAs(StrEnum):
    """The state of a run, as Prefect shows it."""

    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Life:
    """What the ledger shows of a run that has not ended itself.

    Attributes:
        run_key: its idempotency key; empty if it owns no entries.
        is_alive: whether its lease is renewed, and its process, if it is one of this machine, exists.
        is_gone: whether its process is one of this machine, and does not exist.
        has_claimed: whether entries with its key exist; so far it got only after what has to be approved was.
    """

    run_key: str
    is_alive: bool
    is_gone: bool = False
    has_claimed: bool = False


@dataclass(frozen=True, slots=True)
class SilentRun:
    """A run of which nothing was heard.

    Attributes:
        shown: as what Prefect shows it.
        seconds: since Prefect last heard of it, as far as it was watched: a change of its state, or a heartbeat.
        expired_seconds: for how long its lease has been seen expired.
        life: what the ledger shows of it; None: nothing.
        has_verdict: whether the ledger has its report.
        is_deployed: whether it belongs to a deployment, so that another process can run it.
        continues: how many runs before it, each of which continued the one before, it continues.
        replaced_by: why a newer run of its schedule takes its place; empty if none does.
    """

    shown: ShownAs
    seconds: float
    expired_seconds: float = 0.0
    life: Life | None = None
    has_verdict: bool = False
    is_deployed: bool = True
    continues: int = 0
    replaced_by: str = ""


class Fate(StrEnum):
    """What to do with it."""

    LEAVE = "leave"
    """Nothing: it has ended, or has not begun."""
    WAIT = "wait"
    """Ask again later: it is alive, or it is too early to tell."""
    START = "start"
    """Its process was never started: let Prefect start one."""
    CONTINUE = "continue"
    """It is dead: mark it, and start a run that continues it."""
    CRASHED = "crashed"
    """It is dead, and is not continued: mark it."""
    CANCELLED = "cancelled"
    """It died while it was being cancelled: mark it."""
    VERDICT = "verdict"
    """It died after its verdict was recorded: give it the state that belongs to that."""


def fate_of(run: SilentRun) -> tuple[Fate, str]:
    """Decide what becomes of a run.

    Returns:
        What to do, and why, for people.
    """
    if run.shown in (ShownAs.ENDED, ShownAs.WAITING):
        return Fate.LEAVE, f"it is {run.shown}"
    if run.life and run.life.is_alive:
        return Fate.WAIT, "it is alive: it renews its lease in the ledger"
    if run.life is None and run.seconds < GRACE_SECONDS:
        return Fate.WAIT, "this ledger has no trace of it, and it may be heard again"
    if run.life and not run.life.is_gone and run.expired_seconds < EXPIRED_SECONDS:
        return Fate.WAIT, "its lease in the ledger has expired, and may be renewed"
    return _of_dead(run)


def _of_dead(run: SilentRun) -> tuple[Fate, str]:
    if run.shown is ShownAs.CANCELLING:
        return Fate.CANCELLED, f"{_DEAD}; it was being cancelled"
    if run.has_verdict:
        return Fate.VERDICT, f"{_DEAD}; its verdict is in the ledger"
    if run.shown is ShownAs.STARTING and run.life is None:
        return Fate.START, "its process was never started"
    if why := _why_not_continued(run):
        return Fate.CRASHED, f"{_DEAD}; it is not continued: {why}"
    return Fate.CONTINUE, _DEAD


def _why_not_continued(run: SilentRun) -> str:
    if run.life is None:
        return "this ledger has no trace of it"
    if run.replaced_by:
        return run.replaced_by
    if not run.is_deployed:
        return f"it has no deployment; use fleet-backup run FLEET --run-key '{run.life.run_key}'"
    if run.continues >= MOST_CONTINUATIONS:
        return f"{run.continues} runs before it died as well"
    return ""
