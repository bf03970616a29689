"""`fleet-backup doctor`: its exit codes, what it asks for, what it prints where, and what it remembers."""

import asyncio
import io
import json
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from cli import main
from fleet.dialect.dialect import UNKNOWN, Dialect, Names, Order
from fleet.ledger.learned.dialects import read_dialect, save_dialect
from fleet.serveravatar.client import Client
from fleet.serveravatar.retry import RetryPolicy
from fleet.serveravatar.wire import Call, Request
from tests.unit.fleet.doctor.api import DocumentedApi

API = "https://api.serveravatar.com"
FLEET = """
organization: 5
defaults: {provider: wasabi, cloud_storage_provider_id: 10, automatic_backup: false, type: filesystem}
servers:
  - {id: 15, defaults: {application_extension: .tar}, backups: [{application_id: 4246}]}
"""
Doctor = Callable[..., tuple[int, str, str]]


class Server(DocumentedApi):
    """The documented API behind HTTP.

    Attributes:
        authorization: what it takes.
        failing: how often each request is answered 502 before it is answered.
        methods: of all requests.
    """

    def __init__(self) -> None:
        super().__init__()
        self.authorization = "token-1"
        self.failing = 0
        self.methods: list[str] = []
        self.failed: Counter[str] = Counter()

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.methods.append(request.method)
        if request.headers["authorization"] != self.authorization:
            return httpx.Response(401, json={"message": "Unauthenticated."})
        if self.failed[str(request.url)] < self.failing:
            self.failed[str(request.url)] += 1
            return httpx.Response(502, text="<html>Bad Gateway</html>")
        page = int(parse_qs(request.url.query.decode()).get("page", ["1"])[0])
        end = request.url.path.rsplit("/", 1)[-1].replace("cloud-storage-providers", "cloud_storage_providers")
        asked = Request(Call.LIST_BACKUPS, "GET", request.url.path, {"page": page}, list_key=end)
        return httpx.Response(200, json=await self.send(asked), headers={"X-RateLimit-Limit": "60"})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr("cli.account.examination.Client", partial(Client, transport=httpx.MockTransport(server.answer)))
    monkeypatch.setattr("cli.account.examination._PATIENCE", RetryPolicy(attempts=2, base=0.0))
    return server


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


@pytest.fixture
def fleet(tmp_path: Path) -> str:
    file = tmp_path / "fleet.yaml"
    file.write_text(FLEET, "utf-8")
    return str(file)


@pytest.fixture
def doctor(
    server: Server,  # noqa: ARG001 - it is there
    ledger: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Doctor:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SERVERAVATAR_API_TOKEN", "token-1")
    monkeypatch.setenv("FLEET_BACKUP_LEDGER_URL", ledger)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["fleet-backup", "doctor", *arguments])
        with pytest.raises(SystemExit) as ended:
            main.main()
        captured = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, captured.out, captured.err

    return run


def test_a_documented_api_is_as_assumed_and_nothing_is_created(doctor: Doctor, server: Server) -> None:
    code, out, err = doctor()
    assert (code, out) == (0, "")
    assert "everything seen is as assumed" in err
    assert set(server.methods) == {"GET"}
    assert len(server.methods) <= 12


def test_json_alone_is_on_standard_output(doctor: Doctor) -> None:
    code, out, err = doctor("--json")
    report = json.loads(out)
    assert code == report["exit_code"] == 0
    fields = {"schema", "at", "api", "requests", "organizations", "totals", "verdict", "exit_code", "findings"}
    assert set(report) == fields | {"changes", "proof"}
    assert report["schema"] == 1
    assert report["api"] == API
    assert sum(report["totals"].values()) == len(report["findings"])
    each = {"name", "status", "documented", "source", "seen", "earlier", "follows"}
    assert all(set(finding) == each for finding in report["findings"])
    assert "as assumed" in err


def test_what_differs_is_exit_code_7(doctor: Doctor, server: Server) -> None:
    server.lists["backups"].reverse()
    code, out, _ = doctor("--json")
    assert code == 7
    assert json.loads(out)["verdict"].startswith("differs: order of backups")


def test_the_fleet_file_names_the_organizations(doctor: Doctor, server: Server, fleet: str) -> None:
    assert doctor(fleet)[0] == 0
    assert "/organizations" not in server.sent


def test_the_other_way_to_send_the_token_is_tried_once_and_told(doctor: Doctor, server: Server) -> None:
    server.authorization = "Bearer token-1"
    code, out, _ = doctor("--json")
    assert code == 7
    [finding] = [each for each in json.loads(out)["findings"] if each["status"] == "differs"]
    assert (finding["name"], "SERVERAVATAR_AUTH_SCHEME" in finding["follows"]) == ("token", True)
    assert len(server.methods) <= 12


def test_a_token_that_is_refused_either_way_is_exit_code_6(doctor: Doctor, server: Server) -> None:
    server.authorization = "another"
    code, out, err = doctor("--json")
    assert (code, out) == (6, "")
    assert "SERVERAVATAR_API_TOKEN" in err
    assert len(server.methods) == 2


def test_repetitions_count_among_the_twelve(doctor: Doctor, server: Server) -> None:
    server.failing = 1
    code, out, _ = doctor("--json")
    report = json.loads(out)
    assert code == 0
    assert len(server.methods) == report["requests"]["total"] == 12


def test_an_api_that_never_answers_is_exit_code_6(doctor: Doctor, server: Server) -> None:
    server.failing = 100
    assert doctor()[0] == 6
    assert len(server.methods) <= 12


def test_what_was_seen_is_remembered_beside_what_was_known(doctor: Doctor, ledger: str) -> None:
    asyncio.run(save_dialect(ledger, API, 5, Dialect(names=Names.HIDDEN, shows_after=8.0)))
    assert doctor()[0] == 7
    known = asyncio.run(read_dialect(ledger, API, 5))
    assert (known.names, known.shows_after, known.order) == (Names.HIDDEN, 8.0, Order.NEWEST_FIRST)
    assert asyncio.run(read_dialect(ledger, API, 6)) == UNKNOWN


def test_a_ledger_that_cannot_be_used_costs_no_finding_and_its_place_is_not_shown(
    doctor: Doctor, tmp_path: Path
) -> None:
    (tmp_path / "ledger.sqlite").write_text("this is no database" * 100, "utf-8")
    code, _, err = doctor()
    assert code == 0
    assert "the ledger cannot be used" in err
    assert str(tmp_path) not in err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--prove", "4246", "--yes"], "--prove needs the FLEET file"),
        (["FLEET", "--prove", "4247", "--yes"], "has no backup of it"),
        (["FLEET", "--prove", "4246"], "confirm with --yes"),
        (["missing.yaml"], "cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_exit_code_2_and_nothing_is_sent(
    doctor: Doctor, server: Server, fleet: str, monkeypatch: pytest.MonkeyPatch, arguments: list[str], problem: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    code, out, err = doctor(*(fleet if each == "FLEET" else each for each in arguments))
    assert (code, out) == (2, "")
    assert problem in err
    assert server.methods == []


class Person(io.StringIO):
    """Sits at a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("says", ["n", ""])
def test_on_a_terminal_it_asks_and_anything_but_a_yes_sends_nothing(
    doctor: Doctor, server: Server, fleet: str, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    monkeypatch.setattr("sys.stdin", Person(f"{says}\n"))
    code, out, err = doctor(fleet, "--prove", "4246")
    assert (code, out) == (2, "")
    assert "one real instant backup" in err
    assert server.methods == []


@pytest.mark.parametrize("warning", ["Warning: the Prefect server keeps leases in memory.", None])
def test_the_prefect_server_is_looked_at_where_there_is_one(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, warning: str | None
) -> None:
    async def lease_warning() -> str | None:
        return warning

    monkeypatch.setattr("deployments.server.leases.lease_warning", lease_warning)
    assert "Prefect" not in doctor()[2]
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    code, _, err = doctor()
    assert (code, warning in err.splitlines()) == (0, warning is not None)
