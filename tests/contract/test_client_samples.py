"""Every recorded answer, as the client understands it. A new sample must be given its meaning here."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

from fleet.inventory.request import BackupRequest
from fleet.observed.disk_space import free_mb
from fleet.proof.completeness import judge
from fleet.serveravatar import wire
from fleet.serveravatar.answer import WRONG_URL, read_answer
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError
from fleet.serveravatar.models import Application, Backup, Database, Entry, Organization, Server, StorageProvider
from fleet.serveravatar.rate_limit.headers import RateLimitHeaders, read_headers
from fleet.serveravatar.wire import Request, read_disk, read_page, read_rows

SAMPLES = {
    path.stem: json.loads(path.read_text("utf-8")) for path in (Path(__file__).parent / "samples").glob("*.json")
}

WITHOUT_A_CALL = {
    "application",
    "applications",
    "destroy",
    "download",
    "organization",
    "presets",
    "restore",
    "restore_elsewhere",
    "server",
    "summary",
    "unknown",
    "update",
}
"""Calls of the API that the client does not make."""


class Listing(NamedTuple):
    """How a list is asked for, and what its rows are."""

    request: Request
    model: type[Entry]


LISTS = {
    "organizations": Listing(wire.list_organizations(), Organization),
    "servers": Listing(wire.list_servers(5), Server),
    "server_applications": Listing(wire.list_applications(5, 15), Application),
    "databases": Listing(wire.list_databases(5), Database),
    "server_databases": Listing(wire.list_server_databases(5, 15), Database),
    "cloud_storage_providers": Listing(wire.list_providers(5), StorageProvider),
    "backups": Listing(wire.list_backups(5), Backup),
}
CREATE = wire.create_backup(5, 15, {})

WEB_1 = {"id": 15, "name": "web-0001", "agent_status": True, "disk_percent": 28.0, "timezone": "Asia/Kolkata"}
WEB_2 = {"id": 16, "name": "web-0002", "agent_status": False, "disk_percent": 28.0, "timezone": "UTC"}
SHOP = {"id": 4246, "name": "shop", "primary_domain": "shop.example.org", "server_id": 15, "size": 12.5}
BLOG = {"id": 4247, "name": "blog", "primary_domain": "blog.example.org", "server_id": 15, "size": 0.0}
SHOP_DB = {"id": 4223, "name": "shop_db", "server_id": 15, "size": 3.25}
BLOG_DB = {"id": 4224, "name": "blog_db", "server_id": 15, "size": 3.25}
PROVIDERS = [
    {"id": 10, "name": "Wasabi Frankfurt", "provider": "wasabi"},
    {"id": 11, "name": "Team Drive", "provider": "gdrive"},
    {"id": 12, "name": "ServerAvatar Storage", "provider": "serveravatar"},
]


def backup(completion: str, reason: str = "", **fields: Any) -> dict[str, Any]:
    """A row of the backup list, and what it proves for a request of files and database."""
    common = {"id": 301, "backup_config_id": 71, "application_id": 4246, "names": ("nightly",)}
    return common | {"proof": (completion, reason)} | fields


COMPLETE = backup("complete", application_size=4.82, database_size=0.61)

ROWS: dict[str, list[dict[str, Any]]] = {
    "organizations": [{"id": 5, "name": "Demo Hosting"}],
    "servers": [WEB_1, WEB_2],
    "servers-plain-list": [WEB_1, WEB_2],
    "servers-second-page": [WEB_1 | {"id": 27, "name": "web-0013"}],
    "servers-flags-as-booleans": [WEB_1],
    "servers-flags-as-numbers": [WEB_1],
    "servers-unknown-fields": [WEB_1],
    "servers-missing-monitor-log": [WEB_1 | {"disk_percent": None}],
    "server-applications": [SHOP, BLOG],
    "server-applications-plain-list": [SHOP, BLOG],
    "server-applications-flags-as-strings": [SHOP],
    "databases": [SHOP_DB, BLOG_DB],
    "databases-plain-list": [SHOP_DB, BLOG_DB],
    "databases-search": [SHOP_DB],
    "server-databases": [SHOP_DB, BLOG_DB],
    "server-databases-search": [SHOP_DB],
    "cloud-storage-providers": PROVIDERS,
    "cloud-storage-providers-plain-list": PROVIDERS,
    "backups": [COMPLETE],
    "backups-plain-list": [COMPLETE],
    "backups-second-page": [COMPLETE],
    "backups-unknown-fields": [COMPLETE],
    "backups-flags-as-booleans": [COMPLETE],
    "backups-flags-as-strings": [COMPLETE],
    "backups-null-server-id": [COMPLETE],
    "backups-plan": [COMPLETE | {"names": ()}],
    "backups-empty": [],
    "backups-failed": [backup("bad", "the backup ended as 'Failed'")],
    "backups-in-progress": [backup("pending", "its status is 'In Progress'")],
    "backups-pending": [backup("pending", "its status is 'Pending'")],
    "backups-filesystem": [backup("bad", "the backup of the database is empty", database_id=None)],
    "backups-database": [backup("bad", "the backup of the application is empty", database_id=4223)],
}
"""What the rows of each list hold, of what the client looks at."""

INSTANT, PLAN = "Backup Process has been started successfully!", "Backup plan created successfully."
ACCEPTED = {
    "create-instant": INSTANT,
    "create-plan": PLAN,
    "create-flags-as-booleans": PLAN,
    "create-flags-as-strings": PLAN,
    "create-ok-queued": "Backup queued.",
}

NOT_FOUND = {
    f"create-{name}-not-found{stop}": (Meaning.REFUSED, f"{words} not found{mark}")
    for name, words in {
        "application": "Application",
        "database": "Database",
        "organization": "Organization",
        "provider": "Cloud storage Provider",
        "server": "Server",
    }.items()
    for stop, mark in {"": "!", "-full-stop": "."}.items()
}
ERRORS: dict[str, tuple[Meaning, str]] = NOT_FOUND | {
    "create-disk-full": (
        Meaning.REFUSED_FOR_NOW,
        "Instant Backup is failed because you do not have enough disk space available on your server.",
    ),
    "create-invalid-retention-period": (Meaning.REFUSED, "Invalid retention period!"),
    "create-invalid-schedule": (Meaning.REFUSED, "Invalid schedule!"),
    "create-start-not-in-future": (Meaning.REFUSED, "Start from choose future date!"),
    "create-server-error": (Meaning.IN_DOUBT, "Something went really wrong!"),
    "create-server-not-connected": (Meaning.REFUSED_FOR_NOW, "Your server is not connected."),
    "create-unprocessable-empty": (
        Meaning.REFUSED,
        (
            "The provider field is required. (and 4 more errors) [provider: The provider field is required.; "
            "cloud_storage_provider_id: The cloud storage provider id field is required.; automatic_backup: The "
            "automatic backup field is required.; type: The type field is required.; application_id: The "
            "application id field is required.]"
        ),
    ),
    "create-unprocessable-message-only": (Meaning.REFUSED, "The provider field is required."),
    "create-unprocessable-plan": (
        Meaning.REFUSED,
        (
            "The schedule field is required when automatic backup is true. (and 4 more errors) [schedule: The "
            "schedule field is required when automatic backup is true.; retention_period: The retention period "
            "field is required when provider is serveravatar.; start_backup: The start backup field is required "
            "when start backup from now is false.; application_extension: The application extension field is "
            "required when type is application.; database_extension: The database extension field is required "
            "when type is application.]"
        ),
    ),
    "create-unprocessable-type": (
        Meaning.REFUSED,
        (
            "The selected provider is invalid. (and 3 more errors) [provider: The selected provider is invalid.; "
            "automatic_backup: The automatic backup field must be true or false.; type: The selected type is "
            "invalid.; application_id: The application id field must be a number.]"
        ),
    ),
    "forbidden": (Meaning.FORBIDDEN, "This action is unauthorized."),
    "forbidden-reading": (Meaning.FORBIDDEN, "This action is unauthorized."),
    "forbidden-plan-tier": (Meaning.FORBIDDEN, "Please upgrade your plan to use this feature."),
    "forbidden-page": (Meaning.GATEWAY, "the API answered 403 without a message"),
    "forbidden-page-reading": (Meaning.GATEWAY, "the API answered 403 without a message"),
    "not-found-page-reading": (Meaning.GATEWAY, f"the API answered 404 without a message; {WRONG_URL}"),
    "page-reading": (Meaning.IN_DOUBT, f"the API answered 200 with something that is not JSON; {WRONG_URL}"),
    "moved": (Meaning.MOVED, "the API answered 302 and redirects to https://panel.example.org/login"),
    "moved-reading": (
        Meaning.MOVED,
        "the API answered 301 and redirects to https://panel.example.org/organizations/5/backups",
    ),
    "create-ok-refused": (Meaning.IN_DOUBT, "the API answered 200: Server not found!"),
    "create-ok-went-wrong": (Meaning.IN_DOUBT, "the API answered 200: Something went really wrong!"),
    "create-ok-empty-list": (Meaning.IN_DOUBT, "the API answered 200 without a message"),
    "create-ok-null-message": (Meaning.IN_DOUBT, "the API answered 200 without a message"),
    "create-ok-success-false": (Meaning.IN_DOUBT, f"the API answered 200: {INSTANT}"),
    "create-no-content": (
        Meaning.IN_DOUBT,
        f"the API answered 204 with something that is not JSON; {WRONG_URL}",
    ),
    "unauthenticated-ok": (Meaning.TOKEN_REFUSED, "Unauthenticated."),
    "unauthenticated-ok-reading": (Meaning.TOKEN_REFUSED, "Unauthenticated."),
    "ok-refused-reading": (Meaning.REFUSED, "Organization not found!"),
    "ok-went-wrong-reading": (Meaning.IN_DOUBT, "Something went really wrong!"),
    "ok-message-reading": (Meaning.IN_DOUBT, "the API answered 200 without data: Maintenance."),
    "unauthenticated": (Meaning.TOKEN_REFUSED, "Unauthenticated."),
    "unauthenticated-reading": (Meaning.TOKEN_REFUSED, "Unauthenticated."),
    "method-not-allowed": (
        Meaning.REFUSED,
        "The GET method is not supported for route organizations/5/servers/15/backups. Supported methods: POST.",
    ),
    "too-many-requests": (Meaning.RATE_LIMITED, "Too Many Attempts."),
    "too-many-requests-bare": (Meaning.RATE_LIMITED, "Too Many Attempts."),
    "too-many-requests-reading": (Meaning.RATE_LIMITED, "Too Many Attempts."),
    "bad-gateway": (Meaning.GATEWAY, "the API answered 502 without a message"),
    "gateway-timeout": (Meaning.GATEWAY, "the API answered 504 without a message"),
    "service-unavailable": (Meaning.GATEWAY, "Service Unavailable"),
    "service-unavailable-reading": (Meaning.GATEWAY, "Service Unavailable"),
    "server-error-reading": (Meaning.IN_DOUBT, "Something went really wrong!"),
}

HEADERS = {
    "too-many-requests": RateLimitHeaders(limit=60, remaining=0, retry_after=37.0),
    "too-many-requests-reading": RateLimitHeaders(limit=60, remaining=0, retry_after=37.0),
    "rate-limit-headers": RateLimitHeaders(limit=210, remaining=209),
}


def answer_of(name: str) -> Any:
    """What the client makes of a sample's answer."""
    sample = SAMPLES[name]
    body = sample["body"]
    content = body if isinstance(body, str) else json.dumps(body)
    call = CREATE.call if sample["call"] == "create" else LISTS["backups"].request.call
    location = sample.get("headers", {}).get("location", "")
    return read_answer(call, sample["status"], content.encode(), location=location)


def test_every_sample_of_a_call_that_the_client_makes_has_its_meaning_here() -> None:
    concerned = {name for name, sample in SAMPLES.items() if sample["call"] not in WITHOUT_A_CALL}
    assert concerned == ROWS.keys() | ACCEPTED.keys() | ERRORS.keys() | {"usage", "rate-limit-headers"}
    assert concerned
    assert HEADERS.keys() == {name for name, sample in SAMPLES.items() if _rate_limit(sample.get("headers", {}))}


def _rate_limit(headers: dict[str, str]) -> bool:
    return any(name.startswith("x-ratelimit") or name == "retry-after" for name in headers)


@pytest.mark.parametrize(("name", "rows"), ROWS.items(), ids=ROWS)
def test_the_rows_of_a_list(name: str, rows: list[dict[str, Any]]) -> None:
    listing = LISTS[SAMPLES[name]["call"]]
    number = int(parse_qs(urlsplit(SAMPLES[name]["request"]["path"]).query).get("page", ["1"])[0])
    request = Request(
        listing.request.call, "GET", listing.request.path, {"page": number}, list_key=listing.request.list_key
    )
    page = read_page(request, answer_of(name))
    assert not page.more
    read: Sequence[Entry] = read_backups(page.rows) if listing.model is Backup else read_rows(listing.model, page.rows)
    assert [
        {field: PROOFS.get(field, _field)(row, field) for field in row_} for row, row_ in zip(read, rows, strict=True)
    ] == (rows)


def _field(row: Entry, field: str) -> object:
    return getattr(row, field)


def _proof(row: Entry, _field: str) -> tuple[str, str]:
    assert isinstance(row, Backup)
    request = BackupRequest.model_validate(SAMPLES["create-instant"]["request"]["body"])
    proof = judge(row, request)
    return str(proof.completion), proof.reason


PROOFS: dict[str, Callable[[Entry, str], object]] = {"proof": _proof}


@pytest.mark.parametrize(
    ("name", "type_", "completion"),
    [
        ("backups-filesystem", "filesystem", "complete"),
        ("backups-database", "database", "complete"),
        ("backups-filesystem", "database", "bad"),
        ("backups-database", "filesystem", "bad"),
    ],
)
def test_a_backup_of_one_part_is_complete_without_the_other(name: str, type_: str, completion: str) -> None:
    (row,) = read_backups(answer_of(name)["data"])
    request = BackupRequest.model_validate(SAMPLES["create-instant"]["request"]["body"] | {"type": type_})
    assert judge(row, request).completion == completion


def test_the_disk_of_a_server() -> None:
    disk = read_disk(answer_of("usage"))
    assert (disk.total, disk.usage, disk.usage_in_percentage) == (19.32, 5.43, 28.11)
    assert free_mb(disk) == pytest.approx(14223.36)


@pytest.mark.parametrize(("name", "message"), ACCEPTED.items(), ids=ACCEPTED)
def test_an_accepted_create(name: str, message: str) -> None:
    assert answer_of(name) == {"message": message}


@pytest.mark.parametrize(("name", "error"), ERRORS.items(), ids=ERRORS)
def test_an_answer_that_is_no_acceptance(name: str, error: tuple[Meaning, str]) -> None:
    with pytest.raises(ApiError) as caught:
        answer_of(name)
    assert (caught.value.meaning, caught.value.message) == error
    assert caught.value.status == SAMPLES[name]["status"]


@pytest.mark.parametrize(("name", "headers"), HEADERS.items(), ids=HEADERS)
def test_the_headers_of_the_limit(name: str, headers: RateLimitHeaders) -> None:
    assert read_headers(SAMPLES[name]["headers"], 1739272342.0) == headers


# Requests.


@pytest.mark.parametrize("name", ["create-instant", "create-plan", "create-flags-as-booleans"])
def test_a_recorded_create_is_what_the_client_would_send(name: str) -> None:
    recorded = SAMPLES[name]["request"]
    body = BackupRequest.model_validate(recorded["body"]).body()
    sent = wire.create_backup(5, 15, body)
    assert (sent.method, sent.path) == (recorded["method"], recorded["path"])
    assert body == {field: value for field, value in recorded["body"].items() if value is not None}


@pytest.mark.parametrize("name", [*ROWS, "usage"])
def test_a_recorded_reading_call_has_the_path_that_the_client_asks_for(name: str) -> None:
    sample = SAMPLES[name]
    request = wire.server_usage(5, 15) if name == "usage" else LISTS[sample["call"]].request
    assert (request.method, request.path) == (sample["request"]["method"], urlsplit(sample["request"]["path"]).path)
