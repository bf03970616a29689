"""The sandbox gives every documented answer: each recorded sample is asked for, and compared."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from sandbox.app import running_app
from sandbox.faults.faults import FaultRule
from sandbox.settings import Dialect, SandboxSettings
from sandbox.world.content import SMALL_VOLUME
from sandbox.world.wishes import ServerWish, WorldWish
from sandbox.world.world import build_world

SAMPLES = {path.stem: path for path in sorted((Path(__file__).parent / "samples").glob("*.json"))}
# Answers that the sandbox cannot give, with the reason.
CANNOT = {
    **dict.fromkeys(
        [
            "create-no-content",
            "create-ok-empty-list",
            "create-ok-null-message",
            "create-ok-queued",
            "create-ok-refused",
            "create-ok-success-false",
            "create-ok-went-wrong",
            "ok-message-reading",
            "ok-refused-reading",
            "ok-went-wrong-reading",
            "unauthenticated-ok",
            "unauthenticated-ok-reading",
        ],
        "a fault of the sandbox answers 400 to 599; a 2xx is what it means",
    ),
    **dict.fromkeys(["moved", "moved-reading"], "it is where it is asked"),
    **dict.fromkeys(
        ["forbidden-page", "forbidden-page-reading", "not-found-page-reading", "page-reading"],
        "it has a gateway's pages for 502 and 504 alone",
    ),
}

TOKEN = "sandbox-token"
WEB_1 = ServerWish("web-0001", ("shop", "blog"), ("production",), "Asia/Kolkata")
WEB_2 = ServerWish("web-0002", (), ())
INSTANT = {
    "name": "nightly",
    "provider": "wasabi",
    "cloud_storage_provider_id": 10,
    "automatic_backup": False,
    "type": "application",
    "application_id": 4246,
    "database_id": 4223,
    "application_extension": ".tar.gz",
    "database_extension": ".sql.gz",
}
PLAN = {**INSTANT, "automatic_backup": True, "schedule": "Every Hour", "start_backup_from_now": True}
FILESYSTEM = {name: value for name, value in INSTANT.items() if not name.startswith("database")}
DATABASE = {name: value for name, value in INSTANT.items() if name != "application_extension"}

Step = tuple[str, str, dict[str, Any] | None]
CREATE_PATH = "/organizations/5/servers/15/backups"


def create(body: dict[str, Any]) -> Step:
    return ("POST", CREATE_PATH, body)


def change(server: int, **columns: object) -> Step:
    return ("PATCH", f"/_sandbox/servers/{server}", columns)


@dataclass(frozen=True)
class Preparation:
    """What has to be so before a sample is asked for."""

    steps: tuple[Step, ...] = ()
    faults: tuple[FaultRule, ...] = ()
    servers: tuple[ServerWish, ...] = (WEB_1, WEB_2)
    settings: dict[str, Any] = field(default_factory=dict)
    dialect: Dialect = field(default_factory=Dialect)
    token: str = TOKEN


def answer(status: int, message: str | None = None, call: str = "any") -> Preparation:
    return Preparation(faults=(FaultRule("answer", call=call, status=status, message=message),))


def speaking(dialect: Dialect, steps: tuple[Step, ...] = ()) -> Preparation:
    return Preparation(steps=steps, dialect=dialect)


ONE = (create(INSTANT),)
FULL, AWAY = change(15, disk_used_gb=39.6), change(15, connected=False)
STUCK = (FaultRule("stuck", call="backup"),)
LIMITED: dict[str, Any] = {"requests_per_minute": 1}
RESTORE_ELSEWHERE: Step = (
    "POST",
    "/organizations/5/backups/301/restore-to-another-server",
    {"server_id": 16},
)

PREPARATIONS: dict[str, Preparation] = {
    # create
    "create-disk-full": Preparation(steps=(FULL,)),
    "create-server-not-connected": Preparation(steps=(AWAY,)),
    "create-server-error": answer(500),
    "create-unprocessable-message-only": answer(422, "The provider field is required."),
    **{
        f"create-{name}-not-found-full-stop": speaking(Dialect(full_stops=True))
        for name in ("organization", "server", "application", "provider", "database")
    },
    # the account and the way
    "unauthenticated": Preparation(token="wrong"),
    "unauthenticated-reading": Preparation(token="wrong"),
    "forbidden": answer(403),
    "forbidden-reading": answer(403),
    "forbidden-plan-tier": answer(403, "Please upgrade your plan to use this feature."),
    "too-many-requests": Preparation(steps=ONE, settings=LIMITED),
    "too-many-requests-reading": Preparation(steps=ONE, settings=LIMITED),
    "too-many-requests-bare": Preparation(steps=ONE, settings={**LIMITED, "rate_limit_headers": False}),
    "service-unavailable": answer(503),
    "service-unavailable-reading": answer(503),
    "bad-gateway": answer(502),
    "gateway-timeout": answer(504),
    "server-error-reading": answer(500, call="reading"),
    # reading
    "servers-second-page": Preparation(servers=tuple(ServerWish(f"web-{n:04}", (), ("x",)) for n in range(13))),
    "servers-plain-list": speaking(Dialect(plain_lists=True)),
    "servers-missing-monitor-log": speaking(Dialect(monitor_logs=False)),
    "servers-unknown-fields": speaking(Dialect(unknown_fields=True)),
    "servers-flags-as-numbers": speaking(Dialect(flags="number")),
    "servers-flags-as-booleans": speaking(Dialect(flags="boolean")),
    "server-applications-plain-list": speaking(Dialect(plain_lists=True)),
    "server-applications-flags-as-strings": speaking(Dialect(flags="string")),
    "applications-full-rows": speaking(Dialect(full_application_rows=True)),
    "databases-plain-list": speaking(Dialect(plain_lists=True)),
    "cloud-storage-providers-plain-list": speaking(Dialect(plain_lists=True)),
    # the backup list
    "backups": Preparation(steps=ONE),
    "backups-second-page": Preparation(steps=ONE * 11),
    "backups-plan": Preparation(steps=(create(PLAN),)),
    "backups-pending": Preparation(steps=ONE, faults=(FaultRule("pending", call="backup"),)),
    "backups-in-progress": Preparation(steps=ONE, faults=STUCK),
    "backups-failed": Preparation(steps=ONE, faults=(FaultRule("fail", call="backup"),)),
    "backups-filesystem": Preparation(steps=(create({**FILESYSTEM, "type": "filesystem"}),)),
    "backups-database": Preparation(steps=(create({**DATABASE, "type": "database"}),)),
    "backups-null-server-id": speaking(Dialect(null_server_ids=True), ONE),
    "backups-flags-as-strings": speaking(Dialect(flags="string"), ONE),
    "backups-flags-as-booleans": speaking(Dialect(flags="boolean"), ONE),
    "backups-unknown-fields": speaking(Dialect(unknown_fields=True), ONE),
    "backups-plain-list": speaking(Dialect(plain_lists=True), ONE),
    # the other writing calls
    "update-plan": Preparation(steps=(create(PLAN),)),
    "update-provider-not-found": Preparation(steps=(create(PLAN),)),
    "update-server-error": answer(500, "Something went wrong."),
    "destroy-backups": Preparation(steps=ONE),
    "destroy-failed": answer(500, "Backup deletion process is failed!"),
    "destroy-not-completed": Preparation(steps=ONE, faults=STUCK),
    "restore": Preparation(steps=ONE),
    "restore-not-connected": Preparation(steps=(*ONE, AWAY)),
    "restore-elsewhere": Preparation(steps=ONE),
    "restore-elsewhere-server-not-found": Preparation(steps=ONE),
    "restore-elsewhere-in-progress": Preparation(
        steps=(*ONE, ("POST", "/_sandbox/settle", None), RESTORE_ELSEWHERE),
        settings={"restore_seconds": 3600.0},
    ),
    "restore-elsewhere-disk-full": Preparation(steps=(*ONE, change(16, disk_used_gb=39.6))),
    "restore-elsewhere-not-connected": Preparation(steps=(*ONE, change(16, connected=False))),
    "restore-elsewhere-application-exists": Preparation(steps=ONE, servers=(WEB_1, ServerWish("web-0002", ("shop",)))),
    "download-filesystem": Preparation(steps=ONE),
    "download-database": Preparation(steps=ONE),
}


@pytest.mark.anyio
@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in CANNOT])
async def test_the_sandbox_gives_every_documented_answer(name: str, tmp_path: Path) -> None:
    sample = json.loads(SAMPLES[name].read_text())
    preparation = PREPARATIONS.get(name, Preparation())
    build_world(tmp_path, WorldWish(servers=preparation.servers, volume=SMALL_VOLUME))
    settings = SandboxSettings(
        folder=tmp_path,
        backup_seconds=0.0,
        faults=preparation.faults,
        dialect=preparation.dialect,
        **{"restore_seconds": 0.0, **preparation.settings},
    )
    async with running_app(settings) as app, client(app) as sandbox:
        await prepare(sandbox, preparation)
        sandbox.headers["Authorization"] = preparation.token
        request = sample["request"]
        given = await sandbox.request(request["method"], request["path"], json=request.get("body"))

    assert given.status_code == sample["status"], given.text
    for header, value in sample.get("headers", {}).items():
        assert header in given.headers
        if not header.startswith(("x-ratelimit", "retry")):
            assert given.headers[header].split(";")[0] == value
    if isinstance(sample["body"], str):
        assert given.text == sample["body"]
        return
    body = given.json()
    assert shape(body) == shape(sample["body"])
    if isinstance(body, dict) and "message" in body:
        assert body == sample["body"]


def test_preparations_are_of_samples_that_exist() -> None:
    assert set(PREPARATIONS) | set(CANNOT) <= set(SAMPLES)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (200, "Backup plan created successfully."),
        (200, "Backup Process has been started successfully!"),
        (404, "Organization not found!"),
        (404, "Application not found!"),
        (404, "Cloud storage Provider not found!"),
        (404, "Database not found!"),
        (500, "Invalid schedule!"),
        (500, "Start from choose future date!"),
        (
            500,
            "Instant Backup is failed because you do not have enough disk space available on your server.",
        ),
        (500, "Invalid retention period!"),
        (404, "Server not found!"),
        (500, "Something went really wrong!"),
    ],
)
def test_every_answer_of_the_seed_is_among_the_samples(status: int, message: str) -> None:
    creates = [json.loads(path.read_text()) for path in SAMPLES.values() if path.stem.startswith("create-")]
    from_seed = [sample for sample in creates if sample["source"].startswith("seed: ")]
    assert [sample for sample in from_seed if sample["status"] == status and sample["body"]["message"] == message]


def client(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="https://api.serveravatar.com",
        headers={"Authorization": TOKEN},
    )


async def prepare(sandbox: httpx.AsyncClient, preparation: Preparation) -> None:
    for method, path, body in preparation.steps:
        given = await sandbox.request(method, path, json=body)
        assert given.status_code == 200, given.text
        # One after the other, so that what is asked for does not race with what is under way.
        if path == CREATE_PATH:
            await sandbox.post("/_sandbox/settle")


def shape(body: object) -> object:
    """Keys and types of a JSON value; a list is as its first row, and a number is a number."""
    if isinstance(body, dict):
        return {name: shape(value) for name, value in body.items()}
    if isinstance(body, list):
        return [shape(row) for row in body[:1]]
    if isinstance(body, int | float) and not isinstance(body, bool):
        return "number"
    return type(body).__name__
