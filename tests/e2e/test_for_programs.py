"""What programs read: each command's `--json` fits its schema in the docs, and its `--csv` is a table of the same."""

import csv
import io

from tests.documents import valid
from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, server, world
from tests.e2e.processes import Ended, FleetBackup


def rows(ended: Ended) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(ended.stdout)))


def test_every_report_fits_its_schema_and_every_table_is_csv_too(
    fleet_backup: FleetBackup, start_stranger: StartStranger
) -> None:
    fleet = [server(101, 1), server(102, 1, state="full")]
    stranger = start_stranger(world(fleet))
    home = fleet_backup.folder / "home"

    def ran(*line: str) -> Ended:
        start = fleet_backup.run if line[0] == "run" else fleet_backup.run_here
        ended = start(*line, fleet=fleet_file(fleet), stranger=stranger, home=home, own_prefect=line[0] != "run")
        assert ended.exit_code in {0, 3, 7}, ended.stderr
        return ended

    checked = ran("check", "FLEET", "--json")
    report = valid("check", checked.stdout)
    assert (checked.exit_code, report["exit_code"]) == (3, 3)
    assert report["verdict"] in checked.stderr
    assert {each["server_id"]: each["outcome"] for each in report["targets"]} == {101: "planned", 102: "unmet"}
    assert stranger.creates() == 0
    tables = {"plan": "targets", "audit": "targets", "history": "entries"}
    assert [each["action"] for each in valid("plan", ran("plan", "FLEET", "--json").stdout)["targets"]] == [
        "create",
        "refuse",
    ]
    assert [each["action"] for each in rows(ran("plan", "FLEET", "--csv"))] == ["create", "refuse"]
    ended = valid("run", ran("run", "FLEET", "--json").stdout)
    assert sorted(each["outcome"] for each in ended["targets"]) == ["unmet", "verified"]
    again = rows(ran("run", "FLEET", "--csv", "--run-key", ended["run_key"]))
    assert {each["server_id"]: each["outcome"] for each in again} == {"101": "verified", "102": "unmet"}
    for command, table in tables.items():
        line = (command,) if command == "history" else (command, "FLEET")
        found = valid(command, ran(*line, "--json").stdout)[table]
        assert found
        assert [each["server"] for each in rows(ran(*line, "--csv"))] == [each["server"] for each in found]
    findings = valid("doctor", ran("doctor", "FLEET", "--json").stdout)["findings"]
    assert [each["name"] for each in rows(ran("doctor", "FLEET", "--csv"))] == [each["name"] for each in findings]
