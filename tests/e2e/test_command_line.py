"""The command line: help, what it refuses, dry runs and limits."""

from collections.abc import Mapping

import pytest

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, server, servers, world
from tests.e2e.processes import FleetBackup
from tests.e2e.report_contract import assert_keeps_the_contract

RUN_OPTIONS = [
    *("--dry-run", "--limit", "--run-key", "--report", "--json"),
    *("--concurrency", "--no-verify", "--verify-timeout"),
]


def test_help_names_every_command_and_option(fleet_backup: FleetBackup) -> None:
    ended = fleet_backup.run("--help", own_prefect=True)
    assert ended.exit_code == 0
    for command in ("demo", "check", "run", "sandbox", "schema"):
        assert command in ended.stdout
    ended = fleet_backup.run("run", "--help", own_prefect=True)
    assert ended.exit_code == 0
    for option in RUN_OPTIONS:
        assert option in ended.stdout
    assert not list(fleet_backup.folder.rglob("prefect"))


@pytest.mark.parametrize(
    "line",
    [
        ["run"],
        ["run", "FLEET", "--frobnicate"],
        ["run", "FLEET", "--concurrency", "0"],
        ["run", "FLEET", "--concurrency", "many"],
        ["run", "FLEET", "banana"],
        ["run", "FLEET", "101%"],
        ["run", "FLEET", "--verify-timeout", "-1"],
        ["run", "FLEET", "--limit", "no-such-server"],
        ["frobnicate"],
    ],
    ids=" ".join,
)
def test_a_bad_command_line_is_exit_code_2_and_no_request(
    fleet_backup: FleetBackup, start_stranger: StartStranger, line: list[str]
) -> None:
    fleet = servers(1, 1)
    stranger = start_stranger(world(fleet))
    start = fleet_backup.run if "no-such-server" in line else fleet_backup.run_here

    ended = start(*line, fleet=fleet_file(fleet), stranger=stranger, own_prefect=True)

    assert ended.exit_code == 2, ended.stderr
    assert ended.stdout == ""
    assert stranger.truth()["requests"] == []
    assert not (ended.home / "prefect").exists()


@pytest.mark.parametrize(
    ("variables", "word"),
    [
        ({"SERVERAVATAR_API_TOKEN": None}, "SERVERAVATAR_API_TOKEN"),
        ({"SERVERAVATAR_API_TOKEN": ""}, "SERVERAVATAR_API_TOKEN"),
        (
            {"SERVERAVATAR_API_TOKEN": None, "SERVERAVATAR_API_TOKEN_FILE": "/no/such/file"},
            "SERVERAVATAR_API_TOKEN_FILE",
        ),
        ({"SERVERAVATAR_API_URL": "http://api.example.com"}, "SERVERAVATAR_API_URL"),
        ({"SERVERAVATAR_API_URL": "http://127.0.0.1.example.com"}, "SERVERAVATAR_API_URL"),
        ({"SERVERAVATAR_API_URL": "http://localhost@example.com"}, "SERVERAVATAR_API_URL"),
        ({"SERVERAVATAR_API_URL": "ftp://example.com"}, "SERVERAVATAR_API_URL"),
        ({"SERVERAVATAR_AUTH_SCHEME": "basic"}, "SERVERAVATAR_AUTH_SCHEME"),
        ({"SERVERAVATAR_REQUESTS_PER_MINUTE": "none"}, "SERVERAVATAR_REQUESTS_PER_MINUTE"),
    ],
)
def test_settings_that_cannot_be_are_exit_code_2_and_named(
    fleet_backup: FleetBackup,
    start_stranger: StartStranger,
    variables: Mapping[str, str | None],
    word: str,
) -> None:
    fleet = servers(1, 1)
    stranger = start_stranger(world(fleet))
    start = fleet_backup.run if word == "SERVERAVATAR_AUTH_SCHEME" else fleet_backup.run_here

    ended = start("run", "FLEET", fleet=fleet_file(fleet), stranger=stranger, own_prefect=True, environment=variables)

    assert ended.exit_code == 2, ended.stderr
    assert word in ended.stderr
    assert stranger.truth()["requests"] == []
    assert not (ended.home / "prefect").exists()


def test_a_token_may_come_from_a_file_and_be_sent_as_a_bearers(
    fleet_backup: FleetBackup, start_stranger: StartStranger, tmp_path_factory: pytest.TempPathFactory
) -> None:
    fleet = servers(1, 1)
    stranger = start_stranger(world(fleet))
    token = tmp_path_factory.mktemp("secrets") / "token"
    token.write_text(stranger.token + "\n", encoding="utf-8")
    file = {"SERVERAVATAR_API_TOKEN": None, "SERVERAVATAR_API_TOKEN_FILE": str(token)}
    bearer = {"SERVERAVATAR_AUTH_SCHEME": "bearer"}
    for variables in (file, bearer):
        ended = fleet_backup.run("check", "FLEET", fleet=fleet_file(fleet), stranger=stranger, environment=variables)
        assert ended.exit_code == 0, ended.stderr


def test_dry_runs_plan_what_the_limits_leave_and_create_nothing(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = [
        server(101, tags=["production"]),
        server(102, tags=["production", "eu"]),
        server(103, groups=["shops"]),
    ]
    fleet += [server(104, groups=["shops"]), server(105)]
    stranger = start_stranger(world(fleet))
    limits = {
        ("--limit", "tag:production", "--limit", "group:shops", "--limit", "!web-103"): {101, 102, 104},
        ("--limit", "web-102", "--limit", "105"): {102, 105},
        ("--limit", "web-10*", "--limit", "!101", "--limit", "!tag:eu"): {103, 104, 105},
        ("--limit", "!group:shops"): {101, 102, 105},
    }
    file = fleet_file(fleet, groups={"shops": {}})
    running = [
        fleet_backup.start("run", "FLEET", "--dry-run", *limit, fleet=file, stranger=stranger) for limit in limits
    ]

    for under_way, (limit, expected) in zip(running, limits.items(), strict=True):
        ended = under_way.end()
        assert ended.exit_code == 0, ended.stderr
        assert_keeps_the_contract(ended.report or {})
        assert {target["server_id"] for target in ended.targets} == expected, limit
        assert set(ended.outcomes().values()) == {"planned"}
    assert {row["method"] for row in stranger.truth()["requests"]} == {"GET"}
