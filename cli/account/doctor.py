"""`fleet-backup doctor`: where the API that is met differs from what is documented; no Prefect is needed for it."""

import asyncio
import sys
import time
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from cli.account.doctor_table import show
from cli.errors import UsageProblem
from cli.terminal import Terminal
from fleet.backup_list.ownership import Ownership
from fleet.dialect.combining import combined
from fleet.dialect.dialect import UNKNOWN, Dialect
from fleet.dialect.learner import Learner
from fleet.doctor.answers import Answers
from fleet.doctor.asking import MOST_REQUESTS, Asked, Asking, Count, Headers
from fleet.doctor.examination import examine
from fleet.doctor.prove.proven import Proven
from fleet.doctor.prove.prover import Prover
from fleet.doctor.prove.target_choice import chosen
from fleet.doctor.report import DoctorReport
from fleet.inventory.inventory import Inventory
from fleet.inventory.naming import KEY_DIGITS, marks_in
from fleet.inventory.target import Target
from fleet.ledger.budget.grants import SharedBudget
from fleet.ledger.claims import KnownClaims, LedgerClaims, known_plans
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.dialects import read_dialect, save_dialect
from fleet.ledger.entry import Entry
from fleet.ledger.reading import read_entries
from fleet.ledger.rows import Subject
from fleet.ledger.store import Ledger
from fleet.observed.observation import observe
from fleet.observed.preconditions import problem_of
from fleet.report.outcome import Outcome
from fleet.selection.living import Resolved, resolve_rules
from fleet.selection.loading import load_inventory
from fleet.serveravatar.account import Account
from fleet.serveravatar.backup_rows import names_in
from fleet.serveravatar.client import Client
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.rate_limit.rhythm import Rhythm
from fleet.serveravatar.retry import RetryPolicy
from fleet.serveravatar.wire import Request
from fleet.settings import settings as environment

_PATIENCE = RetryPolicy(attempts=2)
"""A reading call is repeated once: each counts among the few that may be sent."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line."""

    fleet: Path | None
    prove: str | None = None
    yes: bool = False
    verify_timeout: float = 3600.0


def examine_api(wanted: Wanted, *, as_json: bool) -> int:
    """Examine the API, show what was found, and remember it.

    Returns:
        The exit code: 0 all as assumed, 7 something differs; with `--prove` also 3, 4 and 5 as of a run.

    Raises:
        FleetFileError: with every mistake of the fleet file; nothing was sent.
        SettingsError: there is no usable token or another setting is wrong.
        UsageProblem: `--prove` without a fleet file, or without a yes.
        ChoiceError: `--prove` names no target, or more than one.
        ApiUnusableError: nothing could be read.
    """
    now, settings = datetime.now(UTC), environment.load()
    if wanted.prove and wanted.fleet is None:
        raise UsageProblem("--prove needs the FLEET file that asks for the backup")
    account, url = settings.account(), settings.ledger_url()
    inventory = asyncio.run(load_inventory(wanted.fleet, [], now, None, url))[0] if wanted.fleet else None
    if wanted.prove and inventory:
        if not inventory.rules:
            chosen(inventory.targets, wanted.prove, now)  # Before anything is sent, and before the question.
        _confirm(yes=wanted.yes)
    with Terminal() as terminal:
        report = asyncio.run(_Doctor(wanted, settings, inventory, terminal, now).examine(account))
    show(report, terminal)
    if as_json:
        click.echo(report.model_dump_json(indent=2))
    return report.exit_code


def _confirm(*, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageProblem("--prove creates one real backup: say --yes")
    if not click.confirm("This creates one real instant backup, which stays in the storage. Go on?", err=True):
        raise UsageProblem("nothing was sent")


class _Doctor:
    """One examination."""

    def __init__(
        self,
        wanted: Wanted,
        settings: environment.Settings,
        inventory: Inventory | None,
        terminal: Terminal,
        now: datetime,
    ) -> None:
        self._wanted = wanted
        self._settings = settings
        self._url = settings.ledger_url()
        self._inventory = inventory
        self._terminal = terminal
        self._now = now
        self._count = Count()
        self._headers = Headers()

    async def examine(self, account: Account) -> DoctorReport:
        """Examine; where the first request of all is refused, once more with the other way to send the token."""
        try:
            return await self._examine(account, account)
        except ApiUnusableError as error:
            if not error.was_sent or self._count.left != MOST_REQUESTS - 1:
                raise
            refusal = error
        other = replace(account, scheme="token" if account.scheme == "bearer" else "bearer")
        try:
            return await self._examine(account, other)
        except ApiUnusableError:
            raise refusal from None

    async def _examine(self, account: Account, used: Account) -> DoctorReport:
        budget = SharedBudget(self._url, used, time.monotonic, lambda _: self._warn("the budget is not shared"))
        async with Client(
            used, policy=_PATIENCE, waiting=self._waiting, budget=budget, heard=self._headers.heard
        ) as client:
            asked = await Asking(lambda request: client.send(request, self._count.before)).ask(self._organizations())
            answers = await self._answers(account, used, asked)
            if self._wanted.prove:
                answers = await self._proven(client, answers, self._wanted.prove)
            await self._remember(answers)
            return examine(answers, client.calls)

    def _organizations(self) -> list[int]:
        if self._inventory is None:
            return []
        named = [target.organization for target in self._inventory.targets]
        return list(dict.fromkeys([*named, *(rule.organization for rule in self._inventory.rules)]))

    async def _answers(self, account: Account, used: Account, asked: Asked) -> Answers:
        heard = tuple(self._headers.ahead), frozenset(self._headers.limits), self._headers.count
        told: dict[str, Any] = {each.name: getattr(asked, each.name) for each in fields(asked)}
        answers = Answers(account, used.scheme, self._now, *heard, **told)
        known = {organization: await self._recall(account, organization) for organization in asked.backups}
        return replace(answers, known=known, sent_names=await self._sent_names(answers))

    async def _recall(self, account: Account, organization: int) -> Dialect:
        try:
            return await read_dialect(self._url, account.url, organization)
        except LedgerError:
            self._warn("what earlier runs have seen is not known")
            return UNKNOWN

    async def _sent_names(self, answers: Answers) -> dict[str, str]:
        marks = {mark for row in answers.rows for mark in marks_in(names_in(row)) if len(mark) == KEY_DIGITS}
        try:
            recorded = await read_entries(self._url, sorted(marks))
        except LedgerError:
            return {}
        return {key: str(each.entry.request.get("name") or "") for key, each in recorded.items()}

    async def _proven(self, client: Client, answers: Answers, wanted: str) -> Answers:
        resolved = await self._resolved(client)
        target = chosen(resolved.inventory.targets, wanted, self._now)
        rules = self._settings.disk_rules()
        observed = await observe(client.send, [target], rules, resolved.listed)
        if problem_of(target, observed, rules, self._now):
            why = "a precondition is not met; `fleet-backup check` says which"
            return replace(answers, proven=Proven(Outcome.UNMET, why))
        async with Ledger(self._url) as ledger:
            own, claims = await self._own(target, answers), LedgerClaims(ledger, answers.account.url)
            entry = await _claimed(ledger, target)
            prover = Prover(client.send, ledger, own, claims, (target, entry), self._terminal.say)
            try:
                proven = await prover.prove(self._wanted.verify_timeout)
            except ApiError:
                raise ApiUnusableError("the list of backups could not be read, so nothing was created") from None
        place = target.organization
        rows = {place: prover.raw} if prover.raw else {}
        return replace(answers, proven=proven, learned={place: prover.facts}, proof_rows=rows)

    async def _resolved(self, client: Client) -> Resolved:
        if self._inventory is None:
            raise RuntimeError("--prove without a fleet file")

        async def send(request: Request) -> object:
            return await client.send(request)

        return await resolve_rules(send, self._inventory, self._now, allow_empty=True)

    async def _own(self, target: Target, answers: Answers) -> Ownership:
        organization, api = target.organization, answers.account.url
        plans = await known_plans(self._url, {organization})
        known = answers.known.get(organization) or await self._recall(answers.account, organization)
        claims, of_organization = KnownClaims(self._url, api), plans[organization]
        # The watch itself waits for the name, for longer than a run does.
        return Ownership(organization, Learner(known), claims, of_organization, patience=0.0)

    async def _remember(self, answers: Answers) -> None:
        """Keep what was learned: runs and audits know it then, too."""
        for organization in {*answers.backups, *answers.learned}:
            known = answers.known.get(organization, UNKNOWN)
            now = combined(known, answers.alone(organization))
            try:
                await save_dialect(self._url, answers.account.url, organization, now)
            except LedgerError:
                self._warn("what was seen is not remembered")

    def _warn(self, what: str) -> None:
        """Say what the ledger is missed for, without its address."""
        self._terminal.say(f"{what}: the ledger cannot be used (`fleet-backup history` says why)")

    def _waiting(self, _reason: str, seconds: float, rhythm: Rhythm | None = None, /) -> None:
        """Say that something is waited for, without the API's message."""
        self._terminal.waiting("waiting to ask again", seconds, rhythm)


async def _claimed(ledger: Ledger, target: Target) -> Entry:
    """A fresh entry of a run of its own, which nothing else will ever have the key of."""
    run_key = f"doctor-{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    fresh = Entry(target.key(run_key), run_key, automatic=False, request=target.request.body())
    application = target.request.application_id
    server = target.server_name or f"server {target.server_id}"
    subject = Subject(target.organization, target.server_id, server, application, f"application {application}")
    return (await ledger.claim([(fresh, subject)]))[fresh.key].entry
