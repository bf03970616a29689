"""Which API a run has met: recalled from the ledger before anything is sent, remembered with what it showed since."""

from fleet.dialect.first_contact import first_contact
from fleet.ledger.learned.backup_claims import KnownClaims, LedgerClaims, known_plans
from fleet.ledger.learned.dialects import LedgerDialects
from fleet.ledger.store import Ledger
from tasks.run_context import RunContext


class Met:
    """What is known of the API that a run talks to, by organization."""

    def __init__(self, context: RunContext, dialects: LedgerDialects, api: str, ledger_url: str) -> None:
        """Prepare.

        Args:
            context: of the run.
            dialects: of the API.
            api: its address: a rotated token forgets nothing.
            ledger_url: where it is kept whose rows are.
        """
        self._context = context
        self._dialects = dialects
        self._api = api
        self._ledger_url = ledger_url

    async def recall(self, ledger: Ledger | None) -> None:
        """Know again what earlier runs have learned, and whose rows are; a dry run claims none.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        organizations = {target.organization for target in self._context.targets}
        claims = LedgerClaims(ledger, self._api) if ledger else KnownClaims(self._ledger_url, self._api)
        self._context.claims = claims
        self._context.known_plans = await known_plans(self._ledger_url, organizations)
        learners = {organization: await self._dialects.recall(organization) for organization in organizations}
        self._context.learners.update(learners)
        if line := first_contact(learner.known for learner in learners.values()):
            self._context.listener.notice(line)

    async def remember(self) -> None:
        """Keep what was learned, and note what has changed; that never costs a run its report."""
        for organization, learner in self._context.learners.items():
            self._context.api_changes += await self._dialects.remember(organization, learner)
