"""The second night on an API that is not the sandbox: few requests, and the words of the check for what has gone."""

import json
from copy import deepcopy

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import application, fleet_file, servers, world
from tests.e2e.processes import FleetBackup, Options

TARGETS = 60


def test_what_was_verified_is_not_looked_up_and_what_has_gone_since_costs_one_create(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = servers(12, 5)
    stranger = start_stranger(world(fleet, older=5, complete_after_seconds=0))
    asked: Options = {"fleet": fleet_file(fleet), "stranger": stranger, "home": fleet_backup.folder / "home"}
    first, second = (fleet_backup.run("run", "FLEET", **asked) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0), second.stderr
    assert first.report is not None
    assert second.report is not None
    assert second.report["requests"]["total"] <= 1.2 * TARGETS < first.report["requests"]["total"]
    assert second.report["requests"]["least"] == TARGETS + 6 + 1

    changed = deepcopy(fleet)
    gone, moved = changed[0]["applications"].pop(0), changed[1]["applications"][0]
    changed[2]["applications"].append(application(103, 9, with_database=False) | {"database": moved.pop("database")})
    stranger.change(applications={row["id"]: row["applications"] for row in changed})
    creates = stranger.creates()
    third = fleet_backup.run("run", "FLEET", **asked)
    assert third.exit_code == 3
    assert third.report is not None
    assert third.report["totals"] == {"unmet": 2, "verified": TARGETS - 2}
    assert stranger.creates() - creates == TARGETS
    unmet = [target for target in third.report["targets"] if target["outcome"] == "unmet"]
    assert [(target["application_id"], target["sent"]) for target in unmet] == [(gone["id"], True), (moved["id"], True)]
    checked = fleet_backup.run_here("check", "FLEET", "--json", **asked)
    problems = [target["reason"] for target in json.loads(checked.stdout)["targets"] if target["outcome"] == "unmet"]
    assert [target["reason"] for target in unmet] == problems
