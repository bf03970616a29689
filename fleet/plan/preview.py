"""What a run would do, as printed by `fleet-backup plan --json`: a contract. Fields are added, never renamed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from fleet.creation.intent import Action, Intent
from fleet.inventory.request import BackupType
from fleet.inventory.target import Target
from fleet.observed.observed import Observed
from fleet.plan.cost import Cost
from fleet.plan.drift import CANNOT_TELL, Drift, Kind
from fleet.report.outcome import Exit, Outcome, Verdict


class Subject(BaseModel):
    """What a row is about."""

    organization: int = Field(description="Its organization's id.")
    server_id: int = Field(description="Its server's id.")
    server: str = Field(description="Its server's name.")
    application: str = Field(description="Its application's name.")
    application_id: int = Field(description="Its application's id.")
    database_id: int | None = Field(description="Its database's id; null without one.")
    type: BackupType = Field(description="What is backed up.")
    automatic_backup: bool = Field(description="True for an automatic plan, false for an instant backup.")


class PreviewedTarget(Subject):
    """What would be done with one target.

    Attributes:
        domain: the application's primary domain; empty when unknown.
        action: what a run would do.
        reason: why, in words to act on.
        differences: how its plan differs from the fleet file: `{field: {"is": ..., "wanted": ...}}`.
        body: the exact request body; null where nothing would be sent.
    """

    domain: str
    action: Action
    reason: str
    differences: dict[str, dict[str, Any]]
    body: Mapping[str, Any] | None


class PreviewedDrift(Subject):
    """A plan, or several of one application, that have drifted; no run changes that.

    Attributes:
        kind: how it has drifted.
        reason: why, so that a person can act on it.
        plan_ids: the ids of these plans, as far as backups show them.
        key: its key in the ledger, for `forget`; empty without one.
    """

    kind: Kind
    reason: str
    plan_ids: list[int]
    key: str


class Preview(BaseModel):
    """What a run would do, target by target in the order of the fleet file.

    Attributes:
        schema: version of this format.
        fleet: the fleet file's name.
        run_key: the idempotency key of the run that would do it.
        requests: estimated requests of that run.
        seconds: estimated duration of that run.
        windows: estimated rate-limit windows of that run.
        totals: number of targets by action.
        verdict: what it all means, in one line.
        exit_code: of the command.
        targets: one entry a target.
        drift: one entry for each plan that has drifted.
        cannot_tell: what neither the API nor the ledger shows.
    """

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    version: Literal[1] = Field(1, alias="schema")
    fleet: str
    run_key: str
    requests: int
    seconds: float
    windows: int
    totals: dict[Action, int]
    verdict: str
    exit_code: int
    targets: list[PreviewedTarget]
    drift: list[PreviewedDrift]
    cannot_tell: str = CANNOT_TELL


def build(  # noqa: PLR0913, PLR0917 - one parameter a part
    fleet: str,
    run_key: str,
    cost: Cost,
    intents: Sequence[Intent],
    drift: Sequence[Drift],
    observed: Observed,
    unread: Sequence[str] = (),
) -> Preview:
    """Build the preview.

    Args:
        fleet: the fleet's name.
        run_key: of the run that would do it.
        cost: of that run.
        intents: of all targets.
        drift: of other plans.
        observed: for names.
        unread: a line for each server that could not be read: what should be backed up there is unknown.
    """
    totals = Counter(intent.action for intent in intents)
    verdict = decide(intents, drift, unread)
    return Preview(
        fleet=fleet,
        run_key=run_key,
        requests=cost.requests,
        seconds=round(cost.seconds, 1),
        windows=cost.windows,
        totals={action: totals[action] for action in Action if totals[action]},
        verdict=verdict.text,
        exit_code=int(verdict.exit),
        targets=[_target(intent, observed) for intent in intents],
        drift=[_drift(each) for each in drift],
    )


def decide(intents: Sequence[Intent], drift: Sequence[Drift], unread: Sequence[str] = ()) -> Verdict:
    """Decide the verdict: something to do, otherwise how the run would end (docs/decisions/0016-plan.md)."""
    totals = Counter(intent.action for intent in intents)
    differing = sum(intent.action is Action.NOTHING and bool(intent.differences) for intent in intents)
    counts = {
        "refused": totals[Action.REFUSE],
        "to create": totals[Action.CREATE],
        "to update": totals[Action.UPDATE],
        "to adopt": totals[Action.ADOPT],
        "different from the fleet file": differing,
        "with nothing to do": totals[Action.NOTHING] - differing,
        "drifted besides the targets": len(drift),
    }
    said = [*(f"{count} {words}" for words, count in counts.items() if count), *unread]
    return Verdict(_exit(intents, drift, unread), ", ".join(said) or "nothing to do: the fleet file has no such backup")


def _exit(intents: Sequence[Intent], drift: Sequence[Drift], unread: Sequence[str]) -> Exit:
    if drift or any(intent.is_to_do for intent in intents):
        return Exit.TO_DO
    if any(intent.outcome is Outcome.IN_DOUBT for intent in intents):
        return Exit.IN_DOUBT
    refused = [intent for intent in intents if intent.action is Action.REFUSE]
    if not refused and not unread:
        return Exit.DONE
    return Exit.NONE_STARTED if len(refused) == len(intents) else Exit.SOME_FAILED


def _subject(target: Target, server: str, application: str) -> dict[str, Any]:
    request = target.request
    return {
        "organization": target.organization,
        "server_id": target.server_id,
        "server": server,
        "application": application,
        "application_id": request.application_id,
        "database_id": request.database_id,
        "type": request.type,
        "automatic_backup": request.automatic_backup,
    }


def _target(intent: Intent, observed: Observed) -> PreviewedTarget:
    target = intent.target
    return PreviewedTarget(
        **_subject(target, observed.server_name(target), observed.application_name(target)),
        domain=observed.domain(target),
        action=intent.action,
        reason=intent.reason,
        differences={name: {"is": is_now, "wanted": wanted} for name, (is_now, wanted) in intent.differences.items()},
        body=intent.body,
    )


def _drift(drift: Drift) -> PreviewedDrift:
    return PreviewedDrift(
        **_subject(drift.target, drift.server, drift.application),
        kind=drift.kind,
        reason=drift.reason,
        plan_ids=list(drift.plan_ids),
        key=drift.key,
    )
