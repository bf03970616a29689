"""Settles with one real backup what no reading call shows: created once, never again, and watched to its end.

It follows the protocol of a run, by the same pure steps (`fleet.ledger.entry`) and the same looks
(`fleet.backup_list`). It does not share the loops of `tasks`, which decide whether to resend and await a whole fleet:
one backup is never resent, and the timing of each look is itself a result.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

from fleet.backup_list.backup_list import BackupList
from fleet.backup_list.ownership import Claims, Ownership
from fleet.dialect.dialect import Dialect
from fleet.doctor.answers import unread
from fleet.doctor.prove.proven import Proven
from fleet.doctor.prove.watched import Watched
from fleet.doctor.redaction import public_word
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry, answered, ended, found, proven, sending, sent_again, sought_of
from fleet.proof.absence import Looked
from fleet.proof.duplicates import judge_all
from fleet.proof.proof import Proof
from fleet.proof.sought import Sought
from fleet.report.outcome import Outcome
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.wire import Call, Request, create_backup, read_page

LONGEST_DOUBT: Final = 600.0
"""Most seconds that a create in doubt is looked for; a later look finds what takes longer to show."""
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
        """Return the JSON of the response."""


class Prover:
    """Creates one instant backup of a target, and watches it.

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
            wanted: an instant backup, and its entry, new and claimed.
            say: shows what is awaited.
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
        self._looked: Looked | None = None
        self._body = self._target.request.body(self._target.backup_name(self.entry.run_key))

    async def prove(self, seconds: float) -> Proven:
        """Create it and watch it, for at most this many seconds.

        Raises:
            ApiError: the backup list could not be read first, so nothing was sent.
            ApiUnusableError: the API cannot be used, and nothing was sent.
            LedgerError: the ledger cannot be written.
        """
        await self._list.mark(exactly=True)
        if refusal := await self._create():
            return Proven(self.entry.outcome or Outcome.EXHAUSTED, refusal)
        in_doubt = self.entry.doubtful
        await self._watch(min(seconds, LONGEST_DOUBT) if in_doubt else seconds)
        return await self._conclude(in_doubt=in_doubt)

    @property
    def facts(self) -> Dialect:
        """What it has shown of the dialect, without what was known before."""
        return self._seen.facts(self.entry, self._target.request)

    @property
    def raw(self) -> Mapping[str, object]:
        """Its row as last seen; empty if it never was."""
        return self._seen.raw

    async def _read(self, request: Request) -> Any:  # noqa: ANN401 - JSON, as every `Send` returns it
        answer = await self._send(request)
        if request.call is Call.LIST_BACKUPS:
            for raw in read_page(request, answer).rows:
                self._raw |= {row.id: raw for row in read_backups([raw])}
        return answer

    async def _create(self) -> str:
        """Send it once; return why it was refused, empty if it was accepted, or may have been."""
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
        return words or "the API refused it"

    async def _note_intent(self) -> None:
        """Record durably that it is being sent; what a 429 refused is still the same attempt."""
        now = self._record.now()
        is_again = self.entry.attempts > 0
        entry = sent_again(self.entry, now) if is_again else sending(self.entry, now, self._list.marked, self._body)
        self.entry = await self._record.save(entry)

    async def _watch(self, seconds: float) -> None:
        """Look until it has ended, or time is up."""
        sought = sought_of(self.entry, self._target)
        self._own.note_sent(sought)
        clock = asyncio.get_running_loop().time
        began = clock()
        while True:
            elapsed = clock() - began
            can_look = await self._look(sought)
            if self._seen.is_over or elapsed >= seconds or not can_look:
                return
            self._tell(self._awaited())
            await asyncio.sleep(min(max(1.0, elapsed / 8), _LONGEST_PAUSE, max(seconds - elapsed, 0.1)))

    async def _look(self, sought: Sought) -> bool:
        """Take one look; return whether another one is possible."""
        try:
            found_now = await self._list.find([sought], thorough=True)
        except ApiUnusableError:
            return False
        except ApiError as error:
            self._tell(f"the backup list could not be read: {unread(error).words}; trying again soon")
            return True
        looked = self._looked = found_now.looked(sought.key)
        since_sent = self._record.now() - (self.entry.sent_at or 0.0)
        if looked.rows:
            row = looked.rows[0]
            self._seen.see(row, self._raw[row.id], since_sent, self._proof_of(looked))
        self._seen.look(looked, since_sent)
        return True

    def _proof_of(self, looked: Looked) -> Proof:
        as_before = frozenset(row.id for row in looked.rows if row == self._seen.row)
        proof = judge_all(looked.rows, self._target.request, self._list.known_api, as_before)
        return proof.recognised_by(looked.evidence)

    def _awaited(self) -> str:
        if self._seen.row is None:
            return "waiting for the list to show it"
        if self._seen.took is not None:
            return "waiting for a row that shows its name"
        return f"waiting for it to complete; its status is {public_word(self._seen.row.status or '')}"

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
        if not seen.is_certain or self._looked is None:
            entry = ended(entry, result.outcome, result.how)
        else:
            entry = found(entry, self._looked) if in_doubt else entry
            entry = proven(entry, result.outcome, seen.proof)
        await self._record.save(entry)
        return result
