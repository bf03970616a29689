"""From an account without a fleet file to backups of what was made yesterday, by the installed command."""

from typing import Any

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import DEFAULTS, server, servers, world
from tests.e2e.processes import FleetBackup

RULES: dict[str, Any] = {"organization": 5, "defaults": DEFAULTS}


def test_what_discover_prints_passes_check_as_it_is(fleet_backup: FleetBackup, start_stranger: StartStranger) -> None:
    stranger = start_stranger(world([*servers(14, 3), server(200, 0)]))

    printed = fleet_backup.run("discover", stranger=stranger, own_prefect=True)

    assert printed.exit_code == 0, printed.stderr
    assert printed.stderr == ""
    assert "server 200 web-200: no applications" in printed.stdout
    checked = fleet_backup.run_here("check", "FLEET", fleet=printed.stdout, stranger=stranger, own_prefect=True)
    assert checked.exit_code == 0, checked.stderr
    assert "42 planned" in checked.stderr
    assert stranger.creates() == 0


def test_discover_overwrites_nothing(fleet_backup: FleetBackup, start_stranger: StartStranger) -> None:
    stranger = start_stranger(world(servers(1, 1)))
    written = fleet_backup.run("discover", "--output", "found.yaml", stranger=stranger, own_prefect=True)
    assert (written.exit_code, written.stdout) == (0, ""), written.stderr
    assert {file.name for file in (written.home / "work").iterdir()} >= {"found.yaml", "fleet-file.schema.json"}
    asked = len(stranger.truth()["requests"])

    again = fleet_backup.run_here(
        "discover", "--output", "found.yaml", stranger=stranger, own_prefect=True, home=written.home
    )

    assert again.exit_code == 2
    assert again.stderr == "fleet-backup: --output found.yaml: already exists; choose another name\n"
    assert len(stranger.truth()["requests"]) == asked
    assert stranger.token not in (written.home / "work" / "found.yaml").read_text(encoding="utf-8")


def test_a_rule_finds_what_no_file_names(fleet_backup: FleetBackup, start_stranger: StartStranger) -> None:
    stranger = start_stranger(
        world([server(101, 2, tags=["production"]), server(102, 3), server(103, 1, tags=["test"])])
    )
    fleet = {**RULES, "select": [{"servers": {"not": {"tags": "test"}}}]}

    ended = fleet_backup.run("run", "FLEET", fleet=fleet, stranger=stranger)

    assert ended.exit_code == 0, ended.stderr
    assert set(ended.outcomes()) == {10101, 10102, 10201, 10202, 10203}
    assert "the matches of 1 `select` rule" in ended.stderr
    assert "select[0]: 5 applications on 2 servers" in ended.stderr


def test_a_rule_that_matches_nothing_creates_nothing(fleet_backup: FleetBackup, start_stranger: StartStranger) -> None:
    stranger = start_stranger(world(servers(2, 1)))
    fleet = {**RULES, "select": [{}, {"servers": {"name": "nobody-*"}}]}
    for start, command in ((fleet_backup.run_here, "check"), (fleet_backup.run, "run")):
        ended = start(command, "FLEET", fleet=fleet, stranger=stranger)
        assert ended.exit_code == 2
        assert "select[1]: matches no server of organization 5 (allow this with --allow-empty)" in ended.stderr
    assert stranger.creates() == 0
    assert fleet_backup.run_here("check", "FLEET", "--allow-empty", fleet=fleet, stranger=stranger).exit_code == 0


def test_an_api_that_fails_while_rules_are_resolved_is_no_empty_fleet(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    stranger = start_stranger(world(servers(2, 1)))
    wrong = {"SERVERAVATAR_API_TOKEN": "tok-that-is-wrong"}
    fleet = {**RULES, "select": [{}]}
    ended = fleet_backup.run("run", "FLEET", "--allow-empty", fleet=fleet, stranger=stranger, environment=wrong)
    assert ended.exit_code == 6, ended.stderr
    assert ended.targets == []
