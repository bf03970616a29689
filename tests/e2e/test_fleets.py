"""Ten fleets of ten accounts in one command: what is out of order stops no other, and is told in one message."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.documents import valid
from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, servers, world
from tests.e2e.processes import FleetBackup, PrefectServer, ask_prefect, wait_until

NAMES = [f"client-{number}" for number in range(10)]
TOKENS = [f"tok-of-client-{number}-{'0123456789abcdef' * 2}" for number in range(10)]
WRONG, BROKEN = 3, 7


def listed(folder: Path, fleet: list[dict[str, Any]]) -> dict[str, Any]:
    """A fleet of one server for each account; one token is wrong, and one fleet file is broken."""
    entries = []
    for number, (name, token, row) in enumerate(zip(NAMES, TOKENS, fleet, strict=True)):
        (folder / name).mkdir()
        file: dict[str, Any] = fleet_file([row])
        if number == BROKEN:
            file["servers"][0]["id"] = "web"
        (folder / name / "fleet.yaml").write_text(json.dumps(file), "utf-8")
        written = folder / name / "token"
        written.touch(mode=0o600)
        written.write_text("tok-that-is-wrong" if number == WRONG else token, "utf-8")
        entries.append({"name": name, "file": str(folder / name / "fleet.yaml"), "token_file": str(written)})
    return {"fleets": entries}


def fleets_told_of(server: PrefectServer, names: list[str]) -> Counter[str]:
    """How many events of a run's end the Prefect server has of each fleet; it stores them a little later."""
    resources = [f"fleet-backup.fleet.{name}" for name in names]
    wanted = {"event": {"prefix": ["fleet-backup.fleet."]}, "resource": {"id": resources}}
    told = ask_prefect("POST", f"{server.url}/events/filter", {"filter": wanted, "limit": 50})["events"]
    return Counter(event["resource"]["prefect.resource.name"] for event in told)


@pytest.mark.long
def test_ten_fleets_of_ten_accounts_of_which_eight_are_whole_and_two_are_told(
    fleet_backup: FleetBackup, start_stranger: StartStranger, prefect_server: PrefectServer, tmp_path: Path
) -> None:
    fleet_backup.tokens.update(TOKENS)
    fleet = servers(10, 2)
    stranger = start_stranger(world(fleet, other_tokens=TOKENS))
    url: dict[str, str | None] = {"SERVERAVATAR_API_URL": stranger.url, "FLEET_BACKUP_METRICS_FOLDER": "."}

    ended = fleet_backup.run("run", "FLEET", "--json", fleet=listed(tmp_path, fleet), environment=url)

    assert ended.exit_code == 6, ended.stderr  # As for one fleet: the gravest, and a token that is refused is that.
    assert ended.report == valid("run-fleets", ended.stdout)
    by_name = {row["fleet"]: row for row in ended.report["fleets"]}
    assert list(by_name) == NAMES
    whole = [name for number, name in enumerate(NAMES) if number not in (WRONG, BROKEN)]
    assert {(by_name[name]["exit_code"], by_name[name]["verdict"]) for name in whole} == {(0, "2 verified")}
    assert (by_name[NAMES[WRONG]]["exit_code"], by_name[NAMES[BROKEN]]["exit_code"]) == (6, 2)
    assert by_name[NAMES[BROKEN]]["report"] is None

    verdict = ended.report["verdict"]
    assert verdict.startswith(f"8 of 10 fleets done; {NAMES[WRONG]}: ")
    token_file = tmp_path / NAMES[WRONG] / "token"
    assert f"(status 401); check the token_file {token_file} (2 not tried); {NAMES[BROKEN]}: fleet.yaml: " in verdict
    assert verdict.endswith("servers[0].id: must be a whole number above 0 (given: 'web')")
    assert verdict in " ".join(ended.stderr.split())

    truth = stranger.truth()
    assert Counter(truth["backups_by_target"].values()) == {1: 16}
    creates = [row for row in truth["requests"] if row["method"] == "POST" and row["status"] == 200]
    callers = {int(row["path"].split("/")[-2]): row["account"] for row in creates}
    accounts = {101 + number: number + 1 for number in range(10) if number not in (WRONG, BROKEN)}
    assert callers == accounts  # Each server by the account that it belongs to.

    run = [name for number, name in enumerate(NAMES) if number != BROKEN]
    kept = {row["key"] for row in prefect_server.rows("artifacts")}
    assert {f"fleet-backup-summary--{name}" for name in run} <= kept
    wait_until(lambda: fleets_told_of(prefect_server, run) == Counter(run), "an event of each fleet", 60)

    metrics = {file.name for file in (ended.home / "work").glob("*.prom")}
    assert metrics == {f"fleet_backup_{name}.prom" for name in run}


def test_what_a_list_of_fleets_cannot_be_is_one_line(fleet_backup: FleetBackup) -> None:
    token = {"SERVERAVATAR_API_TOKEN": "tok-unused-0815"}
    asked = {"fleets": [{"name": "acme", "file": "acme.yaml"}, {"name": "globex", "file": "globex.yaml"}]}
    for arguments, told in (
        (("run", "FLEET", "--limit", "web-1"), "--limit web-1: choose one fleet, too: --limit fleet:acme"),
        (("run", "FLEET", "--limit", "fleet:initech"), "no fleet is called so; there are: acme, globex"),
        (("run", "FLEET", "--failed-from", "r.json"), "--failed-from r.json: with several fleets only `last`"),
        (("check", "FLEET"), "fleet.yaml: lists fleets; one fleet file is needed here: the `file` of one of them"),
        (("audit", "FLEET"), "fleet.yaml: lists fleets; one fleet file is needed here: the `file` of one of them"),
    ):
        ended = fleet_backup.run_here(*arguments, fleet=asked, environment=token)
        assert ended.exit_code == 2
        (line,) = ended.stderr.splitlines()
        assert line.endswith(told)
