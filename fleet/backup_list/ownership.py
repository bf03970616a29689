"""Which rows of an organization's list are a run's own: claimed in the ledger before anything is concluded from them.

What the run's own rows show of the API's undocumented points is learned on the way (`fleet.dialect`).
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, Protocol

from fleet.dialect.dialect import OFTEN, Names
from fleet.dialect.learner import Learner
from fleet.proof.matching import Grounds
from fleet.proof.placement import proposed_claims
from fleet.proof.proof import Evidence
from fleet.proof.recognition import Recognition
from fleet.proof.sought import Sought
from fleet.proof.sought_index import SoughtIndex
from fleet.serveravatar.models import Backup

PATIENCE: Final = 10.0
"""Seconds that the name of an accepted backup is awaited, on an API of which nothing is known yet."""
MANY: Final = 10
"""Accepted backups without a name that show that names are hidden; half of the accepted ones do, too."""


class Claims(Protocol):
    """Where all runs record whose rows are."""

    async def claim(self, organization: int, wanted: Mapping[int, str]) -> dict[int, str]:
        """Claim rows that nobody has claimed yet.

        Args:
            organization: whose list.
            wanted: the key that each row should belong to, by the row's id.

        Returns:
            The key that each of the rows belongs to now.
        """


class NoClaims:
    """Records no claim: for commands that only look, such as `plan`."""

    async def claim(self, organization: int, wanted: Mapping[int, str]) -> dict[int, str]:  # noqa: ARG002 - as `Claims`
        """Grant what is wanted."""
        return dict(wanted)


class Ownership:
    """The rows of one organization's list that a run knows to be its own.

    Attributes:
        learner: of the API's dialect.
        sent: what the run has sent, each as last noted.
    """

    def __init__(
        self,
        organization: int,
        learner: Learner,
        claims: Claims,
        known_plans: frozenset[int] = frozenset(),
        clock: Callable[[], float] = time.time,
        patience: float = PATIENCE,
    ) -> None:
        """Prepare.

        Args:
            organization: whose list.
            learner: of the API's dialect.
            claims: of rows without a name.
            known_plans: the ids of plans that the ledger knows.
            clock: epoch seconds, by the clock of `Sought.sent_at`.
            patience: seconds that the name of an accepted backup is awaited.
        """
        self.learner = learner
        self.sent = SoughtIndex()
        self._organization = organization
        self._claims = claims
        self._known_plans = known_plans
        self._clock = clock
        self._patience = patience
        self._owners: dict[int, str] = {}
        self._seen: set[str] = set()
        self._absent_at: dict[str, float] = {}

    def now(self) -> float:
        """Epoch seconds, by the clock of `Sought.sent_at`."""
        return self._clock()

    def note_sent(self, sought: Sought) -> None:
        """Note what was sent: its row shows how far the list goes, and whether the API shows names."""
        self.sent.add(sought)

    @property
    def grounds(self) -> Grounds:
        """What is known for matching rows without a name."""
        return self.learner.dialect.grounds(self._known_plans, is_fresh=self.learner.offset_is_fresh)

    def recognition(self, sought: Collection[Sought], *, and_sent: bool = False) -> Recognition:
        """Recognise these, with the known claims.

        Args:
            sought: what is looked for.
            and_sent: whether to recognise what the run has sent, too.
        """
        return Recognition(sought, self.grounds, self.sent if and_sent else None, self._owners)

    async def settle(self, recognition: Recognition) -> None:
        """Claim the rows that may be placed, and learn from all that were recognised.

        Raises:
            LedgerError: the claims cannot be written.
        """
        for key in recognition.named.keys() - self._seen:
            self.learner.named(key, recognition.named[key][0])
        recognition.grounds = self.grounds
        if not self.learner.has_seen_a_name and recognition.contradicts_names:
            # The list has shown names until now, and does not show those of this run.
            recognition.grounds = Grounds(False, self._known_plans, recognition.grounds.offset)
        is_plain = self._are_names_plainly_hidden(recognition)
        while proposed := proposed_claims(recognition, lambda each: is_plain or self._is_ripe(each)):
            self._owners |= await self._claims.claim(self._organization, proposed)
        for key in set(recognition.keys_met) - self._seen:
            if rows := recognition.rows_of(key):
                self._learn_from_first_sight(recognition.sought(key), rows, recognition)

    def not_shown(self, keys: Iterable[str], recognition: Recognition) -> None:
        """Note that a look went far enough and showed nothing that may be one of these, which were sent before it."""
        now = self._clock()
        for key in keys:
            if key not in self._seen and not (recognition.is_sought(key) and recognition.candidates_of(key)):
                self._absent_at[key] = now

    def shown_up_to(self, recognition: Recognition) -> float:
        """When the newest backup that a look has shown was sent: one sent before it would show, too, if it existed."""
        shown = [sent.sent_at for key in recognition.found if (sent := self.sent.get(key)) is not None]
        return max(filter(None, shown), default=0.0)

    def _are_names_plainly_hidden(self, recognition: Recognition) -> bool:
        """Whether too many accepted backups show no name for all those rows to be somebody else's."""
        if self.learner.dialect.names is not Names.UNKNOWN:
            return False
        nameless = sum(
            _is_accepted_instant(recognition.sought(key)) and bool(recognition.candidates_of(key))
            for key in recognition.keys_met
            if key not in recognition.named
        )
        if not OFTEN <= nameless < MANY:
            return nameless >= MANY
        return nameless >= sum(map(_is_accepted_instant, recognition.index)) / 2

    def _is_ripe(self, sought: Sought) -> bool:
        """Whether a target may be given a row without a name yet.

        While it is unknown whether names are shown, an accepted backup is given time to show its own: a slow list may
        show first what others made shortly before.
        """
        is_instant = not sought.target.request.automatic_backup
        if self.learner.dialect.names is Names.UNKNOWN and sought.accepted and is_instant:
            return self._clock() - (sought.sent_at or 0.0) >= self._patience
        return True

    def _learn_from_first_sight(self, sought: Sought, rows: Iterable[Backup], recognition: Recognition) -> None:
        self._seen.add(sought.key)
        row = min(rows, key=lambda each: each.id)
        since_sent = self._clock() - (sought.sent_at or 0.0)
        if sought.sent_at is None or not sought.accepted or sought.attempts != 1:
            return  # It is unknown which attempt has made it.
        if sought.target.request.automatic_backup:
            # A nameless instant backup, or somebody else's, would teach too short a time.
            if sought.target.request.starts_now and recognition.is_alone(sought.key):
                self.learner.first_backup(since_sent)
            return
        if recognition.evidence_of(sought.key) is Evidence.PLACED:
            self.learner.nameless(sought.key)
        self.learner.dated(row, sought.sent_at)
        self.learner.shown(since_sent)
        if sought.key in self._absent_at:
            self.learner.shown_late(since_sent)


def _is_accepted_instant(sought: Sought) -> bool:
    return sought.accepted and not sought.target.request.automatic_backup
