"""`fleet-backup doctor --prove`: creates one real instant backup and watches it to its end."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cli.account.doctor_ledger import DoctorLedger
from cli.account.wanted import Wanted
from fleet.backup_list.ownership import Ownership
from fleet.dialect.learner import Learner
from fleet.doctor.answers import Answers
from fleet.doctor.prove.proven import Proven
from fleet.doctor.prove.prover import Prover
from fleet.doctor.prove.target_choice import chosen
from fleet.inventory.inventory import Inventory
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry
from fleet.ledger.entry_rows import Subject
from fleet.ledger.learned.backup_claims import KnownClaims, LedgerClaims, known_plans
from fleet.ledger.store import Ledger
from fleet.observed.observation import observe
from fleet.observed.preconditions import problem_of
from fleet.report.outcome import Outcome
from fleet.selection.living import resolve_rules
from fleet.serveravatar.client import Client
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class RealBackup:
    """The backup that `--prove` names.

    Attributes:
        target: the target, as an instant backup.
        problem: the precondition that is not met; None where all are.
    """

    target: Target
    problem: str | None


async def choose(client: Client, wanted: Wanted, inventory: Inventory, settings: Settings, now: datetime) -> RealBackup:
    """Find the target that `--prove` names, and check its preconditions.

    Raises:
        ChoiceError: it names none, or more than one.
        ApiUnusableError: the API cannot be used.
    """
    resolved = await resolve_rules(client.send, inventory, now, allow_empty=True)
    target = chosen(resolved.inventory.targets, wanted.prove or "", now)
    rules = settings.disk_rules()
    observed = await observe(client.send, [target], rules, resolved.listed)
    return RealBackup(target, problem_of(target, observed, rules, now))


async def prove(
    client: Client,
    backup: RealBackup,
    answers: Answers,
    ledger: DoctorLedger,
    seconds: float,
    say: Callable[[str], None],
) -> Answers:
    """Create the backup and watch it to its end, unless a precondition is not met.

    Args:
        client: sends to the API.
        backup: which backup.
        answers: what was seen before.
        ledger: where the attempt is recorded.
        seconds: how long to watch at most.
        say: prints a line for people.

    Returns:
        The answers with what the backup has shown.

    Raises:
        ApiUnusableError: the backup list cannot be read; nothing was created.
        LedgerError: the attempt cannot be recorded; nothing was created.
    """
    if backup.problem:
        why = "a precondition is not met; `fleet-backup check` shows which"
        return replace(answers, proven=Proven(Outcome.UNMET, why))
    target = backup.target
    async with Ledger(ledger.url, tell=say) as store:
        entry = await _claimed(store, target)
        claims = LedgerClaims(store, answers.account.url)
        prover = Prover(client.send, store, await _own(target, answers, ledger), claims, (target, entry), say)
        try:
            proven = await prover.prove(seconds)
        except ApiError:
            raise ApiUnusableError("the backup list could not be read, so nothing was created") from None
    rows = {target.organization: prover.raw} if prover.raw else {}
    return replace(answers, proven=proven, learned={target.organization: prover.facts}, proof_rows=rows)


async def _own(target: Target, answers: Answers, ledger: DoctorLedger) -> Ownership:
    organization = target.organization
    plans = await known_plans(ledger.url, {organization})
    known = answers.known.get(organization) or await ledger.dialect(organization)
    claims = KnownClaims(ledger.url, answers.account.url)
    # The watch itself waits for the name, for longer than a run does.
    return Ownership(organization, Learner(known), claims, plans[organization], patience=0.0)


async def _claimed(ledger: Ledger, target: Target) -> Entry:
    """A fresh entry under a run key that no run will ever have."""
    run_key = f"doctor-{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    fresh = Entry(target.key(run_key), run_key, automatic=False, request=target.request.body())
    application = target.request.application_id
    server = target.server_name or f"server {target.server_id}"
    subject = Subject(target.organization, target.server_id, server, application, f"application {application}")
    return (await ledger.claim([(fresh, subject)]))[fresh.key].entry
