"""What the doctor requests: reading calls only, and at most twelve, however large the account.

First the newest backups of each organization, as far as that goes; then one organization closely: the one with the
most backups, since each backup shows more of the API than all other lists.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fleet.dialect.clock import clock_error
from fleet.doctor.answers import Unread, unread
from fleet.serveravatar import wire
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.models import Entry
from fleet.serveravatar.rate_limit.headers import read_headers
from fleet.serveravatar.wire import Page, Request, read_page

MOST_REQUESTS: Final = 12
MOST_ORGANIZATIONS: Final = 4
"""One page of each backup list, and the close examination of one, leave two requests for retries."""


class AskedEnoughError(Exception):
    """The doctor has sent all the requests that it may."""


class Count:
    """Counts requests as they leave, retries included, so that there are never too many."""

    def __init__(self, most: int = MOST_REQUESTS) -> None:
        self.left = most

    async def before(self) -> None:
        """Count one that is about to leave.

        Raises:
            AskedEnoughError: there are none left.
        """
        if self.left <= 0:
            raise AskedEnoughError
        self.left -= 1


@dataclass(slots=True)
class Headers:
    """What response headers have shown."""

    ahead: list[float] = field(default_factory=list)
    limits: set[int] = field(default_factory=set)
    count: int = 0

    def heard(self, headers: Mapping[str, str], came_at: float) -> None:
        """Note those of one response."""
        self.count += 1
        if (error := clock_error(headers, came_at)) is not None:
            self.ahead.append(error)
        if limit := read_headers(headers, came_at).limit:
            self.limits.add(limit)


@dataclass(slots=True)
class Asked:
    """What was answered, as `Answers` has it."""

    organizations: Page | Unread | None = None
    backups: dict[int, tuple[Page | Unread, ...]] = field(default_factory=dict)
    servers: Page | Unread | None = None
    applications: Page | Unread | None = None
    databases: Page | Unread | None = None
    providers: Page | Unread | None = None
    presets: object = None
    left_out: int = 0


Sender = Callable[[Request], Awaitable[Any]]


class Asking:
    """Sends the requests; what cannot be read, or comes too late, stays unknown."""

    def __init__(self, send: Sender) -> None:
        """Prepare.

        Args:
            send: sends a request and returns the JSON of its response; raises `AskedEnoughError` after the last one.
        """
        self._send = send
        self._is_over = False
        self._first_error: ApiError | None = None

    async def ask(self, named: Sequence[int]) -> Asked:
        """Request everything.

        Args:
            named: the organizations of the fleet file; if empty, those of the account.

        Raises:
            ApiUnusableError: the API refuses the token, or nothing could be read.
        """
        asked = Asked()
        organizations = list(named)
        if not named:
            asked.organizations = await self._page(wire.list_organizations())
            organizations = _ids(asked.organizations)
        for organization in organizations[:MOST_ORGANIZATIONS]:
            page = await self._page(wire.list_backups(organization))
            if page is not None:
                asked.backups[organization] = (page,)
        asked.left_out = len(organizations) - len(asked.backups)
        closest = max(asked.backups, key=lambda each: _length(asked.backups[each][0]), default=None)
        if closest is not None:
            await self._examine_closely(closest, asked)
        self._refuse_nothing(asked)
        return asked

    async def _examine_closely(self, organization: int, asked: Asked) -> None:
        first = asked.backups[organization][0]
        asked.servers = await self._page(wire.list_servers(organization))
        if isinstance(first, Page) and first.more:
            last = await self._page(wire.list_backups(organization, first.last or first.number + 1))
            asked.backups[organization] = (first, *([last] if last else []))
        asked.applications = await self._page(wire.list_organization_applications(organization))
        asked.databases = await self._page(wire.list_databases(organization))
        asked.providers = await self._page(wire.list_providers(organization))
        if servers := _ids(asked.servers):
            asked.presets = await self._answer(wire.read_presets(organization, servers[0]))

    def _refuse_nothing(self, asked: Asked) -> None:
        """Refuse an account of which nothing can be read: it has no findings."""
        pages = [asked.organizations, asked.servers, *(page for pages in asked.backups.values() for page in pages)]
        if not any(isinstance(page, Page) for page in pages):
            raise ApiUnusableError(f"nothing could be read: {self._first_error or 'nothing was answered'}")

    async def _page(self, request: Request) -> Page | Unread | None:
        answer = await self._answer(request)
        if answer is None or isinstance(answer, Unread):
            return answer
        try:
            return read_page(request, answer)
        except ApiError:
            return Unread(request.call, "the response holds no list")

    async def _answer(self, request: Request) -> Any:  # noqa: ANN401 - JSON, or what came instead
        if self._is_over:
            return None
        try:
            return await self._send(request)
        except AskedEnoughError:
            self._is_over = True
            return None
        except ApiError as error:
            self._first_error = self._first_error or error
            return unread(error)


def _ids(page: Page | Unread | None) -> list[int]:
    rows = page.rows if isinstance(page, Page) else []
    return [row.id for row in wire.read_rows(Entry, rows)]


def _length(page: Page | Unread) -> int:
    return max(page.total or 0, len(page.rows)) if isinstance(page, Page) else -1
