"""What the API has answered the doctor: raw, since the form of a value is part of what is examined."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, reduce

from fleet.dialect.combining import combined
from fleet.dialect.dialect import UNKNOWN, Dialect
from fleet.dialect.learner import Learner
from fleet.doctor.prove.proven import Proven
from fleet.serveravatar.account import Account
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.catalogue import CATALOGUE, normalized
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Call, Page


@dataclass(frozen=True, slots=True)
class Unread:
    """A reading call that failed.

    Attributes:
        call: which.
        words: what came instead; an API message only if it is documented, since others may hold private data.
    """

    call: str
    words: str


def unread(error: ApiError) -> Unread:
    """Describe what came instead of an answer, so that it is safe to publish."""
    known = next((row.message for row in CATALOGUE if normalized(row.message) == normalized(error.message)), "")
    status = f"answered {error.status}" if error.status else "no answer"
    return Unread(error.call, f"{status}{f', {known!r}' if known else ''}")


Listed = Page | Unread | None
"""The first page of a list; None if it was not requested."""


@dataclass(frozen=True)
class Answers:
    """What was answered, and what was known before.

    Attributes:
        account: used for requests; its scheme is the configured one.
        scheme: the token scheme that the API accepted.
        at: when the examination began.
        ahead: for each response with a `Date`, seconds that the API's clock is ahead.
        limits: the rate limits that responses have shown.
        heard: how many responses came.
        organizations: the list of them; None if a fleet file names them.
        backups: the backup list by organization: its first page, and its last if it has more.
        servers: the servers of the one organization that is examined closely; likewise the next four.
        applications: of the organization.
        databases: of the organization.
        providers: of the organization.
        presets: of one of its servers.
        left_out: how many organizations were not examined.
        known: what the ledger knew, by organization.
        sent_names: the names that earlier runs have sent, by key.
        proven: what a real backup has shown.
        learned: what it has shown of the dialect, by organization.
        proof_rows: its row as last seen, by organization.
    """

    account: Account
    scheme: str
    at: datetime
    ahead: tuple[float, ...] = ()
    limits: frozenset[int] = frozenset()
    heard: int = 0
    organizations: Listed = None
    backups: Mapping[int, tuple[Page | Unread, ...]] = field(default_factory=dict)
    servers: Listed = None
    applications: Listed = None
    databases: Listed = None
    providers: Listed = None
    presets: object = None
    left_out: int = 0
    known: Mapping[int, Dialect] = field(default_factory=dict)
    sent_names: Mapping[str, str] = field(default_factory=dict)
    proven: Proven | None = None
    learned: Mapping[int, Dialect] = field(default_factory=dict)
    proof_rows: Mapping[int, Mapping[str, object]] = field(default_factory=dict)

    @cached_property
    def lists(self) -> dict[Call, tuple[Page | Unread, ...]]:
        """Every page that was requested, by call."""
        single = {
            Call.LIST_ORGANIZATIONS: self.organizations,
            Call.LIST_SERVERS: self.servers,
            Call.LIST_APPLICATIONS: self.applications,
            Call.LIST_DATABASES: self.databases,
            Call.LIST_PROVIDERS: self.providers,
        }
        asked = {call: (page,) for call, page in single.items() if page is not None}
        return {**asked, Call.LIST_BACKUPS: tuple(page for pages in self.backups.values() for page in pages)}

    @cached_property
    def raw_rows(self) -> dict[int, list[Mapping[str, object]]]:
        """The rows of backups that were seen, by organization, as they came."""
        rows: dict[int, list[Mapping[str, object]]] = {number: [row] for number, row in self.proof_rows.items()}
        for organization, pages in self.backups.items():
            listed = (row for page in pages if isinstance(page, Page) for row in page.rows)
            rows.setdefault(organization, []).extend(row for row in listed if isinstance(row, Mapping))
        return rows

    @cached_property
    def rows(self) -> list[Mapping[str, object]]:
        """All rows of backups that were seen."""
        return [row for rows in self.raw_rows.values() for row in rows]

    @cached_property
    def read_rows(self) -> dict[int, list[Backup]]:
        """The rows as parsed, by organization."""
        return {organization: read_backups(rows) for organization, rows in self.raw_rows.items()}

    @cached_property
    def now(self) -> Dialect:
        """What was seen now, regardless of what was known."""
        return reduce(combined, self.learned.values(), self._seen_in(self.backups))

    def alone(self, organization: int) -> Dialect:
        """What was seen now in one organization."""
        return combined(self._seen_in([organization]), self.learned.get(organization, UNKNOWN))

    def _seen_in(self, organizations: Iterable[int]) -> Dialect:
        learner = Learner()
        for organization in organizations:
            for page in self.merged(organization):
                learner.take_page(page)
        if self.heard:
            middle = sorted(self.ahead)[len(self.ahead) // 2] if self.ahead else None
            learner.answered(middle, limit_headers=bool(self.limits))
        return learner.dialect

    def merged(self, organization: int) -> list[Page]:
        """The pages of one backup list as one page, since order spans pages; none if it was not read."""
        pages = [page for page in self.backups.get(organization, ()) if isinstance(page, Page)]
        if not pages:
            return []
        first = pages[0]
        rows = [row for page in pages for row in page.rows]
        return [Page(rows, first.number, first.last, first.more, first.total, first.size)]

    @cached_property
    def earlier(self) -> Dialect:
        """What earlier runs have seen, in all organizations."""
        return reduce(combined, self.known.values(), UNKNOWN)
