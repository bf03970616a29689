"""`fleet-backup history`: what the ledger knows, without an API, a token or Prefect."""

import json
from datetime import UTC, datetime
from typing import Any

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, server, world
from tests.e2e.processes import Ended, FleetBackup


def test_history_shows_and_filters_what_the_ledger_knows(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = [server(101, 2), server(102, 2, state="full_unseen")]
    stranger = start_stranger(world(fleet))
    home = fleet_backup.folder / "home"
    run = fleet_backup.run("run", "FLEET", "--run-key", "night", fleet=fleet_file(fleet), stranger=stranger, home=home)
    line = ("run", "FLEET", "--run-key", "noon", "--limit", "101")
    assert fleet_backup.run(*line, fleet=fleet_file(fleet), stranger=stranger, home=home).exit_code == 0

    def history(*filters: str) -> Ended:
        return fleet_backup.run_here("history", *filters, home=home, own_prefect=True)

    def rows(*filters: str) -> list[dict[str, Any]]:
        ended = history(*filters, "--json")
        assert ended.exit_code == 0, ended.stderr
        found: list[dict[str, Any]] = json.loads(ended.stdout)["entries"]
        return found

    known = rows()
    assert sorted((row["run_key"], row["application_id"], row["outcome"]) for row in known) == [
        *[("night", number, "verified") for number in (10101, 10102)],
        *[("night", number, "rejected") for number in (10201, 10202)],
        *[("noon", number, "verified") for number in (10101, 10102)],
    ]
    ids = {target["application_id"]: target["backup_id"] for target in run.targets}
    assert {row["application_id"]: row["backup_id"] for row in rows("--run-key", "night")} == ids
    assert {row["application_id"] for row in rows("--outcome", "rejected")} == {10201, 10202}
    assert {row["server_id"] for row in rows("--server", "web-102")} == {102}
    assert {row["server_id"] for row in rows("--server", "101")} == {101}
    assert len(rows("--since", "1h")) == 6
    assert rows("--since", "2099-01-01") == []
    assert len(rows("--server", "web-*", "--outcome", "verified", "--run-key", "noon")) == 2
    for row in known:
        assert datetime.fromisoformat(row["updated_at"]).astimezone(UTC) <= datetime.now(UTC)

    table = fleet_backup.run("history", home=home, own_prefect=True)
    assert table.exit_code == 0, table.stderr
    for word in ("web-101", "web-102", "shop-2", "verified", "rejected", "night", "noon"):
        assert word in table.stdout
    for wrong in (["--outcome", "splendid"], ["--since", "yesteryear"]):
        refused = history(*wrong)
        assert refused.exit_code == 2
        assert wrong[1] in refused.stderr
