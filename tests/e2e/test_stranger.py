"""The stranger itself: what the acceptance rests on, asked with plain httpx."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import Row, server, servers, world
from tests.e2e.processes import StrangerProcess, end, wait_until

CREATE: Row = {
    "provider": "wasabi",
    "cloud_storage_provider_id": 10,
    "automatic_backup": False,
    "type": "application",
    "application_id": 10101,
    "database_id": 10151,
    "application_extension": ".tar.gz",
    "database_extension": ".sql.gz",
}
O = "/organizations/5"  # noqa: E741 - the API page's own letter


class Client:
    """Calls of a stranger with its token."""

    def __init__(self, stranger: StrangerProcess) -> None:
        self.stranger = stranger
        self.http = httpx.Client(base_url=stranger.url, headers={"Authorization": stranger.token}, timeout=10)

    def get(self, path: str) -> Any:
        return self.http.get(path).raise_for_status().json()

    def create(self, server_id: int = 101, **changes: object) -> httpx.Response:
        body = {field: value for field, value in {**CREATE, **changes}.items() if value != "left out"}
        return self.http.post(f"{O}/servers/{server_id}/backups", json=body)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    fleet = [*servers(13, 1), server(115, state="full"), server(116, state="dead")]
    config = world(fleet, older=11, complete_after_seconds=0)
    made = Client(StrangerProcess.start(tmp_path_factory.mktemp("stranger"), config))
    yield made
    made.http.close()
    end(made.stranger.process)


def test_it_shares_no_code_with_the_product() -> None:
    for path in Path(__file__).parent.glob("stranger*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            roots = {name.split(".")[0] for name in names}
            assert not roots & {"fleet", "tasks", "flows", "deployments", "cli", "sandbox"}, path


def test_lists_come_in_the_vendors_pages_with_all_their_oddities(client: Client) -> None:
    first = client.get(f"{O}/servers?pagination=1")["servers"]
    second = client.get(f"{O}/servers?pagination=1&page=2")["servers"]
    assert [len(first["data"]), len(second["data"]), first["last_page"], first["total"]] == [12, 3, 2, 15]
    assert {repr(row["agent_status"]) for row in first["data"]} == {"'1'", "1", "True"}
    assert "latest_monitor_log" not in first["data"][0]
    assert first["data"][3]["latest_monitor_log"] is None
    assert second["data"][1]["latest_monitor_log"]["disk_usage"] == 99
    assert second["data"][2]["agent_status"] == "0"
    assert client.get(f"{O}/servers/115/usage")["disk"]["usage_in_percentage"] == 99.5
    cut = client.get(f"{O}/applications")["applications"]
    assert len(cut["data"]) == 10
    assert "server_id" not in cut["data"][0]
    assert client.get(f"{O}/servers/101/applications")["applications"]["data"][0]["server_id"] == 101
    assert client.get(f"{O}/databases?pagination=1&page=2")["databases"]["data"][0]["server_id"] == 111
    assert [len(client.get(f"{O}/cloud-storage-providers?page={n}")["data"]) for n in (1, 2, 3)] == [8, 2, 0]
    backups = client.get(f"{O}/backups")
    assert [len(backups["data"]), backups["last_page"]] == [10, 2]
    assert {row["server_id"] is None for row in backups["data"]} == {True, False}


def test_a_create_makes_one_backup_that_the_list_shows_complete(client: Client) -> None:
    answer = client.create(name="mine")
    assert [answer.status_code, answer.json()] == [
        200,
        {"message": "Backup Process has been started successfully!"},
    ]
    newest = client.get(f"{O}/backups")["data"][0]
    assert newest["backup_configuration"]["name"] == "mine"
    assert [newest["status"], newest["application_size"] > 0, newest["database_size"] > 0] == [
        "Completed",
        True,
        True,
    ]
    truth = client.stranger.truth()
    assert truth["backups_by_target"] == {"5/101/application/10101/10151/10/instant": 1}
    assert truth["backups"][0]["id"] == newest["id"]
    assert client.stranger.token not in str(truth)


PLAN: Row = {"automatic_backup": 1, "schedule": "Every Day", "start_backup_from_now": 1}


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        (PLAN, 200, "Backup plan created successfully."),
        ({**PLAN, "name": "mine"}, 422, "name"),
        ({**PLAN, "schedule": "left out"}, 422, "schedule"),
        ({**PLAN, "schedule": "Every Minute"}, 500, "Invalid schedule!"),
        ({**PLAN, "start_backup_from_now": False}, 422, "start_backup"),
        ({**PLAN, "start_backup": "2020-01-01 10:00"}, 500, "Start from choose future date!"),
        ({**PLAN, "start_backup": "2020-01-01"}, 422, "start_backup"),
        ({"retention_period": "1 Year"}, 500, "Invalid retention period!"),
        ({"provider": "serveravatar"}, 422, "retention_period"),
        ({"provider": "gdrive"}, 404, "Cloud storage Provider not found!"),
        ({"application_id": "10101"}, 422, "application_id"),
        ({"application_id": 10201}, 404, "Application not found!"),
        ({"database_id": 10251}, 404, "Database not found!"),
        ({"automatic_backup": "true"}, 422, "automatic_backup"),
        ({"application_extension": "left out"}, 422, "application_extension"),
        ({"type": "database", "application_extension": "left out"}, 200, "Backup Process"),
        ({"type": "database", "database_extension": ".zip"}, 422, "database_extension"),
        ({"server_id": 999}, 404, "Server not found!"),
        ({"server_id": 115}, 500, "enough disk space"),
        ({"server_id": 115, **PLAN, "application_id": 11501, "database_id": None}, 200, "plan created"),
    ],
)
def test_a_create_is_judged_by_the_seed(client: Client, changes: Row, status: int, text: str) -> None:
    if changes.get("server_id") == 115:
        changes = {"application_id": 11501, "database_id": 11551, **changes}
    before = client.stranger.truth()
    answer = client.create(**changes)
    assert answer.status_code == status
    assert text in answer.text
    truth = client.stranger.truth()
    new = {kind: len(truth[kind]) - len(before[kind]) for kind in ("backups", "plans", "violations")}
    plan = bool(status == 200 and changes.get("automatic_backup"))
    assert new == {"backups": int(status == 200), "plans": int(plan), "violations": int(status == 422)}


def test_only_its_token_is_welcome_and_it_can_be_revoked(start_stranger: StartStranger) -> None:
    stranger = start_stranger(world(servers(1, 1), revoke_after_creates=1))
    headers = [{}, {"Authorization": "nonsense"}, {"Authorization": stranger.token}]
    headers += [{"Authorization": f"Bearer {stranger.token}"}]
    statuses = [httpx.get(f"{stranger.url}/organizations", headers=header).status_code for header in headers]
    assert statuses == [401, 401, 200, 200]
    client = Client(stranger)
    assert [client.create().status_code, client.create().status_code] == [200, 401]
    client.http.close()


def test_faults_come_before_or_after_the_work_and_never_too_often(start_stranger: StartStranger) -> None:
    shares = {"500_before": 0.2, "503_before": 0.2, "500_after": 0.2, "503_after": 0.2, "cut_after": 0.2}
    client = Client(start_stranger(world(servers(12, 1), faults=shares, faults_in_a_row=1)))
    made = 0
    for turn in range(12):
        ids = {
            "server_id": 101 + turn,
            "application_id": 10101 + 100 * turn,
            "database_id": 10151 + 100 * turn,
        }
        try:
            client.create(**ids)
        except httpx.RemoteProtocolError:
            made += 1
        assert client.create(**ids).status_code == 200
    truth = client.stranger.truth()
    assert len(truth["faults"]) == 12
    assert set(truth["faults"]) == set(shares)
    assert made == truth["faults"].count("cut_after")
    after = truth["faults"].count("500_after") + truth["faults"].count("503_after") + made
    assert sorted(truth["backups_by_target"].values()) == [1] * (12 - after) + [2] * after
    assert {row["status"] for row in truth["requests"]} == {200, 500, 503, "cut"}
    client.http.close()


def test_its_limit_is_a_fixed_window_that_says_how_long(start_stranger: StartStranger) -> None:
    limit = {"limit": 3, "window_seconds": 1.0, "headers": "all"}
    client = Client(start_stranger(world(servers(1, 1), rate_limit=limit)))
    answers = [client.http.get("/organizations") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[3].headers["retry-after"] == "1"
    wait_until(lambda: client.http.get("/organizations").status_code == 200, "a new window", seconds=10)
    client.http.close()


@pytest.mark.parametrize("order", ["oldest", "newest", "shuffled"])
def test_backups_appear_late_and_in_any_order(start_stranger: StartStranger, order: str) -> None:
    client = Client(start_stranger(world(servers(1, 1), order=order, older=6, appear_after_seconds=3600.0)))
    client.create()
    ids = [row["id"] for row in client.get(f"{O}/backups")["data"]]
    assert len(ids) == 6
    assert {"oldest": ids == sorted(ids), "newest": ids == sorted(ids, reverse=True)}.get(order, True)
    assert (order == "shuffled") == (ids not in (sorted(ids), sorted(ids, reverse=True)))
    client.http.close()


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("configuration", ("before the update", None)),
        ("null", (None, None)),
        ("cut", ("before the u", None)),
        ("top", (None, "before the update")),
        ("absent", (None, None)),
    ],
)
def test_names_are_shown_where_it_was_told(start_stranger: StartStranger, names: str, told: tuple[str, str]) -> None:
    client = Client(start_stranger(world(servers(1, 1), names=names)))
    client.create(name="before the update")
    [row] = client.get(f"{O}/backups")["data"]
    assert ((row.get("backup_configuration") or {}).get("name"), row.get("name")) == told
    assert ("backup_configuration" in row) is (names != "absent")
    assert client.stranger.truth()["backups"][0]["name"] == "before the update"
    client.http.close()


@pytest.mark.parametrize("first", [True, False])
def test_a_plan_that_starts_now_makes_a_backup_or_not(start_stranger: StartStranger, *, first: bool) -> None:
    client = Client(start_stranger(world(servers(1, 1), first_backups=first)))
    assert client.create(**PLAN).status_code == 200
    truth = client.stranger.truth()
    assert (len(truth["plans"]), len(truth["backups"])) == (1, int(first))
    client.http.close()
