"""Learns the dialect of an API from what one run or audit is shown, beginning with what the ledger knew of it.

What was seen in this run wins over what was known; what was not seen stays as it was known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from fleet.dialect.dialect import OFTEN, UNKNOWN, Dialect, Names, Order, pattern_text
from fleet.dialect.forms import forms_of
from fleet.inventory.naming import KEY_DIGITS, marks_in
from fleet.inventory.request import BackupRequest
from fleet.pagination.extent import falls
from fleet.proof.status_words import Speech, folded, speech_of
from fleet.proof.verification import Completion, Proof, pattern
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Call, Page, Request, read_page

ENOUGH: Final = 5
"""So many rows that show nothing of a part of the proof contradict what was known."""
_KEPT: Final = 9
_MOST_WORDS: Final = 30
_LONGEST_WORD: Final = 40


@dataclass(slots=True)
class _Seen:
    """What this run has seen: ids of rows that may be complete, by what they show, and counts."""

    maybe_complete: set[int] = field(default_factory=set)
    sized: set[int] = field(default_factory=set)
    zeros: set[int] = field(default_factory=set)
    flagged: set[int] = field(default_factory=set)
    statuses: int = 0
    without_status: int = 0
    named: set[str] = field(default_factory=set)
    nameless: set[str] = field(default_factory=set)
    fewest_digits: int = KEY_DIGITS


class Learner:
    """What an API has shown so far, as a dialect at any time."""

    def __init__(self, known: Dialect = UNKNOWN) -> None:
        self.known = known
        self._seen = _Seen()
        self._orders: set[Order] = set()
        self._dialect = known
        self.offset_is_fresh = False

    @property
    def dialect(self) -> Dialect:
        """What is known now."""
        return self._dialect

    def take_page(self, page: Page) -> None:
        """Learn from a page of the list of backups: its form, and what its rows show."""
        rows = read_backups(page.rows)
        self._learn_order([row.id for row in rows])
        size = page.size or self._dialect.page_size
        self._set(totals=page.total is not None, page_size=size, order=self._order())
        forms = {kind: set(known) for kind, known in self._dialect.forms.items()}
        for kind, seen in forms_of(page.rows).items():
            forms[kind] = forms.get(kind, set()) | seen
        self._set(forms={kind: sorted(each) for kind, each in forms.items()})
        self._count(rows)

    def _learn_order(self, ids: Sequence[int]) -> None:
        if len(ids) < 2:  # noqa: PLR2004 - one row is in any order
            return
        rises = falls(ids[::-1])
        self._orders.add(Order.NEWEST_FIRST if falls(ids) else Order.OLDEST_FIRST if rises else Order.OTHER)

    def _order(self) -> Order:
        if not self._orders:
            return self.known.order
        return next(iter(self._orders)) if len(self._orders) == 1 else Order.OTHER

    def _count(self, rows: Iterable[Backup]) -> None:
        """Count what rows show that may be complete: of what is on its way or failed nothing is expected."""
        seen, statuses = self._seen, dict(self._dialect.statuses)
        for row in rows:
            speech, word = speech_of(row.status), folded(row.status)[:_LONGEST_WORD]
            seen.statuses += bool(word)
            seen.without_status += not word
            if word and (word in statuses or len(statuses) < _MOST_WORDS):
                statuses.setdefault(word, _said(speech))
            if speech not in (Speech.FAILURE, Speech.WAITING):
                self._count_proof(row)
        self._set(statuses=statuses, **self._shown())

    def _count_proof(self, row: Backup) -> None:
        seen = self._seen
        seen.maybe_complete.add(row.id)
        parts = (
            (row.application_size, row.total_application_size, row.application_available_in_cloudstorage),
            (row.database_size, row.total_database_size, row.database_available_in_cloudstorage),
        )
        if any(size is not None and size > 0 for size, _, _ in parts):
            seen.sized.add(row.id)
        elif any(size is not None and (total or 0) > 0 and flag is not False for size, total, flag in parts):
            seen.zeros.add(row.id)
        if any(flag is not None for _, _, flag in parts):
            seen.flagged.add(row.id)

    def _shown(self) -> dict[str, bool | None]:
        seen, known = self._seen, self.known
        sized = seen.sized | seen.zeros
        return {
            "sizes": _told(len(sized), len(seen.maybe_complete - sized), known.sizes),
            "flags": _told(len(seen.flagged), len(seen.maybe_complete - seen.flagged), known.flags),
            "shows_status": _told(seen.statuses, seen.without_status, known.shows_status),
            "zeros": not seen.sized and (len(seen.zeros) >= OFTEN or known.zeros),
        }

    @property
    def has_seen_a_name(self) -> bool:
        """Whether this run has seen the key of a backup of ours."""
        return bool(self._seen.named)

    def named(self, key: str, row: Backup) -> None:
        """A row shows the key of a backup of ours."""
        self._seen.named.add(key)
        self._seen.nameless.discard(key)
        digits = max(map(len, marks_in(row.names)), default=KEY_DIGITS)
        self._seen.fewest_digits = min(self._seen.fewest_digits, digits)
        self._set_names()

    def nameless(self, key: str) -> None:
        """An instant backup that the API has accepted shows, and without its key."""
        self._seen.nameless.add(key)
        self._set_names()

    def _set_names(self) -> None:
        # Somebody else's backup may have been taken for one of ours, now and then.
        is_shown = len(self._seen.named) > OFTEN * len(self._seen.nameless)
        names = Names.SHOWN if is_shown else Names.HIDDEN
        self._set(names=names, key_digits=self._seen.fewest_digits)

    def _set(self, **facts: object) -> None:
        self._dialect = self._dialect.model_copy(update=facts)

    def dated(self, row: Backup, sent_at: float) -> None:
        """A row of ours was made when its create was sent: its stamp tells the zone."""
        if row.created_at is None:
            return
        offset = round((row.created_at - datetime.fromtimestamp(sent_at, UTC)).total_seconds())
        offsets = [*self._dialect.offsets, offset][-_KEPT:]
        self._set(offsets=offsets)
        self.offset_is_fresh = True

    def shown(self, seconds: float) -> None:
        """A row was seen so long after its create was sent."""
        shortest = sorted([*self._dialect.shown_within, round(max(0.0, seconds), 1)])[:OFTEN]
        if shortest != self._dialect.shown_within:
            self._set(shown_within=shortest)

    def shown_late(self, seconds: float) -> None:
        """A row was seen so long after its create was answered, and an earlier look had not shown it."""
        if seconds > self._dialect.shows_after:
            self._set(shows_after=round(seconds, 1))

    def first_backup(self, seconds: float) -> None:
        """The first backup of a plan that was accepted was seen so long after it was sent, or due."""
        slowest = max(seconds, self._dialect.first_backup_after or 0.0)
        seen = self._dialect.first_backups_seen + 1
        self._set(first_backup_after=round(slowest, 1), first_backups_seen=seen)

    def first_backup_missed(self) -> None:
        """The first backup of a plan that was accepted has not come, although it had all the time that it may take."""
        self._set(first_backups_missed=self._dialect.first_backups_missed + 1)

    def judged(self, row: Backup, request: BackupRequest, proof: Proof) -> None:
        """A backup was judged: what its word ended as, and what its completeness was inferred from."""
        statuses, patterns = dict(self._dialect.statuses), dict(self._dialect.patterns)
        if (word := folded(row.status)[:_LONGEST_WORD]) in statuses:
            statuses[word] = _ended(proof, statuses[word])
        if proof.inferred and proof.completion is Completion.COMPLETE:
            text = pattern_text(pattern(row, request))
            patterns[text] = patterns.get(text, 0) + 1
        self._set(statuses=statuses, patterns=patterns)

    def answered(self, ahead: float | None, *, limit_headers: bool) -> None:
        """An answer came: how far its `Date` is ahead of this machine's clock, and whether it told the limit."""
        self._set(limit_headers=limit_headers or bool(self._dialect.limit_headers))
        if ahead is not None:
            self._set(clock_error=round(ahead, 1))


def learn_from(learner: Learner, request: Request, answer: object) -> None:
    """Learn from an answer, if it is one of those that teach something."""
    if request.call is Call.LIST_BACKUPS:
        learner.take_page(read_page(request, answer))


def _told(shown: int, silent: int, known: bool | None) -> bool | None:
    """Whether an API shows something: a row that does proves it, and only several that do not contradict it."""
    if shown:
        return True
    if silent >= (1 if known is None else ENOUGH):
        return False
    return known


def _said(speech: Speech) -> str:
    return {Speech.DONE: "complete", Speech.FAILURE: "bad", Speech.WAITING: "pending"}.get(speech, "unknown")


def _ended(proof: Proof, before: str) -> str:
    # What ended badly under a word that does not say so was deleted, has expired or is empty: that is not the word's.
    return "complete" if proof.completion is Completion.COMPLETE else before
