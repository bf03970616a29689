"""The sandbox as the API of the acceptance, in whatever dialect: a process of its own, and what is true there."""

import json
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from sandbox.world.world import describe
from tests.e2e.fleets import DEFAULTS, Row
from tests.e2e.processes import ROOT

A_SERVER = 20
"""Applications of one server."""


@dataclass
class SandboxProcess:
    """A running sandbox with a fleet of so many applications.

    Attributes:
        url: where it serves.
        token: that it wants.
        process: its own.
        world: its servers and applications.
        older: the highest id of a backup that was there before.
    """

    url: str
    token: str
    process: "subprocess.Popen[str]"
    world: Row
    older: int = 0

    @classmethod
    def start(cls, folder: Path, targets: int, *dialects: str) -> Self:
        token = f"tok-{secrets.token_hex(16)}"
        token_file = folder / f"token-{secrets.token_hex(4)}"
        token_file.write_text(token, encoding="utf-8")
        place = folder / f"sandbox-{secrets.token_hex(4)}"
        line = [sys.executable, "-m", "sandbox", "--folder", str(place), "--world", "fleet", "--tiny"]
        line += ["--servers", str(-(-targets // A_SERVER)), "--applications-per-server", str(min(targets, A_SERVER))]
        line += ["--requests-per-minute", "0", "--backup-seconds", "0.2", "--end-with-parent"]
        line += ["--token-file", str(token_file)]
        line += [word for dialect in dialects for word in ("--dialect", dialect)]
        process = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        return cls(json.loads(process.stdout.readline())["url"], token, process, describe(place))

    def control(self, method: str, path: str, body: object = None) -> Any:
        """Ask one of its own addresses, which no fault meets."""
        answer = httpx.request(method, f"{self.url}/_sandbox/{path}", json=body, timeout=60, trust_env=False)
        return answer.raise_for_status().json()

    @property
    def environment(self) -> dict[str, str | None]:
        """The variables that make it the API of a run."""
        return {"SERVERAVATAR_API_URL": self.url, "SERVERAVATAR_API_TOKEN": self.token}

    @property
    def applications(self) -> list[Row]:
        """All applications."""
        rows: list[Row] = self.world["applications"]
        return rows

    def fleet(self, *variants: Row) -> Row:
        """A fleet file that asks for a backup of each application, with the variants of the request in turn."""
        of_server: dict[int, list[Row]] = {}
        for number, row in enumerate(self.applications):
            variant = variants[number % len(variants)] if variants else {}
            entry = {"application_id": row["id"], "database_id": row["database_id"], **variant}
            of_server.setdefault(row["server_id"], []).append(entry)
        servers = [{"id": server, "backups": backups} for server, backups in of_server.items()]
        return {"organization": self.world["organization"]["id"], "defaults": DEFAULTS, "servers": servers}

    def fill(self, count: int) -> None:
        """Fill the list with backups of other days, which no run has made."""
        rows = [
            {"application_id": row["id"], "age_seconds": 86400.0 + number, "name": "before"}
            for number, row in enumerate(self.applications[:count])
        ]
        self.control("POST", "backups", rows)
        self.older = max(row["id"] for row in self.control("GET", "backups")["backups"])

    def backups(self, *made_by: str) -> list[Row]:
        """The backups that were made since, by whom; wait until none is under way."""
        self.control("POST", "settle")
        rows: list[Row] = self.control("GET", "backups")["backups"]
        return [row for row in rows if row["id"] > self.older and (not made_by or row["made_by"] in made_by)]

    def made(self, *, automatic: bool = False) -> Counter[int]:
        """How many instant backups the API's clients have made, or plans, by application."""
        if automatic:
            plans: list[Row] = self.control("GET", "plans")["plans"]
            return Counter(row["request"]["application_id"] for row in plans if row["made_by"] == "api")
        return Counter(row["application_id"] for row in self.backups("api") if not row["automatic"])

    def break_creates(self, *rules: Row) -> None:
        """Put fault rules about creates in force, in place of those before."""
        self.control("DELETE", "faults")
        self.control("POST", "faults", [{"kind": "answer", "call": "create", **rule} for rule in rules])

    def fired(self) -> int:
        """How often the rules in force have met a request."""
        return sum(rule["fired"] for rule in self.control("GET", "faults")["faults"])

    def creates(self) -> int:
        """How many creates have come in."""
        return int(self.control("GET", "requests")["by_call"].get("create", 0))

    def requests(self) -> int:
        """How many requests have come in since the last time that this was asked."""
        counted: dict[str, int] = self.control("GET", "requests")["by_call"]
        self.control("DELETE", "requests")
        return sum(counted.values())


def of(targets: Sequence[Row], *outcomes: str) -> list[Row]:
    """The targets of a report that ended so."""
    return [target for target in targets if target["outcome"] in outcomes]
