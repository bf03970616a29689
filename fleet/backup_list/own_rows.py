"""Which rows of an organization's list are a run's own: claimed in the ledger before anything is concluded from them.

What the run's own rows show of the API's undocumented points is learned on the way (`fleet.dialect`).
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, Protocol

from fleet.dialect.dialect import OFTEN, Names
from fleet.dialect.learner import Learner
from fleet.proof.recognition import Grounds, Recognition
from fleet.proof.sought import Sought
from fleet.proof.verification import Evidence
from fleet.serveravatar.models import Backup

PATIENCE: Final = 10.0
"""Seconds that the name of an accepted backup is waited for, on an API of which nothing is known yet."""


MANY: Final = 10
"""So many accepted backups without a name, or half of them, and names do not show."""


class Claims(Protocol):
    """Where it stands whose rows are, for all runs."""

    async def claim(self, organization: int, wanted: Mapping[int, str]) -> dict[int, str]:
        """Claim rows that nobody has claimed yet.

        Args:
            organization: whose list.
            wanted: the key that each row is to belong to, by the row's id.

        Returns:
            The key that each of the rows belongs to now.
        """


class NoClaims:
    """Claims nothing: for who only looks, such as `plan`."""

    async def claim(self, organization: int, wanted: Mapping[int, str]) -> dict[int, str]:  # noqa: ARG002 - as `Claims`
        """Let each row belong to whom it may belong to."""
        return dict(wanted)


class OwnRows:
    """The rows of one organization's list that a run knows to be its own."""

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
            clock: epoch seconds, by the clock that `Sought.sent_at` is of.
            patience: seconds that the name of an accepted backup is waited for.
        """
        self.learner = learner
        self.sent: dict[str, Sought] = {}
        self._organization = organization
        self._claims = claims
        self._known_plans = known_plans
        self._clock = clock
        self._patience = patience
        self._owners: dict[int, str] = {}
        self._seen: set[str] = set()
        self._absent_at: dict[str, float] = {}

    def now(self) -> float:
        """Epoch seconds, by the clock that sends are recorded by."""
        return self._clock()

    def note_sent(self, sought: Sought) -> None:
        """Know of something that was sent: its row shows how far the list goes, and what the API shows of a name."""
        self.sent[sought.key] = sought

    @property
    def grounds(self) -> Grounds:
        """What placing a row needs to know."""
        return self.learner.dialect.grounds(self._known_plans, is_fresh=self.learner.offset_is_fresh)

    def recognition(self, sought: Collection[Sought]) -> Recognition:
        """Recognise these, with the claims that are known."""
        recognition = Recognition(sought, self.grounds)
        recognition.claim(self._owners)
        return recognition

    async def settle(self, recognition: Recognition) -> None:
        """Claim what may be placed among the rows that were taken, and learn from all that were recognised.

        Raises:
            LedgerError: the claims cannot be written.
        """
        self._learn_names(recognition)
        recognition.grounds = self.grounds
        if not self.learner.has_seen_a_name and recognition.contradicts_names:
            # The list has shown names until now, and does not show those of this run.
            recognition.grounds = Grounds(False, self._known_plans, recognition.grounds.offset)
        is_plain = self._is_plain(recognition)
        while proposed := recognition.proposals(lambda each: is_plain or self._is_ripe(each)):
            self._owners |= await self._claims.claim(self._organization, proposed)
            recognition.claim(self._owners)
        for key in recognition.keys_found - self._seen:
            if rows := recognition.rows_of(key):
                self._saw(recognition.sought(key), rows, recognition)

    def _is_plain(self, recognition: Recognition) -> bool:
        """Whether it is plain that names do not show: so many rows without one are not all somebody else's."""
        if self.learner.dialect.names is not Names.UNKNOWN:
            return False
        instant = (each for each in recognition.all_sought if not each.target.request.automatic_backup)
        accepted = [each.key for each in instant if each.accepted]
        nameless = sum(bool(recognition.candidates_of(key)) for key in accepted if key not in recognition.named)
        return nameless >= min(MANY, max(OFTEN, len(accepted) / 2))

    def _is_ripe(self, sought: Sought) -> bool:
        """Whether a row without a name may be taken for this one.

        While nobody knows whether names are shown, what the API has accepted is given time to show its own: a list that
        is slow may show first what others made shortly before.
        """
        is_instant = not sought.target.request.automatic_backup
        if self.learner.dialect.names is Names.UNKNOWN and sought.accepted and is_instant:
            return self._clock() - (sought.sent_at or 0.0) >= self._patience
        return True

    def _learn_names(self, recognition: Recognition) -> None:
        for key in recognition.named.keys() - self._seen:
            self.learner.named(key, recognition.named[key][0])

    def _saw(self, sought: Sought, rows: Iterable[Backup], recognition: Recognition) -> None:
        """Learn from one that is seen for the first time."""
        self._seen.add(sought.key)
        row = min(rows, key=lambda each: each.id)
        since_sent = self._clock() - (sought.sent_at or 0.0)
        if sought.sent_at is None or not sought.accepted or sought.attempts != 1:
            return  # Which attempt has made it is not known.
        if sought.target.request.automatic_backup:
            # An instant backup that shows no name, or somebody else's, would teach too short a time.
            if sought.target.request.starts_now and recognition.is_alone(sought.key):
                self.learner.first_backup(since_sent)
            return
        if recognition.evidence_of(sought.key) is Evidence.PLACED:
            self.learner.nameless(sought.key)
        self.learner.dated(row, sought.sent_at)
        self.learner.shown(since_sent)
        if sought.key in self._absent_at:
            self.learner.shown_late(since_sent)

    def not_shown(self, keys: Iterable[str], recognition: Recognition) -> None:
        """A reading that went far enough has shown nothing that may be one of these, that were sent before it."""
        now = self._clock()
        for key in keys:
            if key not in self._seen and not (recognition.is_sought(key) and recognition.candidates_of(key)):
                self._absent_at[key] = now

    def shown_up_to(self, recognition: Recognition) -> float:
        """When the newest was sent that a reading has shown; what was sent before it would show, too, if it existed."""
        shown = (self.sent[key].sent_at for key in recognition.found if key in self.sent)
        return max(filter(None, shown), default=0.0)
