"""Which API a run meets: recalled from the ledger before anything is sent, remembered with what it has shown since."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from fleet.backup_list.ownership import Claims
from fleet.dialect.first_contact import first_contact
from fleet.dialect.learner import Learner
from fleet.inventory.target import Target
from fleet.ledger.learned.backup_claims import KnownClaims, LedgerClaims, known_plans
from fleet.ledger.learned.dialects import LedgerDialects
from fleet.ledger.store import Ledger
from fleet.proof.absence import Rules
from fleet.report.progress import listener


class KnownApi:
    """What is known about the API that a run talks to, by organization.

    Attributes:
        claims: whose the rows of the backup list are.
        changes: what the API shows differently than earlier runs have learned, a line each.
    """

    def __init__(self, claims: Claims) -> None:
        self.claims = claims
        self.changes: list[str] = []
        self._rules = Rules()
        self._learners: defaultdict[int, Learner] = defaultdict(Learner)
        self._plans: Mapping[int, frozenset[int]] = {}

    async def recall(self, targets: Iterable[Target], rules: Rules, dialects: LedgerDialects, ledger_url: str) -> None:
        """Recall what earlier runs have learned; on first contact, point out the command that finds out more.

        Args:
            targets: of the run.
            rules: of the protocol, as the settings have them.
            dialects: of the API, in the ledger.
            ledger_url: where the ledger is.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        organizations = {target.organization for target in targets}
        self._rules = rules
        self._plans = await known_plans(ledger_url, organizations)
        learners = {organization: await dialects.recall(organization) for organization in organizations}
        self._learners.update(learners)
        if line := first_contact(learner.known for learner in learners.values()):
            listener.get().notice(line)

    async def remember(self, dialects: LedgerDialects) -> None:
        """Keep what was learned, and note what has changed; that never costs a run its report."""
        for organization, learner in self._learners.items():
            self.changes += await dialects.remember(organization, learner)

    def learner(self, organization: int) -> Learner:
        """Learns what the API shows of an organization."""
        return self._learners[organization]

    def plans(self, organization: int) -> frozenset[int]:
        """The ids of an organization's plans that the ledger knows."""
        return self._plans.get(organization, frozenset())

    def rules_for(self, target: Target) -> Rules:
        """The rules of the protocol towards the API that a target's organization was met on."""
        return self._learners[target.organization].dialect.rules(self._rules)


def claims_of(ledger: Ledger | None, ledger_url: str, api: str) -> Claims:
    """The claims on rows of the backup list: written to a run's open ledger, only read in a dry run."""
    return LedgerClaims(ledger, api) if ledger else KnownClaims(ledger_url, api)
