"""Settles with one real backup what no reading call shows: sent once and never again, and watched to its end.

By the protocol of a run: the intent is recorded before the create leaves, a row without a name is claimed before
anything is concluded from it, and what is in doubt is looked for and stays in doubt when it is not found.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from fleet.backup_list.backup_list import BackupList
from fleet.backup_list.ownership import Claims, Ownership
from fleet.backup_list.search import Found
from fleet.dialect.dialect import Dialect
from fleet.doctor.answers import unread
from fleet.doctor.prove.proven import Proven
from fleet.doctor.prove.watched import Watched
from fleet.doctor.shown_words import shown_word
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry, answered, ended, found, proven, sending, sent_again, sought_of
from fleet.proof.duplicates import judge_all
from fleet.proof.proof import Evidence, Proof
from fleet.proof.sought import Sought
from fleet.report.outcome import Outcome
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Call, Request, create_backup, read_page

LONGEST_DOUBT: Final = 600.0
"""Seconds that a create in doubt is looked for at most: what takes longer to show, a later look finds."""
_LONGEST_PAUSE: Final = 30.0


class Record(Protocol):
    """The ledger, as far as one entry needs it (`fleet.ledger.store.Ledger`)."""

    def now(self) -> float:
        """Epoch seconds of its clock."""

    async def save(self, entry: Entry) -> Entry:
        """Record an entry durably."""


class Sending(Protocol):
    """Sends a request, and awaits `before` right before it leaves (`Client.send`)."""

    def __call__(self, request: Request, before: Callable[[], Awaitable[None]] | None = None, /) -> Awaitable[Any]:
        """Return the JSON of the answer."""


class Prover:
    """Makes one instant backup of a target, and watches it.

    Attributes:
        entry: as the ledger has it.
    """

    def __init__(
        self,
        send: Sending,
        record: Record,
        own: Ownership,
        claims: Claims,
        wanted: tuple[Target, Entry],
        say: Callable[[str], None],
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            send: to the API.
            record: of what is attempted.
            own: which rows of the list may be ours; it claims none.
            claims: of a row without a name.
            wanted: an instant backup, and its entry, fresh and claimed.
            say: told what is waited for.
        """
        self._target, self.entry = wanted
        self._send = send
        self._record = record
        self._own = own
        self._claims = claims
        self._say = say
        self._said = ""
        self._list = BackupList(self._read, self._target.organization, own)
        self._raw: dict[int, Mapping[str, object]] = {}
        self._seen = Watched()
        self._found: Found | None = None
        self._body = self._target.request.body(self._target.backup_name(self.entry.run_key))

    async def prove(self, seconds: float) -> Proven:
        """Make it and watch it, for so many seconds at most.

        Raises:
            ApiError: the list of backups could not be read before, so nothing was sent.
            ApiUnusableError: the API cannot be used, and nothing was sent.
            LedgerError: the ledger cannot be written.
        """
        await self._list.mark(exactly=True)
        refusal = await self._create()
        if refusal:
            return Proven(self.entry.outcome or Outcome.EXHAUSTED, refusal)
        in_doubt = self.entry.doubtful
        await self._watch(min(seconds, LONGEST_DOUBT) if in_doubt else seconds)
        return await self._conclude(in_doubt=in_doubt)

    @property
    def facts(self) -> Dialect:
        """What it has shown of the dialect, and nothing that was known before."""
        return self._seen.facts(self.entry, self._target.request)

    @property
    def raw(self) -> Mapping[str, object]:
        """Its row as it came last; empty where it was never seen."""
        return self._seen.raw

    async def _read(self, request: Request) -> Any:  # noqa: ANN401 - JSON, as every `Send` returns it
        answer = await self._send(request)
        if request.call is Call.LIST_BACKUPS:
            for raw in read_page(request, answer).rows:
                self._raw |= {row.id: raw for row in read_backups([raw])}
        return answer

    async def _create(self) -> str:
        """Send it once; return why it was not taken on, empty where it was, or may have been."""
        self._tell("sending the create")
        request = create_backup(self._target.organization, self._target.server_id, self._body)
        meaning, words = Meaning.ACCEPTED, ""
        try:
            await self._send(request, self._note_intent)
        except ApiUnusableError as error:
            if not self.entry.attempts:
                raise
            meaning, words = Meaning.IN_DOUBT if error.in_doubt else Meaning.TOKEN_REFUSED, error.reason
        except ApiError as error:
            meaning, words = error.meaning, unread(error).words
        entry = answered(self.entry, meaning, words, self._record.now(), doubtful_before=False)
        self.entry = await self._record.save(entry)
        if entry.doubtful or entry.outcome is Outcome.CREATED:
            return ""
        if entry.outcome is None:
            self.entry = await self._record.save(ended(entry, Outcome.EXHAUSTED, words))
        return words or "the API did not take it on"

    async def _note_intent(self) -> None:
        """Record durably that it is being sent; a 429 was not applied, so then it is the same attempt."""
        now = self._record.now()
        is_again = self.entry.attempts > 0
        entry = sent_again(self.entry, now) if is_again else sending(self.entry, now, self._list.marked, self._body)
        self.entry = await self._record.save(entry)

    async def _watch(self, seconds: float) -> None:
        """Look until it has ended, or the time is over."""
        sought = sought_of(self.entry, self._target)
        self._own.note_sent(sought)
        clock = asyncio.get_running_loop().time
        began = clock()
        while True:
            elapsed = clock() - began
            goes_on = await self._look(sought)
            if self._seen.is_over or elapsed >= seconds or not goes_on:
                return
            self._tell(self._waited_for())
            await asyncio.sleep(min(max(1.0, elapsed / 8), _LONGEST_PAUSE, max(seconds - elapsed, 0.1)))

    async def _look(self, sought: Sought) -> bool:
        """Read the list for it; return whether that can be done again."""
        try:
            found = await self._list.find([sought], thorough=True)
        except ApiUnusableError:
            return False
        except ApiError as error:
            self._tell(f"the list could not be read: {unread(error).words}; again soon")
            return True
        self._found = found
        seen, recognition = self._seen, found.recognition
        since_sent = self._record.now() - (self.entry.sent_at or 0.0)
        seen.is_named = sought.key in recognition.named
        seen.candidates = len(recognition.candidates_of(sought.key))
        if rows := found.rows_of(sought.key):
            row = rows[0]
            seen.see(row, self._raw[row.id], since_sent, self._proof_of(rows, recognition.evidence_of(sought.key)))
        seen.look(since_sent)
        return True

    def _proof_of(self, rows: Sequence[Backup], evidence: Evidence | None) -> Proof:
        as_before = frozenset(row.id for row in rows if row == self._seen.row)
        return judge_all(rows, self._target.request, self._list.known_api, as_before).recognised_by(evidence)

    def _waited_for(self) -> str:
        if self._seen.row is None:
            return "waiting until the list shows it"
        if self._seen.took is not None:
            return "waiting for a row that shows its name"
        return f"waiting until it is complete; its status is {shown_word(self._seen.row.status or '')}"

    def _tell(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self._say(text)

    async def _conclude(self, *, in_doubt: bool) -> Proven:
        """Record how it ended; a row without a name is claimed before anything is concluded from it."""
        seen, entry = self._seen, self.entry
        if seen.row and not seen.is_named and seen.is_certain:
            row = seen.row.id
            owners = await self._claims.claim(self._target.organization, {row: entry.key})
            if owners.get(row) != entry.key:
                seen.disown()
        result = seen.result(str(self._body.get("name", "")), in_doubt=in_doubt)
        if not seen.is_certain or self._found is None:
            entry = ended(entry, result.outcome, result.how)
        else:
            entry = found(entry, self._list.looked(entry.key, self._found)) if in_doubt else entry
            entry = proven(entry, result.outcome, seen.proof)
        await self._record.save(entry)
        return result
