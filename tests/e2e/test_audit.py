"""The audit of issue 6: all that is not backed up as it should be is named, and nothing else, for few requests."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.world.world import build_fleet_world, describe

HOUR = 3600.0
NIGHTS = 7
"""Backups of each application in the list: one a night."""
MAX_AGE, MAX_SHRINK = "26h", "50%"

Row = dict[str, Any]


class Fleet:
    """40 servers and 400 applications on a sandbox, and the fleet file of most of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        build_fleet_world(folder / "sandbox", servers=40, applications_per_server=10, tiny=True)
        self.world = describe(folder / "sandbox")
        ids = [row["id"] for row in self.world["applications"]]
        self.uncovered, self.failed, self.stale = set(ids[::60][:7]), set(ids[5::70][:5]), set(ids[7::90][:3])
        self.shrunk, self.muted = set(ids[11::130][:2]), {ids[13]}
        assert len(self.uncovered | self.failed | self.stale | self.shrunk | self.muted) == 18
        command = [sys.executable, "-m", "sandbox", "--folder", str(folder / "sandbox"), "--requests-per-minute", "0"]
        self.sandbox = subprocess.Popen([*command, "--end-with-parent"], stdout=subprocess.PIPE)
        assert self.sandbox.stdout is not None
        self.url = json.loads(self.sandbox.stdout.readline())["url"]

    def stop(self) -> None:
        self.sandbox.terminate()
        self.sandbox.communicate()

    def seed(self, backups: list[Row]) -> None:
        httpx.post(f"{self.url}/_sandbox/backups", json=backups, timeout=60).raise_for_status()

    def nights(self) -> list[Row]:
        """What the nights have left in the list."""
        rows: list[Row] = []
        for row in self.world["applications"]:
            number = row["id"]
            for night in range(NIGHTS):
                if number in self.uncovered or (number in self.stale | self.muted and night < 2):
                    continue
                backup = {"application_id": number, "age_seconds": HOUR * (3 + 24 * night)}
                if number in self.failed:
                    backup["status"] = "Failed"
                if number in self.shrunk and night == 0:
                    backup["megabytes"] = 1.0
                rows.append(backup)
        return rows

    def write(self, *, without: set[int]) -> None:
        """Write the fleet file, JSON being YAML."""
        of_server: defaultdict[int, list[Row]] = defaultdict(list)
        for row in self.world["applications"]:
            if row["id"] not in without:
                mute = {"muted": {"reason": "moves to another panel", "until": "2999-12-31"}}
                expect = {"expect": mute} if row["id"] in self.muted else {}
                wanted = {"application_id": row["id"], "database_id": row["database_id"], **expect}
                of_server[row["server_id"]].append(wanted)
        defaults = {"provider": "wasabi", "cloud_storage_provider_id": 10, "automatic_backup": False}
        defaults |= {"type": "application", "application_extension": ".tar.gz", "database_extension": ".sql.gz"}
        defaults |= {"expect": {"max_age": MAX_AGE, "max_shrink": MAX_SHRINK}}
        servers = [{"id": number, "backups": backups} for number, backups in of_server.items()]
        file = {"organization": 5, "defaults": defaults, "servers": servers}
        (self.folder / "fleet.yaml").write_text(json.dumps(file), "utf-8")

    def audit(self, *options: str) -> tuple[int, Row, str]:
        """Exit code, report and what was shown; in a process, as people start it."""
        others = {name: value for name, value in os.environ.items() if not name.startswith(("SERVER", "FLEET"))}
        ours = {
            "SERVERAVATAR_API_URL": self.url,
            "SERVERAVATAR_API_TOKEN": "sandbox-token",
            "SERVERAVATAR_REQUESTS_PER_MINUTE": "100000",
            "FLEET_BACKUP_LEDGER_URL": f"sqlite:///{self.folder / 'ledger.sqlite'}",
            "FLEET_BACKUP_PAGE_FOLDER": str(self.folder / "page"),
        }
        command = [sys.executable, "-m", "cli", "audit", str(self.folder / "fleet.yaml"), "--json", *options]
        ended = subprocess.run(command, env=others | ours, capture_output=True, text=True, check=False)
        assert ended.stdout, ended.stderr
        return ended.returncode, json.loads(ended.stdout), ended.stderr

    def page(self) -> str:
        """The first line of the status page."""
        index = (self.folder / "page" / "index.html").read_text("utf-8")
        return index.partition("<title>Backups: ")[2].partition("</title>")[0]


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    made = Fleet(tmp_path)
    yield made
    made.stop()


def by_status(report: Row, kind: str = "application_id") -> dict[str, set[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for target in report["targets"]:
        if target["status"] != "fine" and target[kind] is not None:
            found[target["status"]].add(target[kind])
    return dict(found)


def test_the_audit_names_exactly_what_is_wrong_and_the_next_one_reads_only_what_is_new(fleet: Fleet) -> None:
    fleet.seed(fleet.nights())
    fleet.write(without=fleet.uncovered)
    exit_code, report, shown = fleet.audit()
    assert exit_code == report["exit_code"] == 7
    assert by_status(report) == {
        "uncovered": fleet.uncovered,
        "unproven": fleet.failed,
        "stale": fleet.stale,
        "shrunk": fleet.shrunk,
        "muted": fleet.muted,
    }
    # A sandbox's application has a database of its own, which nothing wants either.
    assert report["totals"] == {"uncovered": 14, "unproven": 5, "stale": 3, "shrunk": 2, "muted": 1, "fine": 382}
    assert "14 uncovered, 5 unproven, 3 stale" in shown
    # The good backups of those whose last one failed are 27 hours old; of what has shrunk, the age is well.
    muted = "1 muted site is not counted."
    assert fleet.page() == f"384 of 406 sites have a good backup younger than 26 h; 22 do not. {muted}"
    listed = len(fleet.nights())
    pages = 4 + 40 + 40 + -(-listed // 10)
    assert report["requests"]["total"] <= pages + 5
    first = report["requests"]["by_call"]["list backups"]

    mended = fleet.uncovered | fleet.failed | fleet.stale | fleet.shrunk
    fleet.seed([{"application_id": number, "age_seconds": 60} for number in sorted(mended)])
    fleet.write(without=set())
    exit_code, report, _ = fleet.audit()
    assert (exit_code, report["totals"]) == (0, {"muted": 1, "fine": 399})
    assert fleet.page() == f"All 399 sites have a good backup younger than 26 h. {muted}"
    assert report["requests"]["by_call"]["list backups"] < first / 10
