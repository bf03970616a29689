"""A run as its hooks see it: what is announced to monitors and automations."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State

from fleet.monitoring.events import Ending
from fleet.report.report import Report
from fleet.serveravatar.text import one_line
from tasks.run.missed_run import SKIPPED
from tasks.run.mistakes import NOT_APPROVED
from tasks.run.this_run import TOGETHER
from tasks.telling.final_state import PARTIAL


@dataclass(frozen=True, slots=True)
class AnnouncedRun:
    """A run in the state that it has just entered.

    Attributes:
        flow: its flow.
        flow_run: its row at the Prefect server.
        state: the state.
        report: of a run that came far enough to have one.
    """

    flow: Flow[..., Any]
    flow_run: FlowRun
    state: State[Any]
    report: Report | None = None

    @property
    def id(self) -> str:
        """The flow run's id, a UUID."""
        return str(self.flow_run.id)

    @property
    def is_announced(self) -> bool:
        """Whether it is announced at all."""
        return is_announced(self.flow_run, self.state)

    @property
    def may_wait(self) -> bool:
        """Whether it may yet be suspended for its approval; asked before Prefect counts the run that begins."""
        run = self.flow_run
        return bool(run.parameters.get("approve_above")) and not run.auto_scheduled and not run.run_count

    @property
    def fleet_file(self) -> Path:
        """Its fleet file."""
        return fleet_file_of(self.flow_run)

    @property
    def listed_as(self) -> str:
        """The name of its fleet in the file that lists it; empty for the run of a fleet file."""
        return one_line(str(self.flow_run.parameters.get("fleet") or ""))

    @property
    def recorded_as(self) -> str:
        """The name by which the ledger knows the runs of its fleet."""
        return self.listed_as or self.fleet_file.name

    @property
    def fleet(self) -> str:
        """The name of its fleet: that of the file that lists it, else its fleet file's without the ending."""
        return self.listed_as or self.fleet_file.stem

    @property
    def is_one_of_several(self) -> bool:
        """Whether `all_fleets` started it, and sends the one message about it."""
        return TOGETHER in self.flow_run.tags

    @property
    def ending(self) -> Ending:
        """How it ended."""
        return ending_of(self.state)

    @property
    def hurried(self) -> bool:
        """Whether it was interrupted or cancelled, and has to end within seconds."""
        return not (self.state.is_completed() or self.state.is_failed())

    @property
    def verdict(self) -> str:
        """What happened, in one line."""
        return self.report.verdict if self.report else self.state.message or str(self.state.name)

    @property
    def seconds(self) -> float:
        """How long it took so far, without the time it waited for its approval if that is known."""
        if self.report:
            return (self.report.ended_at - self.report.started_at).total_seconds()
        now = datetime.now(UTC)
        return (now - (self.flow_run.start_time or now)).total_seconds()

    @property
    def related(self) -> list[dict[str, str]]:
        """What its events belong to: the flow run, the flow, the deployment."""
        resources = [_related("flow-run", self.id, self.flow_run.name)]
        resources.append(_related("flow", str(self.flow_run.flow_id), self.flow.name))
        if self.flow_run.deployment_id:
            resources.append(_related("deployment", str(self.flow_run.deployment_id)))
        return resources


def is_announced(flow_run: FlowRun, state: State[Any]) -> bool:
    """Whether a run is announced: not a dry run, one that a person did not approve, or one that another replaces."""
    return not flow_run.parameters.get("dry_run") and state.name not in (SKIPPED, NOT_APPROVED)


def ending_of(state: State[Any]) -> Ending:
    """How a run ended, by its final state: some backups may be missing, while the others are proven."""
    if state.name in PARTIAL:
        return Ending.WITH_WARNINGS
    return Ending.COMPLETED if state.is_completed() else Ending.FAILED


def fleet_file_of(flow_run: FlowRun) -> Path:
    """The fleet file of a run; `unknown` for one that was started without it, and refused for that."""
    return Path(str(flow_run.parameters.get("fleet_file", "unknown")))


def _related(kind: str, identifier: str, name: str | None = None) -> dict[str, str]:
    labels = {"prefect.resource.id": f"prefect.{kind}.{identifier}", "prefect.resource.role": kind}
    return labels | ({"prefect.resource.name": name} if name else {})
