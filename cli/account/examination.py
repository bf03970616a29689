"""One examination of an API: ask, compare, and with `--prove` create one real backup."""

import time
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final

from cli.account.doctor_ledger import DoctorLedger
from cli.account.real_backup import choose, prove
from cli.account.wanted import Wanted
from cli.terminal.terminal import Terminal
from fleet.doctor.answers import Answers
from fleet.doctor.asking import MOST_REQUESTS, Asked, Asking, Count, Headers
from fleet.doctor.examination import examine
from fleet.doctor.report import DoctorReport
from fleet.inventory.inventory import Inventory
from fleet.ledger.budget.grants import SharedBudget
from fleet.serveravatar.account import Account
from fleet.serveravatar.client import Client
from fleet.serveravatar.errors import ApiUnusableError
from fleet.serveravatar.rate_limit.rhythm import Rhythm
from fleet.serveravatar.retry import RetryPolicy
from fleet.settings.settings import Settings

_PATIENCE: Final = RetryPolicy(attempts=2)
"""One retry of a read: each counts towards the few requests that may be sent."""


class Examination:
    """One examination.

    Args:
        wanted: what to examine.
        settings: of the environment.
        inventory: of the fleet file, if one is given.
        terminal: shows what is waited for.
        now: when it begins.
    """

    def __init__(
        self, wanted: Wanted, settings: Settings, inventory: Inventory | None, terminal: Terminal, now: datetime
    ) -> None:
        self._wanted = wanted
        self._settings = settings
        self._inventory = inventory
        self._terminal = terminal
        self._now = now
        self._count = Count()
        self._headers = Headers()

    async def of(self, account: Account) -> DoctorReport:
        """Examine; if the very first request is refused, try the other authentication scheme once.

        Raises:
            ApiUnusableError: nothing could be read.
            ChoiceError: `--prove` names no target, or more than one.
        """
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
        ledger = DoctorLedger(self._settings.ledger_url(), account.url, self._terminal.warn)
        budget = SharedBudget(ledger.url, used, time.monotonic, lambda _: ledger.warn("the budget is not shared"))
        async with Client(
            used, policy=_PATIENCE, waiting=self._waiting, budget=budget, heard=self._headers.heard
        ) as client:
            asked = await Asking(lambda request: client.send(request, self._count.before)).ask(self._organizations())
            answers = await self._answers(account, used, asked, ledger)
            if self._wanted.prove and self._inventory:
                backup = await choose(client, self._wanted, self._inventory, self._settings, self._now)
                seconds = self._wanted.verify_timeout
                answers = await prove(client, backup, answers, ledger, seconds, self._terminal.say)
            await ledger.record(answers)
            return examine(answers, client.calls)

    def _organizations(self) -> list[int]:
        if self._inventory is None:
            return []
        named = [target.organization for target in self._inventory.targets]
        return list(dict.fromkeys([*named, *(rule.organization for rule in self._inventory.rules)]))

    async def _answers(self, account: Account, used: Account, asked: Asked, ledger: DoctorLedger) -> Answers:
        heard = tuple(self._headers.ahead), frozenset(self._headers.limits), self._headers.count
        lists: dict[str, Any] = {each.name: getattr(asked, each.name) for each in fields(asked)}
        answers = Answers(account, used.scheme, self._now, *heard, **lists)
        known = {organization: await ledger.dialect(organization) for organization in asked.backups}
        return replace(answers, known=known, sent_names=await ledger.sent_names(answers.rows))

    def _waiting(self, _reason: str, seconds: float, rhythm: Rhythm | None = None, /) -> None:
        """Show that a request waits, without the API's message: it may be private."""
        self._terminal.waiting("waiting to ask again", seconds, rhythm)
