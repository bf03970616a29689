"""Which API a run has met: recalled from the ledger before anything is sent, remembered with what it showed since."""

from prefect import get_run_logger

from fleet.dialect.changes import changes
from fleet.dialect.first_contact import first_contact
from fleet.dialect.headers import Headers
from fleet.dialect.learner import Learner
from fleet.ledger.claims import KnownClaims, LedgerClaims, known_plans
from fleet.ledger.dialects import read_dialect, save_dialect
from fleet.ledger.engine import LedgerError
from fleet.ledger.store import Ledger
from tasks.run_context import RunContext


class Met:
    """What is known of the API that a run talks to, by organization."""

    def __init__(self, context: RunContext, api: str, ledger_url: str, headers: Headers) -> None:
        """Prepare.

        Args:
            context: of the run.
            api: its address: a rotated token forgets nothing.
            ledger_url: where it is kept.
            headers: of the answers, as they are heard.
        """
        self._context = context
        self._api = api
        self._ledger_url = ledger_url
        self._headers = headers

    async def recall(self, ledger: Ledger | None) -> None:
        """Know again what earlier runs have learned, and whose rows are; a dry run claims none.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        organizations = {target.organization for target in self._context.targets}
        claims = LedgerClaims(ledger, self._api) if ledger else KnownClaims(self._ledger_url, self._api)
        self._context.claims = claims
        self._context.known_plans = await known_plans(self._ledger_url, organizations)
        for organization in organizations:
            known = await read_dialect(self._ledger_url, self._api, organization)
            self._context.learners[organization] = Learner(known)
        if line := first_contact(learner.known for learner in self._context.learners.values()):
            self._context.listener.notice(line)

    async def remember(self) -> None:
        """Keep what was learned, and note what has changed; that never costs a run its report."""
        for organization, learner in self._context.learners.items():
            self._headers.teach(learner)
            for line in changes(learner.known, learner.dialect):
                self._context.api_changes.append(f"organization {organization}: {line}")
            try:
                await save_dialect(self._ledger_url, self._api, organization, learner.dialect)
            except LedgerError as error:
                get_run_logger().warning("what the API has shown is not remembered: %s", error)
