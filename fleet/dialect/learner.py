"""Learns the dialect of an API from what one run or audit is shown, beginning with what the ledger knew of it.

What this run has seen replaces what was known; what it has not seen stays.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from fleet.dialect.dialect import OFTEN, UNKNOWN, Dialect, Names, Order, pattern_text
from fleet.dialect.forms import forms_of
from fleet.dialect.shown_fields import ShownFields
from fleet.inventory.naming import KEY_DIGITS, marks_in
from fleet.inventory.request import BackupRequest
from fleet.pagination.layout import is_descending
from fleet.proof.completeness import pattern
from fleet.proof.parts import wanted_parts
from fleet.proof.proof import Completion, Proof
from fleet.proof.status_words import StatusMeaning, meaning_of, normalized
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Call, Page, Request, read_page

_OFFSETS_KEPT: Final = 9
_MOST_WORDS: Final = 30
_LONGEST_WORD: Final = 40
_STATUSES: Final[Mapping[StatusMeaning, str]] = {
    StatusMeaning.DONE: "complete",
    StatusMeaning.FAILURE: "bad",
    StatusMeaning.WAITING: "pending",
    StatusMeaning.UNKNOWN: "unknown",
}
"""How a status word is recorded before a backup was seen to end with it."""


class Learner:
    """What an API has shown so far, as a dialect at any time.

    Attributes:
        known: what was known before.
        offset_is_fresh: whether this run has learned the offset of timestamps.
    """

    def __init__(self, known: Dialect = UNKNOWN) -> None:
        self.known = known
        self.offset_is_fresh = False
        self._dialect = known
        self._fields = ShownFields()
        self._orders: set[Order] = set()
        self._named: set[str] = set()
        self._nameless: set[str] = set()
        self._fewest_digits = KEY_DIGITS

    @property
    def dialect(self) -> Dialect:
        """What is known now."""
        return self._dialect

    @property
    def has_seen_a_name(self) -> bool:
        """Whether this run has seen the key of one of our backups."""
        return bool(self._named)

    def take_page(self, page: Page) -> None:
        """Learn from a page of the backup list: its order and form, and what its rows show."""
        rows = read_backups(page.rows)
        self._learn_order([row.id for row in rows])
        size = page.size or self._dialect.page_size
        self._set(totals=page.total is not None, page_size=size, order=self._order())
        forms = {kind: set(known) for kind, known in self._dialect.forms.items()}
        for kind, seen in forms_of(page.rows).items():
            forms[kind] = forms.get(kind, set()) | seen
        self._set(forms={kind: sorted(each) for kind, each in forms.items()})
        for row in rows:
            self._fields.count(row)
        self._set(statuses=self._statuses_with(rows), **self._fields.facts(self.known))

    def _learn_order(self, ids: Sequence[int]) -> None:
        if len(ids) < 2:  # noqa: PLR2004 - one row is in any order
            return
        ascends = is_descending(ids[::-1])
        self._orders.add(Order.NEWEST_FIRST if is_descending(ids) else Order.OLDEST_FIRST if ascends else Order.OTHER)

    def _order(self) -> Order:
        if not self._orders:
            return self.known.order
        return next(iter(self._orders)) if len(self._orders) == 1 else Order.OTHER

    def _statuses_with(self, rows: Iterable[Backup]) -> dict[str, str]:
        statuses = dict(self._dialect.statuses)
        for row in rows:
            word = normalized(row.status)[:_LONGEST_WORD]
            if word and (word in statuses or len(statuses) < _MOST_WORDS):
                statuses.setdefault(word, _STATUSES[meaning_of(row.status)])
        return statuses

    def named(self, key: str, row: Backup) -> None:
        """A row shows the key of one of our backups."""
        self._named.add(key)
        self._nameless.discard(key)
        digits = max(map(len, marks_in(row.names)), default=KEY_DIGITS)
        self._fewest_digits = min(self._fewest_digits, digits)
        self._set_names()

    def nameless(self, key: str) -> None:
        """An accepted instant backup shows, without its key."""
        self._nameless.add(key)
        self._set_names()

    def _set_names(self) -> None:
        # Now and then somebody else's backup may have been taken for one of ours.
        is_shown = len(self._named) > OFTEN * len(self._nameless)
        names = Names.SHOWN if is_shown else Names.HIDDEN
        self._set(names=names, key_digits=self._fewest_digits)

    def _set(self, **facts: object) -> None:
        self._dialect = self._dialect.model_copy(update=facts)

    def dated(self, row: Backup, sent_at: float) -> None:
        """A row was made when its create was sent (epoch seconds): its timestamp shows the time zone."""
        if row.created_at is None:
            return
        offset = round((row.created_at - datetime.fromtimestamp(sent_at, UTC)).total_seconds())
        self._set(offsets=[*self._dialect.offsets, offset][-_OFFSETS_KEPT:])
        self.offset_is_fresh = True

    def shown(self, seconds: float) -> None:
        """A row was seen this many seconds after its create was sent."""
        shortest = sorted([*self._dialect.shown_within, round(max(0.0, seconds), 1)])[:OFTEN]
        if shortest != self._dialect.shown_within:
            self._set(shown_within=shortest)

    def shown_late(self, seconds: float) -> None:
        """A row was seen this many seconds after its create was sent, and an earlier look had not shown it."""
        if seconds > self._dialect.shows_after:
            self._set(shows_after=round(seconds, 1))

    def first_backup(self, seconds: float) -> None:
        """The first backup of an accepted plan was seen this many seconds after the plan was sent, or due."""
        slowest = max(seconds, self._dialect.first_backup_after or 0.0)
        seen = self._dialect.first_backups_seen + 1
        self._set(first_backup_after=round(slowest, 1), first_backups_seen=seen)

    def first_backup_missed(self) -> None:
        """The first backup of an accepted plan has not shown in all the time that it may take."""
        self._set(first_backups_missed=self._dialect.first_backups_missed + 1)

    def judged(self, row: Backup, request: BackupRequest, proof: Proof) -> None:
        """A backup was judged: learn how its status word ended, and what its completeness was inferred from."""
        statuses, patterns = dict(self._dialect.statuses), dict(self._dialect.patterns)
        word = normalized(row.status)[:_LONGEST_WORD]
        # Only success is learned: a failure may be due to a deletion, expiry or empty archive, not to the word.
        if word in statuses and proof.completion is Completion.COMPLETE:
            statuses[word] = "complete"
        if proof.inferred and proof.completion is Completion.COMPLETE:
            text = pattern_text(pattern(row, wanted_parts(request)))
            patterns[text] = patterns.get(text, 0) + 1
        self._set(statuses=statuses, patterns=patterns)

    def answered(self, ahead: float | None, *, limit_headers: bool) -> None:
        """A response came.

        Args:
            ahead: seconds that its `Date` is ahead of this machine's clock; None if it has none.
            limit_headers: whether it announced the rate limit.
        """
        self._set(limit_headers=limit_headers or bool(self._dialect.limit_headers))
        if ahead is not None:
            self._set(clock_error=round(ahead, 1))


def learn_from(learner: Learner, request: Request, answer: object) -> None:
    """Learn from a response, if it is of a call that teaches something."""
    if request.call is Call.LIST_BACKUPS:
        learner.take_page(read_page(request, answer))
