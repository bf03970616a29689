"""The API without I/O: the request of each call, and the JSON of its response.

Source: the seed document for the create call, the vendor's reading calls for the rest.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from fleet.serveravatar.errors import UnexpectedAnswerError
from fleet.serveravatar.models import Disk, Entry, Server
from fleet.serveravatar.untrusted.numbers import HIGHEST, whole


class Call(StrEnum):
    """The calls that this product uses, as reports and messages name them."""

    LIST_ORGANIZATIONS = "list organizations"
    LIST_SERVERS = "list servers"
    READ_SERVER = "read server"
    SERVER_USAGE = "server usage"
    LIST_APPLICATIONS = "list applications"
    LIST_DATABASES = "list databases"
    LIST_PROVIDERS = "list storage providers"
    LIST_BACKUPS = "list backups"
    READ_PRESETS = "read presets"
    CREATE_BACKUP = "create backup"
    UPDATE_PLAN = "update plan"


REPEATABLE: Final = frozenset(Call) - {Call.CREATE_BACKUP, Call.UPDATE_PLAN}
"""The documented reading calls. Only these may be resent blindly; that a call is a GET proves nothing here."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the API, without the address, the token and the timeouts.

    Attributes:
        call: which of the calls it is.
        method: the HTTP method.
        path: below the API's address.
        query: the parameters in the URL.
        body: the JSON to send, if any.
        list_key: the key that the response may have its list under; empty if it is not a list.
    """

    call: Call
    method: str
    path: str
    query: Mapping[str, int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    list_key: str = ""


def _organization(organization: int) -> str:
    return f"/organizations/{organization}"


def _server(organization: int, server: int) -> str:
    return f"{_organization(organization)}/servers/{server}"


def _list(call: Call, path: str, key: str, page: int, *, pagination: bool = True) -> Request:
    """A page of a list; some of the vendor's lists have pages only with `pagination=1`."""
    return Request(call, "GET", path, {"pagination": 1, "page": page} if pagination else {"page": page}, list_key=key)


def list_organizations(page: int = 1) -> Request:
    """The organizations of the account, all on one page."""
    return _list(Call.LIST_ORGANIZATIONS, "/organizations", "organizations", page, pagination=False)


def list_servers(organization: int, page: int = 1) -> Request:
    """The servers of an organization, 12 a page."""
    return _list(Call.LIST_SERVERS, f"{_organization(organization)}/servers", "servers", page)


def read_server(organization: int, server: int) -> Request:
    """One server."""
    return Request(Call.READ_SERVER, "GET", _server(organization, server))


def server_usage(organization: int, server: int) -> Request:
    """The current disk and memory usage of a server."""
    return Request(Call.SERVER_USAGE, "GET", f"{_server(organization, server)}/usage")


def list_applications(organization: int, server: int, page: int = 1) -> Request:
    """The applications of a server, 10 a page."""
    path = f"{_server(organization, server)}/applications"
    return _list(Call.LIST_APPLICATIONS, path, "applications", page, pagination=False)


def list_organization_applications(organization: int, page: int = 1) -> Request:
    """The applications of an organization, 10 a page; whether a row has its `server_id` is undocumented."""
    path = f"{_organization(organization)}/applications"
    return _list(Call.LIST_APPLICATIONS, path, "applications", page, pagination=False)


def list_databases(organization: int, page: int = 1) -> Request:
    """The databases of an organization with their `server_id`, 10 a page."""
    return _list(Call.LIST_DATABASES, f"{_organization(organization)}/databases", "databases", page)


def list_server_databases(organization: int, server: int, page: int = 1) -> Request:
    """The databases of a server, 10 a page."""
    return _list(Call.LIST_DATABASES, f"{_server(organization, server)}/databases", "databases", page)


def list_providers(organization: int, page: int = 1) -> Request:
    """The cloud storage providers of an organization, 8 a page."""
    path = f"{_organization(organization)}/cloud-storage-providers"
    return _list(Call.LIST_PROVIDERS, path, "cloud_storage_providers", page)


def list_backups(organization: int, page: int = 1) -> Request:
    """The backups of an organization, 10 a page, in an undocumented order."""
    path = f"{_organization(organization)}/backups"
    return _list(Call.LIST_BACKUPS, path, "backups", page, pagination=False)


def read_presets(organization: int, server: int) -> Request:
    """The schedules and retention periods that the API offers for a server."""
    return Request(Call.READ_PRESETS, "GET", f"{_server(organization, server)}/backups/presets")


def create_backup(organization: int, server: int, body: Mapping[str, Any]) -> Request:
    """Create a backup: the seed document's call."""
    return Request(Call.CREATE_BACKUP, "POST", f"{_server(organization, server)}/backups", body=body)


def update_plan(organization: int, server: int, plan: int, body: Mapping[str, Any]) -> Request:
    """Change an automatic plan; the fields are those of create."""
    return Request(Call.UPDATE_PLAN, "PATCH", f"{_server(organization, server)}/backups/{plan}", body=body)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list.

    Attributes:
        rows: the entries as they came.
        number: of this page, from 1.
        last: number of the last page, if known.
        more: whether another page follows.
        total: number of entries of the whole list, if known.
        size: number of entries of a full page, if known.
    """

    rows: list[Any]
    number: int = 1
    last: int | None = None
    more: bool = False
    total: int | None = None
    size: int | None = None


def read_page(request: Request, value: Any) -> Page:  # noqa: ANN401 - JSON of any shape
    """Read a page of a list: a Laravel page, bare or under its key, or a plain list, bare or under its key.

    Args:
        request: the request for the page.
        value: the JSON of the response.

    Raises:
        UnexpectedAnswerError: there is no list in it.
    """
    if isinstance(value, dict) and request.list_key in value:
        value = value[request.list_key]
    if isinstance(value, list):
        return Page(value)
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        raise UnexpectedAnswerError(request.call, "the API's response has no list")
    rows, last, number = value["data"], _count(value.get("last_page")), request.query["page"]
    more = number < last if last is not None else bool(value.get("next_page_url"))
    size = _count(value.get("per_page")) or (len(rows) if more else None)
    return Page(rows, number, last, more=more and bool(rows), total=_count(value.get("total")), size=size)


def _count(value: object) -> int | None:
    if isinstance(value, str):
        return whole(value)
    return int(value) if isinstance(value, int) and abs(value) <= HIGHEST else None


Row = TypeVar("Row", bound=Entry)


def read_rows(model: type[Row], rows: Iterable[object]) -> list[Row]:
    """Read the entries of a list; an entry without an id matches no target and is left out."""
    read: list[Row] = []
    adapter = TypeAdapter(model)
    for row in rows:
        with suppress(ValidationError):
            read.append(adapter.validate_python(row))
    return read


def read_server_row(value: object) -> Server | None:
    """Read the response about one server; None if there is none in it."""
    rows = read_rows(Server, [value.get("server")] if isinstance(value, dict) else [])
    return rows[0] if rows else None


def read_disk(value: object) -> Disk:
    """Read the disk from a server's `usage`; what is missing is unknown."""
    disk = value.get("disk") if isinstance(value, dict) else None
    return TypeAdapter(Disk).validate_python(disk if isinstance(disk, dict) else {})
